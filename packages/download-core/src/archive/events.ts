import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome, Summary } from '../footage/outcome.ts'
import type { Gap, Recording } from '../footage/recording.ts'
import type { Identity } from '../footage/source.ts'
import type { TransferEvent } from '../transfer/job.ts'
import type { Run } from './ledger.ts'

/** What `archive` tells while it works. One failed recording is an event, not an exception. */
export type ArchiveEvent =
  | {
      readonly type: 'archive-started'
      readonly runId: string
      readonly vendor: string
      readonly source: Identity
      readonly into: string
    }
  /** An earlier run of this source ended without saying so: killed, or the power failed. */
  | { readonly type: 'interrupted-run-found'; readonly run: Run }
  | {
      readonly type: 'camera-listed'
      readonly camera: Camera
      readonly recordings: number
      readonly gaps: number
      readonly bytes?: number
    }
  | { readonly type: 'listing-failed'; readonly camera: Camera; readonly error: CamError }
  /**
   * The whole plan is in the ledger; transfers begin. `toFetch` excludes what is already kept. What files turn out not to hold is
   * asked for again at the end of the run, after a `notice`, and counts in the sum as well.
   */
  | { readonly type: 'planned'; readonly planned: number; readonly toFetch: number; readonly bytes?: number }
  | {
      readonly type: 'recording-started'
      readonly camera: Camera
      readonly recording: Recording
      readonly path: string
    }
  | ({ readonly camera: Camera; readonly recording: Recording; readonly path: string } & TransferEvent)
  /** `already`: nothing was fetched, the ledger had it. */
  | {
      readonly type: 'recording-ended'
      readonly camera: Camera
      readonly recording: Recording
      readonly outcome: Outcome
      readonly already?: true
      /** The error behind a failed outcome, for people. */
      readonly error?: CamError
    }
  | { readonly type: 'gap'; readonly camera: Camera; readonly gap: Gap }
  /** Something the user should read that is no outcome: a foreign file left alone, names that collide. */
  | { readonly type: 'notice'; readonly text: string; readonly camera?: Camera }
  /** The run ends early: disk full, credentials refused. What was not tried is recorded as failed. */
  | { readonly type: 'stopping'; readonly error?: CamError; readonly reason: string }
  | ({ readonly type: 'archive-ended' } & Summary)
