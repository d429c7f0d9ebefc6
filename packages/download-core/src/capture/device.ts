import { randomUUID } from 'node:crypto'
import { endInterruptedRuns } from '../archive/begin.ts'
import { asCamError } from '../archive/failure.ts'
import type { ArchiveFolder } from '../archive/folder.ts'
import type { Layout } from '../archive/layout.ts'
import type { Ledger } from '../archive/ledger.ts'
import { listCameras } from '../archive/listing.ts'
import { lockArchive } from '../archive/lock.ts'
import type { Clock } from '../clock.ts'
import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import type { FootageSource, Identity } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'
import type { RetryPolicy } from '../retry.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import { cameraOf, slotsSourceId, standings } from './account.ts'
import { createAsking } from './asking.ts'
import { runCamera } from './camera-loop.ts'
import type { CaptureEvent } from './events.ts'
import { recordMissed } from './missed.ts'
import type { Names } from './names.ts'
import { createOpening, type Opening } from './opening.ts'
import type { Shooting } from './shoot.ts'
import { shoot } from './shoot.ts'
import { createSlotTally, type SlotTally } from './tally.ts'
import type { Timetable } from './timetable.ts'

const firstPauseMs = 1000
const longestPauseMs = 60_000

/** What all devices of a capture share. */
export interface Capturing {
  readonly ledger: Ledger
  readonly folder: ArchiveFolder
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly timetable: Timetable
  readonly layout: Layout
  readonly names: Names
  readonly graceMs: number
  readonly shotMs: number
  readonly staggerMs: number | undefined
  readonly retry: RetryPolicy
  readonly reserveBytes: number | undefined
  readonly until: EpochMs
  readonly beganAt: EpochMs
  readonly tally: SlotTally
  /** Which of a device's cameras are wanted. Throws a RangeError for a word that fits none. */
  choose(cameras: readonly Camera[]): Camera[]
  /** Aborted where the user ends the run at once: what is under way is given up. */
  readonly now: AbortSignal
  tell(event: CaptureEvent): void
  /** The archive cannot be written: nothing can be kept of any device. */
  haltAll(error: CamError): void
}

/** One device, and what ends it: the user, itself, or all. */
export interface Device {
  readonly source: FootageSource
  readonly index: number
  /** Takes nothing more. */
  readonly end: AbortController
}

/** How the capture of a device ended. `began`: at least its cameras were known. */
export interface DeviceEnd {
  readonly began: boolean
  readonly error?: CamError
}

/** Takes the pictures of one device. Throws where the ledger cannot be written, and RangeError for cameras that are not there. */
export async function runDevice(device: Device, how: Capturing): Promise<DeviceEnd> {
  const { ledger, folder, fileSystem, clock, now } = how
  const { source, end } = device
  const reached = await reach(device, how)
  if (!('identity' in reached)) return { began: false, ...reached }
  const { identity, cameras } = reached
  const sourceId = slotsSourceId(identity.id)
  const away = (await standings(ledger, sourceId)).filter(
    ({ goesOn, cameraId }) => goesOn && !cameras.some(({ id }) => id === cameraId),
  )
  // Recorders do not list what is switched off: it is asked for all the same, and found as soon as it is back.
  const chosen = how.choose([...cameras, ...away.map(cameraOf)])
  const lock = await lockArchive(folder.root, sourceId, fileSystem)
  const runId = randomUUID()
  const tally = createSlotTally(how.tally)
  const began = clock.monotonic()
  let error: CamError | undefined
  let begun = false
  const endRun = async (ending: 'finished' | 'stopped' | 'failed') => {
    if (begun) await ledger.endRun(runId, ending, clock.now(), tally.summary(Math.round(clock.monotonic() - began)))
  }
  try {
    await folder.check()
    for (const run of await endInterruptedRuns(ledger, sourceId, clock))
      how.tell({ type: 'interrupted-run-found', run })
    const { vendor } = source
    await ledger.beginRun({ id: runId, sourceId, sourceName: identity.name, vendor, startedAt: clock.now() })
    begun = true
    await folder.register()
    const into = folder.root
    how.tell({ type: 'capture-started', runId, vendor, source: identity, sourceId, into, cameras: chosen })
    for (const camera of chosen.filter(({ id }) => away.some(({ cameraId }) => cameraId === id))) {
      const text = `${camera.name} is not among the cameras of ${identity.name || identity.id} now. It is asked for its pictures until it is back; a choice of cameras without it ends that.`
      how.tell({ type: 'notice', camera, text })
    }
    const shooting: Shooting = {
      sourceId,
      vendor,
      source: identity.name || identity.id,
      runId,
      ledger,
      folder,
      lock,
      layout: how.layout,
      fileSystem,
      clock,
      retry: how.retry,
      shotMs: how.shotMs,
      reserveBytes: how.reserveBytes,
      notice: (text, camera) => how.tell({ type: 'notice', text, camera }),
    }
    const halt = (cause: CamError) => {
      if (error) return
      error = cause
      if (/^(DISK_|ARCHIVE_)/.test(cause.code)) return how.haltAll(cause)
      how.tell({ type: 'stopping', reason: cause.message, error: cause, source: identity })
      end.abort()
    }
    const opening = createOpening({ ...how, shooting, tally, end: end.signal, reachedAt: clock.now() })
    await opening.others(await standings(ledger, sourceId), chosen)
    const loops = chosen.map((camera, index) =>
      runOne(camera, index, chosen.length, { device, how, shooting, opening, tally, halt }).catch((thrown: unknown) => {
        // The others would only fail in the same way, one after the other.
        end.abort()
        throw thrown
      }),
    )
    const ends = await Promise.allSettled(loops)
    for (const each of ends) if (each.status === 'rejected') throw each.reason
    const stopped = now.aborted || ends.some((each) => each.status === 'fulfilled' && !each.value)
    await endRun(error ? 'failed' : stopped ? 'stopped' : 'finished')
    return { began: true, ...(error ? { error } : {}) }
  } catch (thrown) {
    // A ledger that cannot be written has just said so.
    await endRun('failed').catch(() => {})
    throw thrown
  } finally {
    await lock.release()
  }
}

