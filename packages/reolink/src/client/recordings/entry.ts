import { at, type EpochMs, isJsonObject } from '@cam/download-core/source'
import { integerFrom } from '../../wire/envelope.ts'
import { type WallMs, wallOf } from './wall.ts'

/** One file as a Search lists it. PROTOCOL.md §4.1. */
export interface FileEntry {
  /** Absent where the firmware names none. */
  readonly name?: string
  /** The device's wall clock. */
  readonly start: WallMs
  readonly end: WallMs
  /** The start in UTC, where the device states that. */
  readonly utc?: EpochMs
  /** Of doubtful worth: exact on cameras, whole MiB elsewhere. */
  readonly bytes?: number
}

/** What a Search answered. */
export interface Found {
  readonly entries: readonly FileEntry[]
  /** What its table says of days: midnights of those on which something was recorded. */
  readonly days: ReadonlySet<WallMs>
  /** So many entries could not be read. */
  readonly unreadable: number
}

const longestName = 1024
const mostEntries = 100_000
/** 64 TiB. */
const mostBytes = 2 ** 46

/** Reads the value of a Search. Undefined where it is no result at all, as firmware under load answers. */
export function readFound(value: unknown): Found | undefined {
  const result = at(value, 'SearchResult')
  if (!isJsonObject(result)) return undefined
  // Both are missing, and not empty, where there is nothing.
  const files = at(result, 'File') ?? []
  const status = at(result, 'Status') ?? []
  if (!Array.isArray(files) || !Array.isArray(status) || files.length > mostEntries) return undefined
  const entries = files.map(readEntry)
  return {
    entries: entries.filter((entry) => entry !== undefined),
    days: new Set(status.slice(0, 1000).flatMap(daysOf)),
    unreadable: entries.filter((entry) => entry === undefined).length,
  }
}

function readEntry(file: unknown): FileEntry | undefined {
  const start = readWall(at(file, 'StartTime'))
  const end = readWall(at(file, 'EndTime'))
  const name = at(file, 'name')
  const named = typeof name === 'string' && name !== ''
  if (start === undefined || (named && name.length > longestName)) return undefined
  const utc = readWall(at(file, 'PlaybackTime'))
  const bytes = integerFrom(at(file, 'size'), 1, mostBytes)
  return {
    ...(named && { name }),
    ...{ start, end: end ?? start },
    ...(utc !== undefined && { utc }),
    ...(bytes !== undefined && { bytes }),
  }
}

/** One character for each day of a month. */
function daysOf(status: unknown): WallMs[] {
  const year = integerFrom(at(status, 'year'), 1970, 9999)
  const month = integerFrom(at(status, 'mon'), 1, 12)
  const table = at(status, 'table')
  if (year === undefined || month === undefined || typeof table !== 'string') return []
  return [...table.slice(0, 31)].flatMap((mark, index) => {
    const midnight = wallOf({ year, month, day: index + 1, hour: 0, minute: 0, second: 0 })
    return mark !== '0' && midnight !== undefined ? [midnight] : []
  })
}

/** Reads a moment as the wire has it. */
function readWall(time: unknown): WallMs | undefined {
  const part = (name: string) => integerFrom(at(time, name), 0, 9999)
  const [year, month, day] = [part('year'), part('mon'), part('day')]
  const [hour, minute, second] = [part('hour'), part('min'), part('sec')]
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  return wallOf({ year, month, day, hour, minute, second })
}
