import type { EpochMs } from '@cam/download-core'

const dayMs = 86_400_000

/** Throws a RangeError that names the zone where the system does not know it. */
export function dateFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  } catch {
    throw new RangeError(`timeZone must be an IANA time zone such as Europe/Berlin; received ${timeZone}.`)
  }
}

/** `2026-05-04`: the date on the wall of a zone. */
export function dateOf(at: EpochMs, format: Intl.DateTimeFormat): string {
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part.year}-${part.month}-${part.day}`
}

/** Every date from one to the other, both included. */
export function datesBetween(first: string, last: string): string[] {
  const dates: string[] = []
  for (let at = Date.parse(first); at <= Date.parse(last); at += dayMs) {
    dates.push(new Date(at).toISOString().slice(0, 10))
  }
  return dates
}

/**
 * The first moment of a date in a zone. Searched for rather than computed: a day may begin at 01:00 where clocks change at
 * midnight.
 */
export function startOfDay(date: string, format: Intl.DateTimeFormat): EpochMs {
  // No zone is further than 15 hours from UTC.
  let before = Date.parse(date) - 15 * 3_600_000
  let after = Date.parse(date) + 15 * 3_600_000
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dateOf(middle, format) < date) before = middle
    else after = middle
  }
  return after
}

/** The date so many days later, or earlier. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10)
}

/** 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(Date.parse(date)).getUTCDay()
}
