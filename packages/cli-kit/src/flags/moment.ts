import { Temporal } from 'temporal-polyfill'
import { UsageError } from '../usage-error.ts'
import type { Flags } from './flag.ts'

/** A moment as the user wrote it: fixed, or a wall clock reading that needs a zone. */
export type Moment =
  | { readonly kind: 'instant'; readonly epochMs: number }
  | { readonly kind: 'local'; readonly dateTime: Temporal.PlainDateTime; readonly wholeDay: boolean }
  | { readonly kind: 'day'; readonly daysFromToday: number }

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const
const ago = /^([+-])(\d{1,6})([smhdw])$/
const dateAndTime =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * Reads `2026-01-05T08:00:00+01:00`, `2026-01-05 08:00:00+0000`, `2026-01-05`, `now`, `-24h`, `-7d`, `today` or `yesterday`
 * (both at 00:00). Throws UsageError.
 */
export function readMoment(text: string, flag: string, nowMs: number): Moment {
  const word = text.trim().toLowerCase()
  if (word === 'now') return { kind: 'instant', epochMs: nowMs }
  if (word === 'today') return { kind: 'day', daysFromToday: 0 }
  if (word === 'yesterday') return { kind: 'day', daysFromToday: -1 }
  const relative = ago.exec(word)
  if (relative) {
    const ms = Number(relative[2]) * secondsOf[relative[3] as keyof typeof secondsOf] * 1000
    return { kind: 'instant', epochMs: nowMs + (relative[1] === '-' ? -ms : ms) }
  }
  const parts = dateAndTime.exec(text.trim())
  if (!parts) throw notATime(text, flag)
  const [, year, month, day, hour, minute, second, fraction, offset] = parts
  let dateTime: Temporal.PlainDateTime
  try {
    dateTime = Temporal.PlainDateTime.from(
      {
        year: Number(year),
        month: Number(month),
        day: Number(day),
        hour: Number(hour ?? 0),
        minute: Number(minute ?? 0),
        second: Number(second ?? 0),
        millisecond: Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
      },
      { overflow: 'reject' },
    )
  } catch {
    throw new UsageError(`--${flag}: "${text}" names a day or a time of day that does not exist.`)
  }
  if (offset === undefined) return { kind: 'local', dateTime, wholeDay: hour === undefined }
  if (hour === undefined) throw notATime(text, flag)
  return { kind: 'instant', epochMs: atOffset(dateTime, offset, text, flag) }
}

/** True where a zone is needed to know which moment is meant. */
export function needsZone(moment: Moment): boolean {
  return moment.kind !== 'instant'
}

/** The moment on the UTC time line. Throws UsageError where a change of the clocks leaves no, or two, readings. */
export function inZone(moment: Moment, timeZone: string, text: string, flag: string, nowMs: number): number {
  if (moment.kind === 'instant') return moment.epochMs
  if (moment.kind === 'day') {
    const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs)).toZonedDateTimeISO(timeZone).toPlainDate()
    return startOfDay(today.add({ days: moment.daysFromToday }), timeZone)
  }
  if (moment.wholeDay) return startOfDay(moment.dateTime.toPlainDate(), timeZone)
  const earlier = moment.dateTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const later = moment.dateTime.toZonedDateTime(timeZone, { disambiguation: 'later' })
  if (earlier.epochMilliseconds === later.epochMilliseconds) return earlier.epochMilliseconds
  const what = earlier.toPlainDateTime().equals(later.toPlainDateTime()) ? 'happens twice' : 'does not exist'
  throw new UsageError(
    `--${flag}: "${text}" ${what} in ${timeZone}, because the clocks change. Write the one you mean: ` +
      `${withOffset(earlier)} or ${withOffset(later)}.`,
  )
}

/** The moment a flag of a vendor's names, without asking a camera for its zone. Throws UsageError. */
export function momentOf(flags: Flags, flag: string, nowMs: number): number | undefined {
  const text = flags.text(flag)
  if (text === undefined) return undefined
  const moment = readMoment(text, flag, nowMs)
  const zone = flags.text('timezone')
  if (needsZone(moment) && zone === undefined) {
    throw new UsageError(`--${flag}: "${text}" has no offset. Write it with one, such as …+01:00, or add --timezone.`)
  }
  return inZone(moment, zone === undefined ? 'UTC' : readTimeZone(zone, 'timezone'), text, flag, nowMs)
}

/** The zone's name as IANA writes it. Throws UsageError. */
export function readTimeZone(text: string, flag: string): string {
  if (isTimeZone(text)) return text
  throw new UsageError(`--${flag}: "${text}" is not an IANA time zone such as Europe/Berlin or UTC.`)
}

/** Cameras may claim any zone. */
export function isTimeZone(text: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text)
    return true
  } catch {
    return false
  }
}

function startOfDay(day: Temporal.PlainDate, timeZone: string): number {
  // Midnight itself may be skipped; the zone's first moment of that day is what people mean.
  return day.toZonedDateTime(timeZone).epochMilliseconds
}

function atOffset(dateTime: Temporal.PlainDateTime, offset: string, text: string, flag: string): number {
  const wall = dateTime.toZonedDateTime('UTC').epochMilliseconds
  if (/^z$/i.test(offset)) return wall
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  if (minutes > 14 * 60 || Number(digits.slice(2)) > 59) {
    throw new UsageError(`--${flag}: "${text}" has an offset that no place on earth has.`)
  }
  return wall - (offset.startsWith('-') ? -minutes : minutes) * 60_000
}

function withOffset(moment: Temporal.ZonedDateTime): string {
  return moment.toString({ timeZoneName: 'never', smallestUnit: 'second' })
}

function notATime(text: string, flag: string): UsageError {
  return new UsageError(
    `--${flag}: "${text}" is not a time. Write 2026-01-05T08:00:00+01:00, "2026-01-05 08:00:00+0000", 2026-01-05, ` +
      'now, -24h, -7d, today or yesterday; times without an offset are read in --timezone.',
  )
}
