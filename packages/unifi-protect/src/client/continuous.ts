import { type Gap, intersect, isCamError, type Recording, type TimeWindow, union } from '@cam/download-core/source'
import { clocksDisagree, noOldest } from '../failures/index.ts'
import type { Edges, ProtectCamera } from '../wire/camera.ts'
import { oldest } from './emptiness.ts'
import { listEvents, spanOf } from './events.ts'
import { channelQuery, edgesOf, gap, type Kind, type Listed, type Reading, streamOf } from './reading.ts'
import { cut, iso, pieceId, reach } from './segments.ts'

/** How far a piece may be shorter than asked: it is cut at key frames, and the last seconds may be in the next one. */
export const toleranceMs = 10_000

/** What a camera on motion only writes down. PROTOCOL.md §3.4. */
const recordedTypes = [
  'motion',
  'ring',
  'smartDetectZone',
  'smartDetectLine',
  'smartDetectLoiterZone',
  'smartAudioDetect',
]

/** Everything recorded, cut on the UTC time line. */
export function continuous(reading: Reading): Kind {
  const { settings, list, exporter } = reading
  const { channel, clock, segmentMs, settleMs, address } = settings

  async function* recordings(id: string, asked: TimeWindow | undefined, signal: AbortSignal): Listed {
    const camera = await list.camera(id, signal)
    const now = clock.now()
    const edges = edgesOf(camera, channel)
    const whole = asked ?? everything({ address, camera }, edges, now)
    if (!whole) return
    if (!edges) return yield gap(camera, whole, { outcome: 'absent', reason: 'This camera has no package camera.' })
    if (edges === 'none') return yield gap(camera, whole, { outcome: 'absent', reason: noFootage })
    // A whole second: the moment becomes part of an id.
    const settled = Math.floor((now - settleMs) / 1000) * 1000
    const { expired, there, growing } = reach(whole, edges.start, settled)
    if (expired) yield gap(camera, expired, { outcome: 'expired', reason: oldest(edges.start!) })
    if (there) yield* pieces(camera, edges, there, await expectedFootage(reading, camera, there, now, signal))
    if (growing) {
      const reason = growing.start >= now ? notRecordedYet : stillRecorded
      const still = gap(camera, growing, { outcome: 'pending', reason })
      yield { ...still, askAgainAfterMs: settleMs } satisfies Gap
    }
  }

  function* pieces(
    camera: ProtectCamera,
    edges: Exclude<Edges, 'none'>,
    there: TimeWindow,
    expected: readonly TimeWindow[] | undefined,
  ): Generator<Recording> {
    const { width, height } = streamOf(camera, channel) ?? {}
    for (const window of cut(there, segmentMs)) {
      const low = edges.highFrom !== undefined && window.end <= edges.highFrom
      yield {
        id: pieceId(window),
        cameraId: camera.id,
        window,
        windowFrom: 'asked',
        extension: 'mp4',
        resume: 'never',
        expect: {
          toleranceMs,
          ...(width !== undefined && { width }),
          ...(height !== undefined && { height }),
          ...(expected && { windows: intersect([window], expected) }),
        },
        facts: { channel, quality: low ? 'low' : 'high' },
      }
    }
  }

  return {
    name: '',
    identity: 'window',
    recordings: (camera, window, { signal }) => recordings(camera.id, window, signal),
    open: (recording, _, call) =>
      exporter.open(
        recording,
        {
          query: channelQuery(channel),
          representation: 'export',
          edgesOf: (camera) => edgesOf(camera, channel),
        },
        call,
      ),
  }
}

/** Of a camera whose age the console states as nothing. */
export const noFootage = 'The console has no footage of this camera.'
const notRecordedYet = 'This time has not come yet.'
const stillRecorded = 'Still being recorded; the console writes it down with a delay.'

/** Two clocks differ by a little, always. */
const clocksDifferMs = 5 * 60_000

/** Without a window: all there is; undefined where there is nothing. Throws UnavailableError where nobody can say what that is. */
export function everything(
  about: { readonly address: string; readonly camera: ProtectCamera },
  edges: Edges | undefined,
  now: number,
): TimeWindow | undefined {
  const known = edges ?? about.camera.edges
  if (known === 'none') return undefined
  if (known.start === undefined) throw noOldest(about)
  if (known.start > now + clocksDifferMs) throw clocksDisagree(about, iso(known.start), iso(now))
  return known.start < now ? { start: known.start, end: now } : undefined
}

/**
 * Where a camera that does not record always should have footage, by the console's list of events; undefined for one that
 * does. Only a help: where the list cannot be had, any gap is as likely as any other.
 */
async function expectedFootage(
  { session, settings }: Reading,
  camera: ProtectCamera,
  window: TimeWindow,
  now: number,
  signal: AbortSignal,
): Promise<readonly TimeWindow[] | undefined> {
  if (camera.mode === undefined || camera.mode === 'always') return undefined
  const { beforeMs, afterMs } = camera.padding
  const query = {
    start: window.start - afterMs,
    end: window.end + beforeMs,
    types: recordedTypes,
    cameraId: camera.id,
    now,
  }
  const found: TimeWindow[] = []
  try {
    for await (const event of listEvents(session, settings.address, query, signal)) {
      const { start, end } = spanOf(event, now)
      found.push({ start: start - beforeMs, end: end + afterMs })
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!isCamError(error) || error.stops === 'run') throw error
    return []
  }
  return intersect([window], union(found))
}
