import { at, isObject } from './fields.ts'
import { fromTimestamp } from './timestamp.ts'

/** One entry of `asset/list/video`: half-open, epoch milliseconds. */
export interface Interval {
  readonly start: number
  readonly end: number
}

/** An entry, or in words why it is none. */
export function readInterval(value: unknown): Interval | string {
  if (!isObject(value)) return 'is no object'
  const start = fromTimestamp(at(value, 's'))
  const end = fromTimestamp(at(value, 'e'))
  if (start === undefined) return 'has no usable start'
  if (end === undefined) return 'has no usable end'
  return end < start ? 'ends before it begins' : { start, end }
}

/**
 * In order of time, each start once. Of entries that begin together the longer one counts: the others were listed while it was
 * still growing. An entry without any length holds nothing. PROTOCOL.md §1.4.
 */
export function distinct(intervals: Iterable<Interval>): Interval[] {
  const ends = new Map<number, number>()
  for (const { start, end } of intervals) {
    if (end > start) ends.set(start, Math.max(end, ends.get(start) ?? end))
  }
  return [...ends].map(([start, end]) => ({ start, end })).sort((a, b) => a.start - b.start)
}
