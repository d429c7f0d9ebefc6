import type { CamError, EpochMs, Gap, NotReady, OpenedRecording, OpenFrom, Recording } from '@cam/download-core/source'
import type { Api } from './api.ts'
import type { Jobs } from './jobs.ts'
import type { V3Settings } from './settings.ts'

/** One request for a recording. */
export interface Opening {
  readonly api: Api
  readonly jobs: Jobs
  readonly settings: V3Settings
  readonly recording: Recording & { readonly window: NonNullable<Recording['window']> }
  readonly from: OpenFrom
  readonly signal: AbortSignal
  readonly state: State
}

/** What is remembered of one recording for the life of a source. */
export interface State {
  /** Where the clip can be fetched as far as its `end`: null where the vendor offers no such place. */
  url?: { readonly href: string | null; readonly end: number; readonly at: number }
  /** Tries at that place which failed before anything came. */
  failures: number
  /** It is only tried as an export from now on. */
  exporting: boolean
  /** The vendor's id of the export that is being made. */
  job?: string
  /** The last export, which did not become what it should. */
  spoilt?: string
  /** What was wrong with it. */
  problem?: CamError
  /** When an order was sent that nobody knows the answer to. */
  unanswered?: EpochMs
  /** Exports ordered since it was last listed. */
  orders: number
}

/** What `open` of a back end may answer. */
export type Opened = OpenedRecording | NotReady | Gap
