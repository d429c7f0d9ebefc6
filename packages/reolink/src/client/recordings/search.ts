import { isCamError, ProtocolError } from '@cam/download-core/source'
import { vendor } from '../../failures.ts'
import type { Stream } from '../../options.ts'
import type { Device } from '../device.ts'
import { type FileEntry, type Found, readFound } from './entry.ts'
import { halvesOf, isWholeDay, type Span } from './spans.ts'
import { localOf, type WallMs } from './wall.ts'

/** Whose files are searched. */
export interface Searched {
  readonly device: Pick<Device, 'ask'>
  readonly channel: number
  readonly stream: Stream
  readonly signal: AbortSignal
}

/** All files of a span. */
export interface Listed {
  readonly entries: readonly FileEntry[]
  readonly unreadable: number
  /** By its own table the device recorded on this day, and yet it lists nothing. Only ever true of whole days. */
  readonly withheld: boolean
}

/**
 * Every file of a span. Where the device fails at so much at once, and where its answer looks as if it was cut off at some number,
 * the halves are asked for. Throws what the smallest of them fails with. PROTOCOL.md §4.1.
 */
export async function searchFiles(whose: Searched, span: Span): Promise<Listed> {
  const found = await searchDeep(whose, span)
  if (found.entries.length > 0 || !isWholeDay(span) || !found.days.has(span.from)) return listed(found, false)
  const again = await searchHalves(whose, span)
  return listed(again ?? found, !again?.entries.length)
}

function listed({ entries, unreadable }: Found, withheld: boolean): Listed {
  return { entries, unreadable, withheld: withheld && unreadable === 0 }
}

async function searchDeep(whose: Searched, span: Span): Promise<Found> {
  let found: Found
  try {
    found = await searchOnce(whose, span)
  } catch (error) {
    if (!isTooMuchAtOnce(error)) throw error
    const halves = await searchHalves(whose, span)
    if (!halves) throw error
    return halves
  }
  if (!looksCutOff(found.entries.length)) return found
  const halves = await searchHalves(whose, span)
  return halves ? joined(found, halves) : found
}

/** Undefined where the span is too short to be divided. */
async function searchHalves(whose: Searched, span: Span): Promise<Found | undefined> {
  const halves = halvesOf(span)
  if (!halves) return undefined
  const [first, second] = [await searchDeep(whose, halves[0]), await searchDeep(whose, halves[1])]
  const both = joined(first, second)
  return { ...both, unreadable: first.unreadable + second.unreadable }
}

function joined(one: Found, other: Found): Found {
  const entries = new Map([...one.entries, ...other.entries].map((entry) => [keyOf(entry), entry]))
  return {
    entries: [...entries.values()],
    days: new Set([...one.days, ...other.days]),
    unreadable: Math.max(one.unreadable, other.unreadable),
  }
}

async function searchOnce({ device, channel, stream, signal }: Searched, span: Span): Promise<Found> {
  const value = await device.ask({ cmd: 'Search', param: searchParam(channel, stream, span, 0) }, signal)
  const found = readFound(value)
  if (found) return found
  throw new ProtocolError(`A search of channel ${channel} was answered without a result.`, { vendor })
}

/** `onlyStatus` 1 asks for the days alone. */
export function searchParam(channel: number, stream: Stream, { from, to }: Span, onlyStatus: 0 | 1) {
  return {
    Search: {
      ...{ channel, onlyStatus, streamType: stream },
      ...{ StartTime: wireTime(from), EndTime: wireTime(to) },
    },
  }
}

/** A moment as the wire has it. */
export function wireTime(wall: WallMs) {
  const { year, month, day, hour, minute, second } = localOf(wall)
  return { year, mon: month, day, hour, min: minute, sec: second }
}

/** The one name of a file in different answers. */
function keyOf({ name, start, end }: FileEntry): string {
  return name ?? `${start} ${end}`
}

/** Nobody states a limit. Round numbers, and those around powers of two, are looked at twice. */
function looksCutOff(count: number): boolean {
  if (count < 60) return false
  const nearPower = [count - 1, count, count + 1].some((number) => (number & (number - 1)) === 0)
  return count % 10 === 0 || nearPower
}

/** -8, -11, -16, -17 and no answer at all: what devices do when a search is too big for them. */
function isTooMuchAtOnce(error: unknown): boolean {
  if (!isCamError(error) || error.stops === 'run') return false
  if (error.code === 'TIMEOUT') return 'phase' in error && error.phase !== 'connect' && error.phase !== 'tls'
  return ['SERVER', 'INCOMPLETE', 'PROTOCOL'].includes(error.code)
}
