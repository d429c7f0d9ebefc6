import type { Layout } from '../archive/layout.ts'
import type { Ledger } from '../archive/ledger.ts'
import type { ArchiveRegistry } from '../archive/options.ts'
import type { Clock } from '../clock.ts'
import type { FootageSource } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'
import type { RetryPolicy } from '../retry.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { Timetable } from './timetable.ts'

/** Which pictures are taken, how, and where they go. */
export interface CaptureOptions {
  /** One device, or several; each needs `snapshot`. None of them is closed. */
  readonly source: FootageSource | readonly FootageSource[]
  /** The archive's root folder; created when missing. */
  readonly into: string
  /** From `openLedger(into)` of @cam/ledger-sqlite. */
  readonly ledger: Ledger
  readonly timetable: Timetable
  /** Ids, names or globs; with several devices a word has to fit a camera of any of them. Default: all cameras. */
  readonly cameras?: readonly string[]
  /** As of `archive`, `{start:…}` being the slot. Default: `{camera}/{start:yyyy/MM/dd}/{start:HH-mm-ssxx}.{ext}`. */
  readonly layout?: string | Layout
  /** IANA zone for the layout's times. Default: the timetable's, else the camera's, else UTC. */
  readonly timeZone?: string
  /** So much later than the one before each camera of a device is asked, in milliseconds; never past half the grace. Default: a second, or a quarter of `everyMs`, shared by all. */
  readonly staggerMs?: number
  /** How late a picture may still be asked for, in milliseconds; from 100 to `everyMs`. Default: half of `everyMs`, at most 30,000. */
  readonly graceMs?: number
  /** How long one try may take, in milliseconds; slots that come meanwhile are missed. Default: `graceMs`, at least 10,000. */
  readonly shotMs?: number
  /** Tries within the grace of one slot. Default: 3 retries after about a quarter of the grace, at most a second, doubling. */
  readonly retry?: RetryPolicy
  /** The last moment that may be a slot. Default: none, it goes on until `stop` or `signal`. What comes later is not missed. */
  readonly until?: EpochMs
  /** Kept free on the disk. Default 64 MiB. */
  readonly reserveBytes?: number
  readonly registry?: ArchiveRegistry
  /** Accept an empty folder where the registry knows an archive. Default false. */
  readonly acceptNewArchive?: boolean
  /** Ends gently: pictures under way are kept, no further one is asked for. `signal` ends at once. */
  readonly stop?: AbortSignal
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly fileSystem?: FileSystem
}