interface One {
  readonly device: Device
  readonly how: Capturing
  readonly shooting: Shooting
  readonly opening: Opening
  readonly tally: SlotTally
  halt(cause: CamError): void
}

/** One camera, to its end. True where that is the end of the timetable. */
async function runOne(camera: Camera, index: number, cameras: number, one: One): Promise<boolean> {
  const { device, how, shooting, opening, tally, halt } = one
  const { clock, graceMs, until, timetable } = how
  const end = device.end.signal
  const { account, from, name, slots } = await opening.open(camera)
  const asking = createAsking(device.source, camera)
  const spread = how.staggerMs ?? Math.min(timetable.everyMs / 4, 1000) / cameras
  const finished = await runCamera(from, {
    clock,
    slots,
    graceMs,
    // Never so late that it would be too late.
    offsetMs: Math.min(Math.round(index * spread), graceMs / 2),
    until,
    account,
    end,
    halt,
    whyBefore: opening.whyBefore,
    async shoot(slot, lateMs, stop) {
      const before = await account.find(slot)
      const next = slots.next(slot)
      const ask = (call: { readonly signal: AbortSignal }) => asking.picture(call, how.now, next)
      const shown = await shoot({ camera, name, slot, ask, stop }, shooting)
      tally.ended(shown.outcome, before?.runId === shooting.runId ? before.outcome : undefined)
      const { outcome, error } = shown
      how.tell({ type: 'slot', camera, slot, outcome, lateMs, ...(error ? { error } : {}) })
      return shown
    },
    missed: (first, last, why) => recordMissed(first, last, { ...opening.missing(camera, account, slots), why }),
  })
  await account.save(!finished)
  return finished
}

type Reached = { readonly identity: Identity; readonly cameras: readonly Camera[] } | { readonly error?: CamError }

/** Asks who the device is until it answers; a refusal is final. */
async function reach({ source, index, end }: Device, how: Capturing): Promise<Reached> {
  const { signal } = end
  for (let tries = 0; ; tries++) {
    let error: CamError
    try {
      signal.throwIfAborted()
      return await unlessEnded(signal, async () => {
        const identity = await source.identify({ signal })
        return { identity, cameras: await listCameras(source, signal) }
      })
    } catch (thrown) {
      if (signal.aborted) return {}
      error = asCamError(thrown)
    }
    const leftMs = how.until - how.clock.now()
    if (!error.retryable || leftMs <= 0) return { error }
    const inMs = Math.min(firstPauseMs * 2 ** Math.min(tries, 10), longestPauseMs, leftMs)
    how.tell({ type: 'device-not-reached', vendor: source.vendor, device: index, error, inMs })
    await how.clock.wait(inMs, signal).catch(() => {})
  }
}

/** Whatever the source does with its signal. */
function unlessEnded<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
