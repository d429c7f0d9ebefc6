import { dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import { isGap } from '../footage/recording.ts'
import type { FootageSource, NotReady } from '../footage/source.ts'
import type { RetryPolicy } from '../retry.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { Published, TransferEvent } from '../transfer/job.ts'
import { partKey } from '../transfer/part-note.ts'
import type { SpeedLimit } from '../transfer/speed-limit.ts'
import { transfer } from '../transfer/transfer.ts'
import { proveExisting } from '../transfer/verify.ts'
import { asCamError, outcomeOf, outcomeOfGap } from './failure.ts'
import type { ArchiveFolder } from './folder.ts'
import type { ArchiveLock } from './lock.ts'
import type { Paths } from './paths.ts'
import type { Task } from './queue.ts'
import { extensionOf } from './safe-name.ts'

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
}

/** How it went. A NotReady is asked for again later, without holding a transfer slot. */
export type KeepResult =
  | { readonly outcome: Outcome; readonly published?: Published; readonly error?: CamError }
  | { readonly notReady: NotReady }

/** One recording becomes one outcome. Throws only the signal's own reason. */
export async function* keep(task: Task, how: Keeping): AsyncGenerator<TransferEvent, KeepResult> {
  let attempts = 1
  try {
    const adopted = await adopt(task, how)
    if (adopted) return adopted
    const running = transfer({
      sourceId: how.sourceId,
      recording: task.recording,
      open: (from, call) => how.source.open(task.recording, from, call),
      root: how.folder.root,
      place: placeOf(task, how),
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
    if (isGap(result)) return { outcome: outcomeOfGap(result, how.clock.now()) }
    return { notReady: result }
  } catch (thrown) {
    how.signal.throwIfAborted()
    const error = asCamError(thrown)
    return { outcome: outcomeOf(error, attempts), error }
  }
}

/** A file that already stands where ours would go: taken into the archive if it is provably this recording. */
async function adopt(task: Task, how: Keeping): Promise<KeepResult | undefined> {
  if (task.row?.file) return undefined
  const path = absolute(how.folder.root, task.path)
  if ((await how.fileSystem.lstat(path)) === undefined) return undefined
  // A run that died between rename and ledger left a note: the transfer itself takes that up.
  const note = join(how.folder.root, '.cam', 'parts', `${partKey({ sourceId: how.sourceId, ...partOf(task) })}.json`)
  if (await how.fileSystem.lstat(note)) return undefined
  const proved = await proveExisting(how.fileSystem, path, task.recording)
  if (!proved) {
    how.notice(
      `${task.path} is there already and is not provably this recording; it is left alone, and ours gets another name.`,
    )
    return undefined
  }
  await how.folder.check()
  // Whoever wrote it may not have flushed it.
  const file = await how.fileSystem.open(path, 'read')
  await file.sync().finally(() => file.close())
  const kept = { path: task.path, ...proved, adopted: true } as const
  const published = { kept, folders: [dirname(path)], attempts: 0, forget: async () => {} }
  return { outcome: { outcome: 'kept', ...kept }, published }
}

/** Where the finished file goes. Also the last look at lock and marker before anything gets its name. */
function placeOf(task: Task, how: Keeping) {
  const taken = new Set<string>()
  return async (extension: string, takenPath?: string) => {
    await how.folder.check()
    await how.lock.check()
    if (takenPath !== undefined) taken.add(takenPath)
    const own = task.row?.file?.path
    if (own !== undefined && !taken.has(own) && extensionOf(own).toLowerCase() === extension.toLowerCase()) {
      return { path: own, replace: true }
    }
    return { path: await how.paths.propose(task, extension, taken), replace: false }
  }
}

function partOf({ key }: Task) {
  return { cameraId: key.cameraId, view: key.view, recordingId: key.recordingId }
}

function absolute(root: string, path: string): string {
  return join(root, ...path.split('/'))
}
