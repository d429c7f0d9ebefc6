import type { TimeWindow } from '@cam/download-core/source'
import { dayMs, hourMs, midnightOf, minuteMs, secondMs, type WallMs } from './wall.ts'
import { isMovedBetween, wallAt, type Zone } from './zone.ts'

/** A stretch of one day on the device's wall clock, to the second; `to` belongs to it. */
export interface Span {
  readonly from: WallMs
  readonly to: WallMs
}

/** What began earlier may reach into a window: no file is longer. */
const longestFileMs = 2 * hourMs
/** A device may have recorded by another rule of summer time than the one it has now. */
const otherRuleMs = 2 * hourMs
/** Around the hours that are moved, readings are in no order. */
const moveMs = 3 * hourMs

/** The day that begins at this midnight. */
export function wholeDay(midnight: WallMs): Span {
  return { from: midnight, to: midnight + dayMs - secondMs }
}

/** From midnight to midnight. */
export function isWholeDay({ from, to }: Span): boolean {
  return to - from === dayMs - secondMs
}

/**
 * What the device has to be asked for, so that everything of a window is in the answers: never more than one of its days at a time,
 * for it lists no files of more. PROTOCOL.md §4.1.
 */
export function* spansOf({ start, end }: TimeWindow, zone: Zone): Generator<Span> {
  const from = wallAt(zone, start - longestFileMs) - otherRuleMs
  const to = Math.ceil((wallAt(zone, end) + otherRuleMs) / secondMs) * secondMs
  for (let midnight = midnightOf(from); midnight <= to; midnight += dayMs) {
    const day = wholeDay(midnight)
    // An hour that is skipped or repeated has no place in a day's order: such a day is asked for whole.
    const moved = isMovedBetween(zone, midnight - dayMs / 2 - moveMs, midnight + dayMs * 1.5 + moveMs)
    if (moved) yield day
    else yield { from: Math.max(day.from, Math.floor(from / secondMs) * secondMs), to: Math.min(day.to, to) }
  }
}

/** Below this nothing is divided any more. */
const shortestMs = 10 * minuteMs

/** Two halves, or nothing where it is too short for that. */
export function halvesOf({ from, to }: Span): readonly [Span, Span] | undefined {
  if (to - from < shortestMs) return undefined
  const middle = Math.floor((from + to) / 2 / secondMs) * secondMs
  return [
    { from, to: middle },
    { from: middle + secondMs, to },
  ]
}
