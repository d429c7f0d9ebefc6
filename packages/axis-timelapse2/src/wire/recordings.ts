import { createHash } from 'node:crypto'
import type { Facts, Recording } from '@cam/download-core/source'
import { present } from './app.ts'
import {
  type ArchiveEntry,
  exactBytes,
  extensionOf,
  isUsable,
  readName,
  trustedWindow,
  type UnusableEntry,
} from './list.ts'
import { encoded } from './target.ts'

/** What decides how an entry becomes a recording. */
export interface Listing {
  readonly cameraId: string
  readonly entries: readonly (ArchiveEntry | UnusableEntry)[]
  /** Dialects B, C and A of PROTOCOL.md. */
  readonly media: 'avi' | 'mp4' | 'unknown'
  /** Epoch milliseconds, to tell dates that cannot be. */
  readonly now: number
}

/** One recording for each entry, in the camera's order: none is left out, and no two share an id. */
export function toRecordings(listing: Listing): Recording[] {
  const { entries, media } = listing
  const files = count(entries.filter(isUsable).map(({ filename }) => filename))
  const ids = entries.map((entry) => (isUsable(entry) ? idOf(entry, media) : unusableId(entry)))
  const unique = distinct(ids, (index) => {
    const entry = entries[index]!
    // By profile first: unlike the position in the list it stays when another entry goes.
    return isUsable(entry) && entry.id !== undefined && media !== 'unknown' ? `~${encoded(entry.id)}` : ''
  })
  return entries.map((entry, index) =>
    isUsable(entry)
      ? recordingOf(entry, unique[index]!, listing, media === 'unknown' ? 1 : files.get(entry.filename)!)
      : {
          id: unique[index]!,
          cameraId: listing.cameraId,
          windowFrom: 'none',
          extension: media === 'unknown' ? 'bin' : media,
          resume: 'never',
          facts: { problem: entry.problem, entry: entry.excerpt },
        },
  )
}

function recordingOf(entry: ArchiveEntry, id: string, listing: Listing, namesakes: number): Recording {
  const { media } = listing
  const { filename, frames, size } = entry
  const extension = extensionOf(filename) ?? (media === 'unknown' ? 'bin' : media)
  const bytes = media === 'unknown' ? undefined : exactBytes(entry)
  const window = trustedWindow(entry, listing.now)
  const pictures = frames !== undefined && Number.isSafeInteger(frames) && frames > 0 ? frames : undefined
  const approximate = bytes === undefined && size !== undefined && size > 0 ? Math.round(size) : undefined
  const { profile, written } = readName(filename)
  const facts = present({
    profileId: media === 'unknown' ? undefined : entry.id,
    written,
    pictures,
    fps: entry.fps,
    converted: entry.migrated,
    namesakes: namesakes > 1 ? namesakes - 1 : undefined,
  }) as Facts
  return {
    id,
    cameraId: listing.cameraId,
    // By name: a profile's id does not survive the conversion to MP4, the file's name does.
    ...(profile && { view: profile }),
    ...(window ? { window, windowFrom: 'source' } : { windowFrom: 'none' }),
    name: filename,
    extension,
    ...(bytes !== undefined && { bytes }),
    ...(approximate !== undefined && { approximateBytes: approximate }),
    // An encoder may have joined or doubled pictures, a conversion too. PROTOCOL.md §4.4.
    ...(pictures !== undefined && extension === 'avi' && !entry.migrated && { expect: { frames: pictures } }),
    resume: media === 'mp4' || (media === 'avi' && extension === 'mp4') ? 'validated' : 'never',
    ...(Object.keys(facts).length > 0 && { facts }),
  }
}

/** Without the extension, which changes when an update converts the archive. PROTOCOL.md §3.8. */
function idOf(entry: ArchiveEntry, media: Listing['media']): string {
  if (media === 'unknown') return `${encoded(entry.id ?? '')}/${entry.filename}`
  return `${readName(entry.filename).stem}@${entry.first ?? '?'}-${entry.last ?? '?'}`
}

/** The id a TimelapseMe archive is asked for with. */
export function exportIdOf(recording: Recording): string {
  return decodeURIComponent(recording.id.slice(0, Math.max(0, recording.id.indexOf('/'))))
}

function unusableId({ problem, excerpt }: UnusableEntry): string {
  return `entry ${createHash('sha256').update(problem).update(excerpt).digest('hex').slice(0, 16)}`
}

/** Ids that collide get a suffix, all of them: none may take over what another one's outcome says. */
function distinct(ids: readonly string[], suffix: (index: number) => string): string[] {
  const once = count(ids)
  const named = ids.map((id, index) => (once.get(id)! > 1 ? `${id}${suffix(index)}` : id))
  const twice = count(named)
  const seen = new Map<string, number>()
  return named.map((id) => {
    if (twice.get(id) === 1) return id
    const position = (seen.get(id) ?? 0) + 1
    seen.set(id, position)
    return `${id}~~${position}`
  })
}

function count(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
