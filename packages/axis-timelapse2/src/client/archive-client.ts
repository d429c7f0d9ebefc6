import type { ArchiveEntry, UnusableEntry } from '../wire/list.ts'
import type { Target } from '../wire/target.ts'

/** What an archive is asked for with. */
interface Wanted {
  readonly name: string
  /** The archive's own id, where the app wants one (TimelapseMe). */
  readonly exportId: string
}

/** One dialect: how its archives are listed and asked for. */
export interface ArchiveClient {
  readonly media: 'avi' | 'mp4' | 'unknown'
  /** Throws where the list is unreadable, in part too. */
  list(signal: AbortSignal): Promise<readonly (ArchiveEntry | UnusableEntry)[]>
  /** The ways to ask for an archive, the likelier first. */
  targets(wanted: Wanted): readonly Target[]
  /** What a refusal to serve a file means, when it does not mean the file. */
  explain(error: unknown, signal: AbortSignal): Promise<unknown>
  /** Why nobody can ask for this name, if so. */
  unspeakable(name: string): Error | undefined
}
