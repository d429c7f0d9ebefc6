import type { Call, Camera, Recording, TimeWindow } from '@cam/download-core/source'
import type { ProtectCamera } from '../wire/camera.ts'
import { kindOf, type ProtectEvent } from '../wire/event.ts'
import { present } from '../wire/fields.ts'
import { everything, noFootage, toleranceMs } from './continuous.ts'
import { oldest } from './emptiness.ts'
import { listEvents, spanOf } from './events.ts'
import { channelQuery, edgesOf, gap, type Kind, type Listed, type Reading, streamOf } from './reading.ts'
import { reach } from './segments.ts'

/** An event that was never closed is taken for over after so long, and nothing that is longer is believed. */
const longestMs = 24 * 3_600_000
/** What is taken of an event that was never closed. */
const unclosedMs = 3_600_000

/** A clip for each event. */
export function clips(reading: Reading): Kind {
  const { settings, session, list, exporter } = reading
  const { channel, clock, address, events } = settings

  async function* recordings({ id }: Camera, asked: TimeWindow | undefined, { signal }: Call): Listed {
    const camera = await list.camera(id, signal)
    const now = clock.now()
    const edges = edgesOf(camera, channel)
    const whole = asked ?? everything({ address, camera }, edges, now)
    if (!whole) return
    if (!edges) return yield gap(camera, whole, { outcome: 'absent', reason: 'This camera has no package camera.' })
    if (edges === 'none') return yield gap(camera, whole, { outcome: 'absent', reason: noFootage })
    const { expired, there, growing } = reach(whole, edges.start, now)
    if (expired) yield gap(camera, expired, { outcome: 'expired', reason: oldest(edges.start!) })
    const window = there ?? growing
    if (!window) return
    const query = { ...window, types: events.types, smartTypes: events.smartTypes, cameraId: id, now }
    for await (const event of listEvents(session, address, query, signal)) yield* clipsOf(event, camera, now)
  }

  function* clipsOf(event: ProtectEvent, camera: ProtectCamera, now: number): Generator<Recording> {
    const { paddingMs } = events
    const unclosed = event.end === undefined && now - event.start > longestMs
    const span = spanOf(unclosed ? { ...event, end: event.start + unclosedMs } : event, now)
    const end = Math.min(span.end, span.start + longestMs)
    // One that goes on ends now, and so is never old enough.
    const settled = end + paddingMs <= now - settings.settleMs
    const { width, height } = streamOf(camera, channel) ?? {}
    const facts = present({
      type: event.type,
      smartTypes: event.smartTypes.length > 0 ? event.smartTypes.join(' ') : undefined,
      score: event.score,
      neverEnded: unclosed || undefined,
      cutAfterHours: span.end > end ? longestMs / 3_600_000 : undefined,
    }) as NonNullable<Recording['facts']>
    const last = end + paddingMs
    // From the event's own start and not from the hour: a clip is one file, unless it is too long to be asked for at once.
    for (let start = span.start - paddingMs, part = 1; start < last; start += settings.segmentMs, part++) {
      yield {
        id: part === 1 ? event.id : `${event.id}/${part}`,
        cameraId: camera.id,
        window: { start, end: Math.min(start + settings.segmentMs, last) },
        windowFrom: 'asked',
        ...(!settled && { settled: false }),
        name: `${kindOf(event)}.mp4`,
        extension: 'mp4',
        expect: { toleranceMs, ...present({ width, height }) },
        resume: 'never',
        facts: part === 1 ? facts : { ...facts, part },
      }
    }
  }

  return {
    name: 'events',
    identity: 'own',
    recordings,
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
