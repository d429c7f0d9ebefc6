import type { EpochMs } from '@cam/download-core/source'
import { dayMs, type WallMs } from './wall.ts'
import { momentsOf, type Zone } from './zone.ts'

/** What is known of a start besides what the wall showed. */
export interface StartHints {
  /** Whether the recording's name says that it was summer time. Undefined where names do not tell. */
  readonly summer?: boolean
  /** The same start in UTC, where the device states it. */
  readonly utc?: EpochMs
}

/** In which the clock is moved at least once, where it is moved at all. */
const halfYearMs = 183 * dayMs

/**
 * The moment at which the device's clock showed this. A repeated hour is told apart by what the device states: UTC, or the summer
 * time in the name; the earlier one where it states nothing. A skipped reading is taken as if the clock had not been moved yet.
 */
export function startMoment(zone: Zone, wall: WallMs, { summer, utc }: StartHints): EpochMs {
  if (utc !== undefined && isPlausible(zone, wall, utc)) return utc
  const moments = momentsOf(zone, wall)
  const [earlier, later] = moments
  if (earlier !== undefined && later !== undefined) return summer === false ? later : earlier
  // The device's own mark goes before its present rule, which may have been another one when it recorded.
  if (summer === true && zone.summerOffset !== undefined) return wall - zone.summerOffset
  return earlier ?? wall - zone.offsetAt(wall - dayMs)
}

/**
 * The moment at which the device's clock showed the end of what began at `start`. Never before it. `lasts`: it is known to be longer
 * than nothing, so that the same reading is that of the hour's second time.
 */
export function endMoment(
  zone: Zone,
  start: EpochMs,
  startWall: WallMs,
  endWall: WallMs,
  { lasts = false }: { readonly lasts?: boolean } = {},
): EpochMs {
  const own = Math.max(start, start + (endWall - startWall))
  // The zone the device itself meant: the rule as it is now may be another one.
  if (startWall - start !== zone.offsetAt(start)) return own
  return momentsOf(zone, endWall).find((at) => at > start || (at === start && !lasts)) ?? own
}

/**
 * Whether the clock can have shown this at that moment: in winter or in summer time, by whichever rule was in force. Some recorders
 * state the start in UTC in name only, and a zone that the user gave tells nothing of what the device takes for UTC.
 */
function isPlausible(zone: Zone, wall: WallMs, utc: EpochMs): boolean {
  const ahead = wall - utc
  const now = zone.offsetAt(utc)
  if (ahead === now) return true
  const others = [zone.offsetAt(utc - halfYearMs), zone.offsetAt(utc + halfYearMs), zone.summerOffset]
  // The same reading twice is that of one clock, even where that shows UTC half of the year.
  return ahead !== 0 && others.includes(ahead)
}
