import type { Clock } from '../clock.ts'
import { ArchiveMissingError, type CamError, DiskError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import { isGap } from '../footage/recording.ts'
import type { FootageSource, NotReady } from '../footage/source.ts'
import type { RetryPolicy } from '../retry.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { Published, TransferEvent } from '../transfer/job.ts'
import type { SpeedLimit } from '../transfer/speed-limit.ts'
import { transfer } from '../transfer/transfer.ts'
import { adopt } from './adopt.ts'
import { stateOf } from './decide.ts'
import { asCamError, outcomeOf, outcomeOfGap } from './failure.ts'
import type { ArchiveFolder } from './folder.ts'
import type { ArchiveLock } from './lock.ts'
import type { Paths } from './paths.ts'
import { placeOf } from './place.ts'
import type { Task } from './queue.ts'
import { refusalOf } from './successor.ts'

/** What every recording of a run is kept with. */
export interface Keeping {
  readonly source: FootageSource
  readonly sourceId: string
  readonly folder: ArchiveFolder
  readonly lock: Pick<ArchiveLock, 'check'>
  readonly paths: Paths
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly speedLimit?: SpeedLimit
  readonly idleMs?: number
  readonly openMs?: number
  readonly reserveBytes?: number
  readonly signal: AbortSignal
  readonly stop: AbortSignal
  /** Something the user should read. */
  notice(text: string): void
  /** The same, about one recording. */
  warn(task: Task, text: string): void
}

/** How it went. A NotReady is asked for again later, without holding a transfer slot. */
export type KeepResult =
  | {
      readonly outcome: Outcome
      readonly published?: Published
      readonly error?: CamError
      /** Nothing was fetched; what was kept before still is. */
      readonly already?: true
    }
  | { readonly notReady: NotReady }

/** One recording becomes one outcome. Throws only the signal's own reason. */
export async function* keep(task: Task, how: Keeping): AsyncGenerator<TransferEvent, KeepResult> {
  let attempts = 1
  try {
    // Before the first byte: the parts of a disk that went away would be written to the one below.
    await how.folder.check()
    const adopted = await adopt(task, how)
    if (adopted) return adopted
    const refuse = refusalOf(task, how)
    const running = transfer({
      sourceId: how.sourceId,
      recording: task.recording,
      open: (from, call) => how.source.open(task.recording, from, call),
      root: how.folder.root,
      place: placeOf(task, how),
      ...(refuse ? { refuse } : {}),
      fileSystem: how.fileSystem,
      clock: how.clock,
      retry: how.retry,
      signal: how.signal,
      stop: how.stop,
      ...(how.speedLimit ? { speedLimit: how.speedLimit } : {}),
      ...(how.idleMs === undefined ? {} : { idleMs: how.idleMs }),
      ...(how.openMs === undefined ? {} : { openMs: how.openMs }),
      ...(how.reserveBytes === undefined ? {} : { reserveBytes: how.reserveBytes }),
    })
    let step = await running.next()
    while (!step.done) {
      if (step.value.type === 'retrying') attempts++
      yield step.value
      step = await running.next()
    }
    const result = step.value
    if ('kept' in result) return { outcome: { outcome: 'kept', ...result.kept }, published: result }
    if (isGap(result)) return await unlessKept(task, { outcome: outcomeOfGap(result, how.clock.now()) }, how)
    return { notReady: result }
  } catch (thrown) {
    how.signal.throwIfAborted()
    const error = await causeOf(asCamError(thrown), how.folder)
    if (error.code === 'WORSE' && task.row?.outcome) {
      how.warn(task, error.message)
      return { outcome: task.row.outcome, already: true }
    }
    return await unlessKept(task, { outcome: outcomeOf(error, attempts), error }, how)
  }
}

/** That the source no longer has what was to be fetched anew takes nothing away from the file that is kept. */
async function unlessKept(
  task: Task,
  result: Extract<KeepResult, { outcome: Outcome }>,
  how: Keeping,
): Promise<KeepResult> {
  const { row } = task
  const gone = result.outcome.outcome === 'absent' || result.outcome.outcome === 'expired'
  if (!gone || !row?.file || row.outcome?.outcome !== 'kept' || task.lost) return result
  const state = await stateOf(row.file, how.folder.root, how.fileSystem, 'size')
  return state === 'intact' ? { outcome: row.outcome, already: true } : result
}

/** A disk that fails may simply be gone, and that is what has to be said then. */
async function causeOf(error: CamError, folder: ArchiveFolder): Promise<CamError> {
  if (!(error instanceof DiskError)) return error
  return folder.check().then(
    () => error,
    (worse: unknown) => (worse instanceof ArchiveMissingError ? worse : error),
  )
}
