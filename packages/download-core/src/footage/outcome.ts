import type { Facts } from './camera.ts'
import type { Checksum } from './recording.ts'
import type { EpochMs, TimeWindow } from './time-window.ts'

/** Why we say that a file is complete. */
export type Proof =
  /** The vendor stated a digest, and the file has it. */
  | { readonly by: 'checksum'; readonly checksum: Checksum }
  /** Every length that anybody stated equals the number of bytes. */
  | { readonly by: 'length'; readonly bytes: number; readonly statedBy: readonly string[] }
  /** The file's own structure was walked to its end. */
  | { readonly by: 'container'; readonly format: ContainerFormat }
  /** Fetched twice, identical both times. */
  | { readonly by: 'repeat' }

/** Formats whose structure we can walk to its end. */
export type ContainerFormat = 'mp4' | 'avi' | 'flv' | 'jpeg'

/** What a finished file is, and why we believe it. */
export interface KeptFile {
  /** Relative to the archive's root, with `/` on every platform. */
  readonly path: string
  readonly bytes: number
  /** Lower-case hex over the whole file. */
  readonly sha256: string
  readonly proof: Proof
  /**
   * What the file really holds, measured from its samples where its format tells. Empty where undated, and where nobody can say
   * of any moment that it is in the file.
   */
  readonly covers: readonly TimeWindow[]
  /** So many milliseconds more than `covers` lie somewhere in these windows; the file does not tell where. */
  readonly somewhere?: { readonly windows: readonly TimeWindow[]; readonly ms: number }
  /** Duration, width, height, codec … as read from the file. */
  readonly facts: Facts
  /** `proxy`: a smaller picture than the camera records. */
  readonly fidelity: 'full' | 'proxy'
  /** The file was already there, was proved, and now belongs to the archive. */
  readonly adopted?: true
}

/** How one planned recording ended. Exactly one per recording; the ledger's vocabulary for all vendors. */
export type Outcome =
  | ({ readonly outcome: 'kept' } & KeptFile)
  /** The source says that nothing was recorded. */
  | { readonly outcome: 'absent'; readonly reason: string }
  /** The source no longer has it. Final. */
  | { readonly outcome: 'expired'; readonly reason: string }
  /** Asked for, or still growing; not ready yet. */
  | { readonly outcome: 'pending'; readonly reason: string; readonly askAgainAt?: EpochMs; readonly deadline?: EpochMs }
  | {
      readonly outcome: 'failed'
      /** A CamError code. */
      readonly code: string
      readonly message: string
      readonly retryable: boolean
      readonly attempts: number
      readonly httpStatus?: number
      /** For SLOT_MISSED: the code of what the last try ended with, where there was one. */
      readonly cause?: string
    }
  /** The user's own choice. */
  | { readonly outcome: 'skipped'; readonly reason: string }
  /** Found by `verify`: kept once, missing or altered now. `final`: the source was asked since, and no longer has it either. */
  | { readonly outcome: 'lost'; readonly reason: string; readonly final?: true }
  /** Taken away by the user's sync job, as declared. Counts as already kept. */
  | { readonly outcome: 'handed-over'; readonly reason: string }

/** `kept`, `absent`, `expired` … */
export type OutcomeName = Outcome['outcome']

/** The sum of a run. `planned` is always the sum of the seven that follow it. */
export interface Summary {
  readonly planned: number
  readonly kept: number
  readonly alreadyKept: number
  readonly absent: number
  readonly expired: number
  readonly pending: number
  readonly failed: number
  readonly skipped: number
  /** Bytes of the files kept by this run. */
  readonly bytes: number
  readonly durationMs: number
}

/** The sum of nothing. */
export function emptySummary(durationMs = 0): Summary {
  return {
    planned: 0,
    kept: 0,
    alreadyKept: 0,
    absent: 0,
    expired: 0,
    pending: 0,
    failed: 0,
    skipped: 0,
    bytes: 0,
    durationMs,
  }
}
