import { setMaxListeners } from 'node:events'
import { createChannel } from '../archive/channel.ts'
import { openArchiveFolder } from '../archive/folder.ts'
import { cameraFits, selectCameras } from '../archive/listing.ts'
import { systemClock } from '../clock.ts'
import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import { isCamError } from '../footage/errors.ts'
import { disk } from '../transfer/disk.ts'
import { standings } from './account.ts'
import { checkOptions } from './check-options.ts'
import { type Capturing, type Device, runDevice } from './device.ts'
import type { CaptureEvent, CaptureSummary } from './events.ts'
import { createNames } from './names.ts'
import type { CaptureOptions } from './options.ts'
import { createSlotTally } from './tally.ts'

/**
 * Takes pictures by a timetable, for days and months: each due slot of each camera ends in exactly one outcome in the ledger, also
 * those that passed while the program was not running. `kept` is only said once the picture is proved to its end, durable and named.
 * A slot without a picture is an event. Ends at `until`, by `stop` or `signal`, or when nothing more can be kept. Throws only where
 * the run cannot begin or the ledger cannot be written (CamError), for a wrong option (TypeError, RangeError), and the reason of
 * `signal`. Neither sources nor ledger are closed.
 */
export async function* capture(options: CaptureOptions): AsyncGenerator<CaptureEvent, CaptureSummary> {
  const { sources, ...asked } = checkOptions(options)
  const { ledger, timetable, clock = systemClock, fileSystem = disk, staggerMs, reserveBytes } = options
  options.signal?.throwIfAborted()
  const began = clock.monotonic()
  const beganAt = clock.now()
  const now = new AbortController()
  const devices: Device[] = sources.map((source, index) => ({ source, index, end: new AbortController() }))
  // As many cameras as there are listen to these.
  setMaxListeners(0, now.signal, ...devices.map(({ end }) => end.signal))
  const endAll = () => {
    for (const { end } of devices) end.abort()
  }
  const atOnce = () => {
    now.abort()
    endAll()
  }
  options.signal?.addEventListener('abort', atOnce, { once: true })
  options.stop?.addEventListener('abort', endAll, { once: true })
  if (options.stop?.aborted) endAll()
  const channel = createChannel<CaptureEvent>()
  let halted: CamError | undefined
  let running: Promise<unknown> = Promise.resolve()
  try {
    const folder = await openArchiveFolder(options.into, { ...options, fileSystem, clock })
    const tally = createSlotTally()
    const known = (await ledger.sources()).map(async ({ sourceId }) =>
      (await standings(ledger, sourceId)).map((standing) => ({ sourceId, ...standing })),
    )
    const how: Capturing = {
      ...asked,
      ledger,
      folder,
      fileSystem,
      clock,
      timetable,
      staggerMs,
      reserveBytes,
      beganAt,
      names: createNames((await Promise.all(known)).flat()),
      tally,
      choose: chooser(options.cameras, sources.length, (event) => channel.push(event)),
      now: now.signal,
      tell: (event) => channel.push(event),
      haltAll(error) {
        if (halted) return
        halted = error
        channel.push({ type: 'stopping', reason: error.message, error })
        endAll()
      },
    }
    running = runAll(devices, how, endAll).then(
      () => channel.end(),
      (error: unknown) => channel.fail(error),
    )
    yield* channel
    const summary = tally.summary(Math.round(clock.monotonic() - began))
    yield { type: 'capture-ended', ...summary }
    options.signal?.throwIfAborted()
    return summary
  } finally {
    // Whoever stops reading stops the run.
    atOnce()
    await running
    options.signal?.removeEventListener('abort', atOnce)
    options.stop?.removeEventListener('abort', endAll)
  }
}

/** Every device on its own: one that cannot be reached, or refuses, holds up none of the others. */
async function runAll(devices: readonly Device[], how: Capturing, endAll: () => void): Promise<void> {
  const several = devices.length > 1
  const ends = await Promise.allSettled(
    devices.map(async (device) => {
      try {
        const ended = await runDevice(device, how)
        if (several && ended.error && !ended.began) {
          how.tell({ type: 'stopping', reason: ended.error.message, error: ended.error })
        }
        return ended
      } catch (error) {
        // Held by another run, or of a kind that would not get better: its own affair.
        if (several && isCamError(error) && error.code === 'LOCKED') {
          how.tell({ type: 'stopping', reason: error.message, error })
          return { began: false, error }
        }
        endAll()
        throw error
      }
    }),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  const answers = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  const first = answers.find(({ error }) => error)?.error
  if (first && answers.every(({ began }) => !began)) throw first
}

/** With several devices, a word of the user's may be meant for any of them. */
function chooser(
  wanted: readonly string[] | undefined,
  devices: number,
  tell: (event: CaptureEvent) => void,
): (cameras: readonly Camera[]) => Camera[] {
  if (devices === 1) return (cameras) => selectCameras(cameras, wanted)
  const unused = new Set(wanted?.filter((word) => word !== 'all'))
  let asked = 0
  return (cameras) => {
    for (const word of unused) if (cameras.some((camera) => cameraFits(camera, word))) unused.delete(word)
    if (++asked === devices && unused.size > 0) {
      tell({
        type: 'notice',
        text: `No camera of any device fits ${[...unused].map((word) => `"${word}"`).join(', ')}.`,
      })
    }
    const all = !wanted || wanted.length === 0 || wanted.includes('all')
    return all ? [...cameras] : cameras.filter((camera) => wanted.some((word) => cameraFits(camera, word)))
  }
}
