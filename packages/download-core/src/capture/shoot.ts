import type { Failed } from '../archive/failure.ts'
import { asCamError } from '../archive/failure.ts'
import type { ArchiveFolder } from '../archive/folder.ts'
import type { Layout } from '../archive/layout.ts'
import type { Ledger } from '../archive/ledger.ts'
import type { ArchiveLock } from '../archive/lock.ts'
import { createPaths } from '../archive/paths.ts'
import type { Clock } from '../clock.ts'
import type { Camera } from '../footage/camera.ts'
import { ArchiveMissingError, type CamError, DiskError, SlotMissedError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import type { Call, OpenedRecording } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'
import type { RetryPolicy } from '../retry.ts'
import { toDiskError } from '../transfer/disk-error.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { Published } from '../transfer/job.ts'
import { transfer } from '../transfer/transfer.ts'
import { slotKey } from './account.ts'

/** What every picture of a device is kept with. */
export interface Shooting {
  readonly sourceId: string
  readonly vendor: string
  readonly source: string
  readonly runId: string
  readonly ledger: Ledger
  readonly folder: ArchiveFolder
  readonly lock: Pick<ArchiveLock, 'check'>
  readonly layout: Layout
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly shotMs: number
  readonly reserveBytes: number | undefined
  /** Something the user should read. */
  notice(text: string, camera: Camera): void
}

/** One slot of one camera. */
export interface Shot {
  readonly camera: Camera
  /** What it is called in paths. */
  readonly name: string
  readonly slot: EpochMs
  /** Asks for a picture; called again as long as `retry` and `stop` allow. */
  ask(call: Call): Promise<OpenedRecording>
  /** No further tries once aborted. */
  readonly stop: AbortSignal
}

/** How a slot ended, in the ledger already. */
export interface ShotEnd {
  readonly outcome: Extract<Outcome, { outcome: 'kept' | 'failed' }>
  readonly error?: SlotMissedError
  /** What the last try ended with. */
  readonly cause?: CamError
}

/**
 * One slot becomes one outcome: planned, asked for, proved, named and recorded. Throws only where the ledger cannot be written;
 * then the row stays without an outcome, and the next run finds what became of it.
 */
export async function shoot(shot: Shot, how: Shooting): Promise<ShotEnd> {
  const { camera, slot } = shot
  const { ledger, runId, clock, sourceId } = how
  const key = slotKey(sourceId, camera.id, slot)
  const recording = recordingOf(camera, slot, key.recordingId)
  const window = { start: slot, end: slot }
  await ledger.plan(runId, clock.now(), [{ key, kind: 'slot', camera, recording, window }])
  let attempts = 0
  let end: ShotEnd
  let published: Published | undefined
  try {
    // Before the first byte: the parts of a disk that went away would be written to the one below.
    await how.folder.check()
    const counted = (call: Call) => {
      attempts++
      return shot.ask(call)
    }
    published = await picture(shot, recording, counted, how)
    for (const folder of published.folders) await synced(how.fileSystem, folder)
    end = { outcome: { outcome: 'kept', ...published.kept } }
  } catch (thrown) {
    published = undefined
    end = failedShot(await causeOf(asCamError(thrown), how.folder), attempts)
  }
  await ledger.record(runId, clock.now(), [{ key, outcome: end.outcome }])
  // A note that stays behind is found to be done with by the next run.
  await published?.forget().catch(() => {})
  return end
}

/** A slot whose picture there is none of, and why. */
export function failedShot(cause: CamError, attempts: number): ShotEnd & { readonly outcome: Failed } {
  const tried = attempts === 1 ? 'the one try' : `the last of ${attempts} tries`
  const message =
    cause instanceof SlotMissedError
      ? cause.message
      : `slot-missed: ${attempts === 0 ? 'nobody was asked, for' : `${tried} ended with`} ${cause.code}: ${cause.message}`
  const error = cause instanceof SlotMissedError ? cause : new SlotMissedError(message, { cause })
  const outcome = {
    outcome: 'failed' as const,
    code: error.code,
    message,
    retryable: false,
    attempts,
    ...(cause instanceof SlotMissedError ? {} : { cause: cause.code }),
    ...(cause.httpStatus === undefined ? {} : { httpStatus: cause.httpStatus }),
  }
  return { outcome, error, cause }
}

/** What a slot is to the ledger, and to whatever brings recordings to the disk. */
export function recordingOf(camera: Camera, slot: EpochMs, id: string): Recording {
  return {
    id,
    cameraId: camera.id,
    view: 'snapshot',
    window: { start: slot, end: slot },
    windowFrom: 'asked',
    extension: 'jpg',
    resume: 'never',
  }
}

async function picture(
  { camera, name, stop }: Shot,
  recording: Recording,
  ask: (call: Call) => Promise<OpenedRecording>,
  how: Shooting,
): Promise<Published> {
  const paths = createPaths(how.layout, how.ledger, { vendor: how.vendor, source: how.source })
  const key = slotKey(how.sourceId, camera.id, recording.window!.start)
  const taken = new Set<string>()
  const running = transfer({
    sourceId: how.sourceId,
    recording,
    open: (_, call) => ask(call),
    root: how.folder.root,
    async place(extension, takenPath) {
      await how.folder.check()
      await how.lock.check()
      if (takenPath !== undefined) {
        taken.add(takenPath)
        how.notice(`${takenPath} is there already; it is left alone, and this picture gets another name.`, camera)
      }
      const path = await paths.propose({ key, camera: { ...camera, name }, recording }, extension, taken)
      return { path, replace: false }
    },
    fileSystem: how.fileSystem,
    clock: how.clock,
    retry: how.retry,
    openMs: how.shotMs,
    // Whoever ends the run ends the asking. A picture that is there is kept: that takes no longer than throwing it away.
    signal: new AbortController().signal,
    stop,
    ...(how.reserveBytes === undefined ? {} : { reserveBytes: how.reserveBytes }),
  })
  for (;;) {
    const { done, value } = await running.next()
    if (!done) continue
    if (!('kept' in value)) throw new SlotMissedError('slot-missed: the source has no picture now.')
    return value
  }
}

async function synced(fileSystem: FileSystem, folder: string): Promise<void> {
  try {
    await fileSystem.syncFolder(folder)
  } catch (error) {
    throw toDiskError(error, 'sync the folder', folder)
  }
}

/** A disk that fails may simply be gone, and that is what has to be said then. */
async function causeOf(error: CamError, folder: ArchiveFolder): Promise<CamError> {
  if (!(error instanceof DiskError)) return error
  return folder.check().then(
    () => error,
    (worse: unknown) => (worse instanceof ArchiveMissingError ? worse : error),
  )
}
