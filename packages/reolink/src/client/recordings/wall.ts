import type { LocalTime } from '../../wire/device-time.ts'

/**
 * A reading of a clock on the wall: milliseconds as if that clock were UTC. Readings can be compared and subtracted as long as the
 * clock was not moved between them.
 */
export type WallMs = number

/** A second, in milliseconds. */
export const secondMs = 1000
/** A minute, in milliseconds. */
export const minuteMs = 60_000
/** An hour, in milliseconds. */
export const hourMs = 3_600_000
/** A day on which the clock is not moved, in milliseconds. */
export const dayMs = 86_400_000

/** Undefined for what no clock shows. */
export function wallOf({ year, month, day, hour, minute, second }: LocalTime): WallMs | undefined {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const again = new Date(wall)
  // The 30th of February becomes the 2nd of March; the year 99 becomes 1999.
  const same =
    again.getUTCFullYear() === year &&
    again.getUTCMonth() === month - 1 &&
    again.getUTCDate() === day &&
    hour >= 0 &&
    hour < 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    second < 60
  return same ? wall : undefined
}

/** To the second, rounded down. */
export function localOf(wall: WallMs): LocalTime {
  const at = new Date(wall)
  return {
    ...{ year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() },
    ...{ hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds() },
  }
}

/** The day's midnight, as the wall shows it. */
export function midnightOf(wall: WallMs): WallMs {
  return Math.floor(wall / dayMs) * dayMs
}

/** `20240907084519`: how the vendor writes a moment where it has no zone. */
export function digitsOf(wall: WallMs): string {
  return new Date(wall).toISOString().slice(0, 19).replace(/\D/g, '')
}

/** Reads `YYYYMMDD` and `hhmmss`. Undefined for what no clock shows. */
export function wallFromDigits(date: string, time: string): WallMs | undefined {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(date) ?? []
  const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)$/.exec(time) ?? []
  if (year === undefined || hour === undefined) return undefined
  return wallOf({
    ...{ year: Number(year), month: Number(month), day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
  })
}
