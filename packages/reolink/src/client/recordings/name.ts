import type { Stream, Trigger } from '../../options.ts'
import { readTriggers } from './triggers.ts'
import { dayMs, type WallMs, wallFromDigits } from './wall.ts'

/** What a file's name tells. PROTOCOL.md §4.4. */
export interface NameFacts {
  readonly stream: Stream
  /** The device's wall clock. */
  readonly start: WallMs
  /** Absent where the file was not closed when it was named. */
  readonly end?: WallMs
  /** Whether the clock showed summer time at the start. */
  readonly summer: boolean
  /** Exact. Absent where the file was not closed. */
  readonly bytes?: number
  readonly triggers?: readonly Trigger[]
  /** The name up to its start, which does not change when the file is closed; without the disk and the hub's folder. */
  readonly stem: string
}

const longestName = 1024

/** Reads a name as cameras and hubs write it; undefined for every other. */
export function readName(name: string): NameFacts | undefined {
  if (name.length > longestName) return undefined
  const file = name.slice(name.lastIndexOf('/') + 1)
  const [, base] = /^(Rec[MS].+)\.mp4$/i.exec(file) ?? []
  const parts = base?.split('_') ?? []
  const [tag = '', date = '', from = '', to = ''] = parts
  const [, letter, hex = ''] = /^Rec([MS])([\dA-F]{2})$/i.exec(tag) ?? []
  const [, dst, day = ''] = /^(DST)?(\d{8})$/.exec(date) ?? []
  const start = wallFromDigits(day, from)
  if (letter === undefined || start === undefined || ![6, 7, 9].includes(parts.length)) return undefined
  const end = endOf(start, day, to)
  const bytes = sizeOf(parts.at(-1)!)
  const triggers = readTriggers(parts.at(-2)!, Number.parseInt(hex, 16), parts.length === 9)
  return {
    ...{ stream: letter.toUpperCase() === 'M' ? 'main' : 'sub', start, summer: dst !== undefined },
    ...(end !== undefined && { end }),
    ...(bytes !== undefined && { bytes }),
    ...(triggers && { triggers }),
    stem: `${withoutDisk(name.slice(0, name.length - file.length))}${tag}_${date}_${from}`,
  }
}

/** `000000` is what stands there until the file is closed. An end before the start is one after midnight. */
function endOf(start: WallMs, day: string, to: string): WallMs | undefined {
  if (to === '000000') return undefined
  const end = wallFromDigits(day, to)
  if (end === undefined) return undefined
  return end < start ? end + dayMs : end
}

function sizeOf(hex: string): number | undefined {
  if (!/^[\dA-F]{1,12}$/i.test(hex)) return undefined
  const bytes = Number.parseInt(hex, 16)
  return bytes > 0 ? bytes : undefined
}

/** A hub's folder has the camera's name in it, and a disk may be put in elsewhere: neither belongs to what a recording is. */
export function withoutDisk(name: string): string {
  const at = name.search(/(^|\/)Mp4Record\//)
  if (at < 0) return name.replace(/^\/mnt\/[^/]+\//, '')
  return name.slice(at).replace(/^\//, '')
}
