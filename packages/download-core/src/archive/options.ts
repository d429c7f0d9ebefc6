import type { Clock } from '../clock.ts'
import type { Camera } from '../footage/camera.ts'
import type { Recording } from '../footage/recording.ts'
import type { FootageSource } from '../footage/source.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import type { RetryPolicy } from '../retry.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { Layout } from './layout.ts'
import type { Ledger } from './ledger.ts'

/** Remembers, outside the archives, which archives exist: how a disk that is not mounted is told from a new one. */
export interface ArchiveRegistry {
  /** The id of the archive that was at this absolute path, if any. */
  get(path: string): Promise<string | undefined>
  set(path: string, id: string): Promise<void>
}

/** What is asked of which source. */
export interface PlanOptions {
  readonly source: FootageSource
  /** Default: all there is. */
  readonly window?: TimeWindow
  /**
   * A window for each camera, in place of `window`, which counts where this gives none: for cameras whose archives end at different
   * times. Asked once per camera and run.
   */
  readonly windowFor?: (camera: Camera) => TimeWindow | undefined | Promise<TimeWindow | undefined>
  /** Ids, names or globs. Default: all cameras. */
  readonly cameras?: readonly string[]
  /**
   * Besides what the window holds, take up what earlier runs left undone outside of it: what failed and may be retried, is lost, is
   * pending or was interrupted, and lists that failed. What is pending and those lists are listed anew. Default false. `onlyFailed` wins.
   */
  readonly alsoFailed?: boolean
  readonly signal?: AbortSignal
  /** A reason to leave a recording out, as the user chose; what is already kept stays kept. Default: none. */
  readonly skip?: (recording: Recording, camera: Camera) => string | undefined
}

/** Where it goes, and how. */
export interface ArchiveOptions extends PlanOptions {
  /** The archive's root folder; created when missing. */
  readonly into: string
  /** From `openLedger(into)` of @cam/ledger-sqlite. */
  readonly ledger: Ledger
  /** A path template such as `{camera}/{start:yyyy/MM/dd}/{start:HH-mm-ssxx}.{ext}`, or a function. Default: that template. */
  readonly layout?: string | Layout
  /** IANA zone for the layout's times. Default: the camera's, else UTC. */
  readonly timeZone?: string
  /** Transfers at once, below the source's own ceiling. Default: the source's ceiling. */
  readonly concurrency?: number
  /** Shared by all transfers, in 10^6 bits per second. Default 0: no limit. */
  readonly rateLimitMbps?: number
  readonly retry?: RetryPolicy
  /** No byte for this long ends a try. Default: the source's `patience`, else 30,000. */
  readonly idleMs?: number
  /** Until a source answers `open`. Default: the source's `patience`, else 120,000. */
  readonly openMs?: number
  /** How long footage that is not ready yet is asked for again before it is recorded as pending. Default 900,000; 0 asks once. */
  readonly pendingDeadlineMs?: number
  /** Fetch again what the ledger holds; a file is only replaced once its successor is proved. Default false. */
  readonly overwrite?: boolean
  /** Only rows that failed and may be retried. Default false. */
  readonly onlyFailed?: boolean
  /** Kept files that are gone were taken by a sync job: record `handed-over`, not `lost`. Default false. */
  readonly handedOver?: boolean
  /** Kept free on the disk. Default 64 MiB. */
  readonly reserveBytes?: number
  readonly registry?: ArchiveRegistry
  /** Accept an empty folder where the registry knows an archive. Default false. */
  readonly acceptNewArchive?: boolean
  /** Ends gently: transfers under way finish, nothing new begins. `signal` ends at once. */
  readonly stop?: AbortSignal
  readonly clock?: Clock
  readonly fileSystem?: FileSystem
}
