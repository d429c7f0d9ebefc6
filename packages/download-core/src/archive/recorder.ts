import type { Clock } from '../clock.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import { toDiskError } from '../transfer/disk-error.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { Published } from '../transfer/job.ts'
import { failedOf } from './failure.ts'
import type { Ledger, RowKey } from './ledger.ts'

const batchSize = 16
const idleMs = 200

/** One outcome on its way to the ledger. */
export interface Ended {
  readonly key: RowKey
  readonly outcome: Outcome
  /** The file that stands under its name and waits for the ledger to say so. */
  readonly published?: Published
  readonly error?: CamError
  /** Nothing was fetched; what was kept before still is. */
  readonly already?: true
}

/** Writes outcomes to the ledger in batches: folders synced first, one transaction, and only then is anything told. */
export interface Recorder {
  /** Begins to write once 16 are together, or nothing was added for 200 ms. Never throws; see `failure`. */
  add(ended: Ended): void
  /** Resolves when all that was added is in the ledger. */
  flush(): Promise<void>
}

/** Where outcomes go. */
export interface RecorderOptions {
  readonly ledger: Ledger
  readonly runId: string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  /** Called for each outcome once it is durable. */
  recorded(ended: Ended): void
  /** The ledger itself cannot be written: the run cannot go on. */
  failed(error: unknown): void
}

/** A recorder for one run. */
export function createRecorder({ ledger, runId, fileSystem, clock, recorded, failed }: RecorderOptions): Recorder {
  let waiting: Ended[] = []
  let writing = Promise.resolve()
  let idle: AbortController | undefined

  function flush(): Promise<void> {
    idle?.abort()
    idle = undefined
    const batch = waiting
    waiting = []
    if (batch.length > 0) writing = writing.then(() => write(batch)).catch(failed)
    return writing
  }

  async function write(batch: readonly Ended[]): Promise<void> {
    const durable = await syncFolders(batch, fileSystem)
    const outcomes = durable.map(({ key, outcome }) => ({ key, outcome }))
    await ledger.record(runId, clock.now(), outcomes)
    for (const ended of durable) {
      // A note that stays behind is found to be done with by the next run.
      await ended.published?.forget().catch(() => {})
      recorded(ended)
    }
  }

  return {
    add(ended) {
      waiting.push(ended)
      if (waiting.length >= batchSize) return void flush()
      idle?.abort()
      const timer = new AbortController()
      idle = timer
      clock.wait(idleMs, timer.signal).then(
        () => void (idle === timer && flush()),
        () => {},
      )
    },
    flush,
  }
}

/** A name that may be gone after a power failure is not kept. */
async function syncFolders(batch: readonly Ended[], fileSystem: FileSystem): Promise<readonly Ended[]> {
  const folders = new Set(batch.flatMap(({ published }) => published?.folders ?? []))
  const broken = new Map<string, CamError>()
  for (const folder of folders) {
    try {
      await fileSystem.syncFolder(folder)
    } catch (error) {
      broken.set(folder, toDiskError(error, 'sync the folder', folder))
    }
  }
  if (broken.size === 0) return batch
  return batch.map((ended) => {
    const error = ended.published?.folders.map((folder) => broken.get(folder)).find(Boolean)
    if (!error) return ended
    return { key: ended.key, outcome: failedOf(error, ended.published!.attempts), error }
  })
}
