import type { Clock } from '../clock.ts'
import type { KeptFile } from '../footage/outcome.ts'
import type { Gap, Recording } from '../footage/recording.ts'
import type { Call, NotReady, OpenedRecording, OpenFrom } from '../footage/source.ts'
import type { Retrying, RetryPolicy } from '../retry.ts'
import type { FileSystem } from './file-system.ts'
import type { SpeedLimit } from './speed-limit.ts'
import type { Proved } from './verify.ts'

/** Everything one transfer needs to know: ONE recording becomes ONE file. */
export interface TransferJob {
  readonly sourceId: string
  readonly recording: Recording
  open(from: OpenFrom, call: Call): Promise<OpenedRecording | NotReady | Gap>
  /** Absolute path of the archive's root. */
  readonly root: string
  /**
   * Where the finished file goes, relative to the root, with `/`. Called once per publication with the extension that was
   * served, and again with the path that turned out to be taken. `replace` is true only for a file the ledger owns.
   */
  place(extension: string, taken?: string): Promise<{ readonly path: string; readonly replace: boolean }>
  /** Why the proved file is not wanted in place of what is held already: it gets no name, and the transfer ends with ProofError WORSE. */
  refuse?(proved: Proved): Promise<string | undefined>
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly speedLimit?: SpeedLimit
  /** No byte for this long while we want to read ends the try. Default 30,000. */
  readonly idleMs?: number
  /** Until `open` answers. Default 120,000: a vendor's own first-byte limit is tighter. */
  readonly openMs?: number
  /** Kept free on the disk. Default 64 MiB. */
  readonly reserveBytes?: number
  /** Fewer bytes than this, over `idleMs` of waiting, end the try too: a drip is a stall. Default 64; 0 lets any drip pass. */
  readonly minBytesPerSecond?: number
  readonly signal: AbortSignal
  /** No new tries once aborted; the transfer under way goes on. */
  readonly stop?: AbortSignal
}

/** What a transfer tells while it works. */
export type TransferEvent =
  /** At most four a second. `bytes` never goes back except after `restarted`. */
  | { readonly type: 'progress'; readonly bytes: number; readonly totalBytes?: number; readonly bytesPerSecond: number }
  | ({ readonly type: 'retrying' } & Retrying)
  | { readonly type: 'resumed'; readonly atByte: number }
  | { readonly type: 'restarted'; readonly wastedBytes: number; readonly reason: string }
  | { readonly type: 'warning'; readonly text: string }

/** A file that stands under its final name but is not yet in the ledger. */
export interface Published {
  readonly kept: KeptFile
  /** The folders that have to be synced before the ledger may say so; absolute. */
  readonly folders: readonly string[]
  readonly attempts: number
  /** Removes the side note. Called after the ledger has committed. */
  forget(): Promise<void>
}
