import type { EpochMs, TimeWindow } from '@cam/download-core'
import { views as knownViews, type Media } from '@cam/samsara'
import { MergeError, type Probe, probe } from '@cam/video-merge'
import type { Missing, Unusable, Vehicle } from './types.ts'

/** One clip on the disk that can be read. */
export interface Clip {
  /** Absolute. */
  readonly path: string
  readonly view: string
  /** When the file itself begins. */
  readonly start: EpochMs
  /** When its pictures begin and end. */
  readonly span: TimeWindow
  /** The minute it stands for. */
  readonly stands: TimeWindow
  /** The same for the same bytes. */
  readonly identity: string
}

/** Time of which there is no clip, as the ledger knows it. `view` absent: of all angles. */
export interface Hole {
  readonly view?: string
  readonly window: TimeWindow
  readonly because: Missing['because']
  readonly reason: string
}

/** All there is of one vehicle and one kind of media. */
export interface Footage {
  readonly vehicle: Vehicle
  /** IANA zone, as far as anybody said. */
  readonly timeZone?: string | undefined
  readonly media: Media
  readonly clips: readonly Clip[]
  readonly holes: readonly Hole[]
}

/** A clip as the ledger or its name tells of it. */
export interface ClipSource {
  readonly path: string
  readonly view: string
  /** When the file, or with `byPictures` its first picture, begins. */
  readonly start: EpochMs
  readonly byPictures?: boolean
  readonly stands?: TimeWindow
  /** What it was when it was kept. */
  readonly kept?: { readonly bytes: number; readonly sha256: string }
}

/** Looks at a file; it is not touched. What cannot be used is told in words. */
export async function readClip(source: ClipSource, signal: AbortSignal | undefined): Promise<Clip | Unusable> {
  const { path, view, kept } = source
  let found: Probe
  try {
    found = await probe(path, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    // What is to be done about it is for whoever chose the clip to say.
    const reason = error instanceof MergeError ? error.problem : error instanceof Error ? error.message : String(error)
    return { path, reason }
  }
  const { video, bytes, modifiedMs } = found
  if (!video || video.endMs <= video.startMs) return { path, reason: `${path} holds no pictures.` }
  if (kept && kept.bytes !== bytes)
    return { path, reason: `${path} is no longer what was kept there: ${bytes} bytes in place of ${kept.bytes}.` }
  const start = source.start - (source.byPictures ? video.startMs : 0)
  const span = { start: start + video.startMs, end: start + video.endMs }
  const identity = kept ? kept.sha256 : `${bytes} ${Math.floor(modifiedMs)}`
  return { path, view, start, span, stands: source.stands ?? span, identity }
}

export function isUnusable(clip: Clip | Unusable): clip is Unusable {
  return 'reason' in clip
}

/** By time, and where two begin together in an order that does not change. */
export function inTime(clips: readonly Clip[]): Clip[] {
  return [...clips].sort((a, b) => a.start - b.start || (a.path < b.path ? -1 : 1))
}

/** Angles in the order people know: road, driver, analog … */
export function inOrder(views: Iterable<string>): string[] {
  const place = (view: string) => (knownViews as readonly string[]).indexOf(view) >>> 0
  return [...new Set(views)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

/** Angles that are worth showing: those with a clip, and those of which something that was recorded is missing. */
export function viewsOf({ clips, holes }: Footage): string[] {
  const missed = holes.flatMap(({ view, because }) => (view === undefined || because === 'absent' ? [] : [view]))
  return inOrder([...clips.map(({ view }) => view), ...missed])
}
