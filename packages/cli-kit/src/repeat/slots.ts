import type { EpochMs } from '@cam/download-core'
import { Temporal } from 'temporal-polyfill'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** 1970-01-05, so that weeks begin on Monday. */
const aMonday = 4

/**
 * The first slot after a moment. Slots are the multiples of `everyMs` from midnight on, as the wall clock of the zone shows them; from
 * a day on (whole days) the midnights of every so many days. Where the clock repeats an hour, a reading counts twice if slots are no
 * farther apart than what is repeated; a reading that is skipped comes when the clock has moved on.
 */
export function nextSlot(after: EpochMs, everyMs: number, timeZone: string): EpochMs {
  const from = zoned(after, timeZone)
  const today = from.toPlainDate()
  if (everyMs >= dayMs) return midnight(today.add({ days: daysToNext(today, everyMs / dayMs) }), timeZone)
  const tomorrow = midnight(today.add({ days: 1 }), timeZone)
  const wallMs = sinceMidnight(from)
  if (!clocksChange(after - 3 * hourMs, after + everyMs + 3 * hourMs, timeZone)) {
    const next = (Math.floor(wallMs / everyMs) + 1) * everyMs
    return next < dayMs ? after - wallMs + next : tomorrow
  }
  const midnightReading = today.toPlainDateTime()
  // Clocks are moved by no more than two hours; a reading farther away cannot come next.
  const first = Math.max(0, Math.floor((wallMs - 3 * hourMs) / everyMs))
  let next = tomorrow
  for (let reading = first * everyMs; reading < dayMs && reading <= wallMs + everyMs + 3 * hourMs; reading += everyMs) {
    for (const slot of momentsOf(midnightReading.add({ milliseconds: reading }), everyMs, timeZone)) {
      if (slot > after) next = Math.min(next, slot)
    }
  }
  return next
}

/** When a clock on the wall shows this reading. */
function momentsOf(reading: Temporal.PlainDateTime, everyMs: number, timeZone: string): readonly EpochMs[] {
  const earlier = reading.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const later = reading.toZonedDateTime(timeZone, { disambiguation: 'later' })
  const apart = later.epochMilliseconds - earlier.epochMilliseconds
  const isTwice = apart > 0 && earlier.toPlainDateTime().equals(reading)
  if (isTwice)
    return everyMs <= apart ? [earlier.epochMilliseconds, later.epochMilliseconds] : [earlier.epochMilliseconds]
  return [later.epochMilliseconds]
}

function clocksChange(from: EpochMs, to: EpochMs, timeZone: string): boolean {
  return zoned(from, timeZone).offsetNanoseconds !== zoned(to, timeZone).offsetNanoseconds
}

function daysToNext(today: Temporal.PlainDate, days: number): number {
  const number = new Temporal.PlainDate(1970, 1, 1).until(today).days - aMonday
  return days - (((number % days) + days) % days)
}

function sinceMidnight(moment: Temporal.ZonedDateTime): number {
  const { hour, minute, second, millisecond } = moment
  return ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
}

/** Midnight itself may be skipped; then the day's first moment. */
function midnight(day: Temporal.PlainDate, timeZone: string): EpochMs {
  return day.toZonedDateTime(timeZone).epochMilliseconds
}

function zoned(at: EpochMs, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone)
}
