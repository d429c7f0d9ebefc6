import { isJsonObject } from '@cam/download-core/source'
import { present } from './app.ts'

/** One archive as the camera lists it. Everything but the name may be missing or absurd. PROTOCOL.md §3.1. */
export interface ArchiveEntry {
  readonly filename: string
  /** The profile's id (B, C), the archive's own (A). */
  readonly id?: string
  readonly size?: number
  readonly frames?: number
  readonly fps?: number
  /** Epoch milliseconds, not yet believed. */
  readonly first?: number
  readonly last?: number
  /** Converted from AVI by the camera. */
  readonly migrated?: true
}

/** An entry that cannot be asked for. It is reported, never left out. */
export interface UnusableEntry {
  readonly problem: string
  /** The entry itself, shortened. */
  readonly excerpt: string
}

/** Reads one entry of a list; fields of a wrong type count as missing. `needsId`: TimelapseMe serves nothing without one. */
export function readEntry(value: unknown, needsId: boolean): ArchiveEntry | UnusableEntry {
  const unusable = (problem: string): UnusableEntry => ({ problem, excerpt: excerpt(value) })
  if (!isJsonObject(value)) return unusable('is not an object')
  const { filename } = value
  if (typeof filename !== 'string') {
    return unusable(filename === undefined ? 'names no file' : 'has a file name that is not a text')
  }
  if (filename.trim() === '') return unusable('has an empty file name')
  const id = typeof value.id === 'number' || typeof value.id === 'string' ? String(value.id) : undefined
  if (needsId && !id) return unusable('has no id to ask for')
  return {
    filename,
    ...present({
      id: id || undefined,
      size: numeric(value.size),
      frames: numeric(value.frames),
      fps: numeric(value.fps),
      first: numeric(value.first),
      last: numeric(value.last),
      migrated: value.migrated === true ? true : undefined,
    }),
  }
}

/** True for an entry that can be asked for. */
export function isUsable(entry: ArchiveEntry | UnusableEntry): entry is ArchiveEntry {
  return 'filename' in entry
}

/**
 * Length of the file, where the list states it exactly: C's `size` is that, B's is the sum of its padded pictures and leaves out
 * the AVI's own structure. PROTOCOL.md §4.1, §4.3.
 */
export function exactBytes(entry: ArchiveEntry): number | undefined {
  const { size, frames } = entry
  if (!isCount(size)) return undefined
  if (extensionOf(entry.filename) === 'mp4') return size
  if (extensionOf(entry.filename) !== 'avi' || !isCount(frames)) return undefined
  // Each picture is padded to 4 bytes: any other sum is not what this writer states.
  if (size % 4 !== 0 || size < frames * 4) return undefined
  return 248 + size + 24 * frames
}

const earliest = Date.UTC(2010, 0, 1)
const ahead = 24 * 60 * 60 * 1000

/** First to last picture, or undefined where the dates cannot be believed. PROTOCOL.md §3.3. */
export function trustedWindow(
  { first, last }: ArchiveEntry,
  now: number,
): { readonly start: number; readonly end: number } | undefined {
  if (first === undefined || last === undefined) return undefined
  if (first < earliest || last < first || last > now + ahead) return undefined
  // The last picture belongs to the window.
  return { start: Math.floor(first), end: Math.floor(last) + 1 }
}

/** A name's parts. PROTOCOL.md §3.4. */
export interface NameParts {
  /** Without the extension. */
  readonly stem: string
  readonly profile?: string
  /** When the archive was written, by the camera's clock and zone. */
  readonly written?: string
}

/** Takes a file name apart; whatever does not look like one of the app's has only a stem. */
export function readName(filename: string): NameParts {
  const stem = filename.replace(/\.[^./\\]{1,8}$/, '')
  const found = /^(.*)_(\d{4})_(\d{2})_(\d{2})(?:_(\d{2})(\d{2}))?$/s.exec(stem)
  if (!found) return { stem }
  const [, profile = '', year, month, day, hour, minute] = found
  return {
    stem,
    ...(profile && { profile }),
    written: `${year}-${month}-${day}${hour === undefined ? '' : ` ${hour}:${minute}`}`,
  }
}

/** In lower case, without the dot; undefined where the name has none. */
export function extensionOf(filename: string): string | undefined {
  return /\.([a-z\d]{1,8})$/i.exec(filename)?.[1]?.toLowerCase()
}

/** A number as JSON writes it, or one in quotes. */
function numeric(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,16}$/.test(value)) return Number(value)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
