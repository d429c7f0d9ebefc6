import type { Call, Camera, Gap, Recording, TimeWindow } from '@cam/download-core/source'
import { noOldest } from '../failures/index.ts'
import type { TimelapseSpeed } from '../options.ts'
import { oldest } from './emptiness.ts'
import { channelQuery, gap, type Kind, type Listed, type Reading } from './reading.ts'
import { cut, pieceId, reach } from './segments.ts'

const dayMs = 24 * 3_600_000

/** What a console wants for each speed. PROTOCOL.md §3.5. */
const fpsOf: Readonly<Record<TimelapseSpeed, number>> = { 60: 4, 120: 8, 300: 20, 600: 40 }

/** A day of time lapse in each file. */
export function timelapse({ settings, list, exporter }: Reading): Kind {
  const { speed, clock, settleMs, channel, address } = settings

  async function* recordings({ id }: Camera, asked: TimeWindow | undefined, { signal }: Call): Listed {
    const camera = await list.camera(id, signal)
    const edges = camera.timelapse
    const now = clock.now()
    if (edges === 'none') {
      if (asked)
        yield gap(camera, asked, { outcome: 'absent', reason: 'The console keeps no time lapse of this camera.' })
      return
    }
    const whole =
      asked ?? (edges.start === undefined ? undefined : { start: edges.start, end: Math.max(now, edges.start + 1) })
    if (!whole) throw noOldest({ address, camera })
    const settled = Math.floor(Math.min(edges.end ?? now, now - settleMs) / 1000) * 1000
    const { expired, there, growing } = reach(whole, edges.start, settled)
    if (expired) yield gap(camera, expired, { outcome: 'expired', reason: oldest(edges.start!) })
    for (const window of there ? cut(there, dayMs) : []) {
      const durationMs = Math.round((window.end - window.start) / speed)
      yield {
        id: pieceId(window),
        cameraId: id,
        window,
        windowFrom: 'asked',
        extension: 'mp4',
        resume: 'never',
        // A camera that was off for a part of the day has less: only one that always records must have half of it.
        expect: { durationMs, toleranceMs: camera.mode === 'always' ? Math.round(durationMs / 2) : durationMs },
        facts: { channel, speed },
      } satisfies Recording
    }
    if (growing) {
      const still = gap(camera, growing, {
        outcome: 'pending',
        reason: 'The console has not made this time lapse yet.',
      })
      yield { ...still, askAgainAfterMs: settleMs } satisfies Gap
    }
  }

  return {
    name: `timelapse-${speed}x`,
    identity: 'window',
    recordings,
    open: (recording, _, call) =>
      exporter.open(
        recording,
        {
          query: { ...channelQuery(channel), type: 'timelapse', fps: fpsOf[speed] },
          representation: `timelapse/${speed}`,
          edgesOf: (camera) => camera.timelapse,
        },
        call,
      ),
  }
}
