import { type CompleteTools, type Flags, type FlagValue, inZone, readMoment, UsageError } from '@cam/cli-kit'
import { printed } from './printed.ts'

const minute = 60_000
/** Far beyond any month's quota is a slip of the keyboard. */
const longestDays = 31

/** As people in the vendor's country write it, with or without AM and PM. */
const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AP])?\.?M?\.?$/i

/**
 * The vehicle and the minutes, which nobody can guess and which are paid for: from the flags, or asked for on a terminal. Throws
 * UsageError that names all that is missing.
 */
export async function complete(flags: Flags, tools: CompleteTools): Promise<Readonly<Record<string, FlagValue>>> {
  const { command, timeZone, interactive, ask, clock } = tools
  // What failed stands in the ledger.
  if (command === 'retry') return { timezone: timeZone }
  contradictions(flags)
  const now = clock.now()
  const needs = {
    vehicle: !flags.given('vehicle') && !flags.given('cameras'),
    start: !flags.given('start'),
    duration: !flags.given('duration') && !flags.given('end'),
  }
  // Before anybody is asked: a mistake on the command line comes first.
  const given = needs.start ? undefined : startOf(flags.text('start')!, timeZone, now)
  if (!interactive) refuse(needs)
  const vehicle = needs.vehicle ? [await ask('Vehicle name: ', something)] : flags.list('vehicle')
  const start =
    given ?? (await ask(`Start (MM/DD/YYYY HH:MM, 24 hours, ${timeZone}): `, (text) => startOf(text, timeZone, now)))
  const minutes = needs.duration ? await ask('Duration in minutes: ', minutesOf) : flags.number('duration')
  return { timezone: timeZone, vehicle, ...windowOf(flags, start, minutes, timeZone, now) }
}

/** Exactly so many minutes, from a full one on; or what --end says. */
function windowOf(flags: Flags, asked: number, minutes: number | undefined, timeZone: string, now: number) {
  if (minutes === undefined) {
    const text = flags.text('end')!
    const end = momentOf(text, 'end', timeZone, now)
    if (end <= asked) throw new UsageError(`--end: "${text}" is not after --start, ${iso(asked)}.`)
    notTooLong(Math.ceil((end - asked) / minute))
    return { start: iso(asked), end: iso(end) }
  }
  notTooLong(minutes)
  const start = Math.floor(asked / minute) * minute
  return { start: iso(start), end: iso(start + minutes * minute) }
}

/** Throws UsageError. */
function startOf(text: string, timeZone: string, now: number): number {
  const start = momentOf(text, 'start', timeZone, now)
  if (start < now) return start
  throw new UsageError(`--start: "${text}" is ${iso(start)}, which has not happened yet.`)
}

/** Throws UsageError in the words that were written. */
function momentOf(text: string, flag: string, timeZone: string, now: number): number {
  const written = isoOf(text, flag)
  try {
    return inZone(readMoment(written, flag, now), timeZone, text, flag, now)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message.replace(`"${written}"`, `"${text}"`))
    throw error
  }
}

/** `04/16/2025 01:30 PM` as `2025-04-16 13:30:00`; anything else as it is. */
function isoOf(text: string, flag: string): string {
  const [, month, day, year, written, minutes, seconds = '00', half] = american.exec(text.trim()) ?? []
  if (year === undefined) {
    if (!text.includes('/')) return text
    throw new UsageError(
      `--${flag}: "${text}" is not a time. Write MM/DD/YYYY HH:MM, such as 04/16/2025 13:30 or 04/16/2025 01:30 PM, or ` +
        '2025-04-16T13:30:00-05:00.',
    )
  }
  if (Number(month) > 12 && Number(day) <= 12) {
    const turned = `${two(day)}/${month}/${year} ${written}:${minutes}`
    throw new UsageError(`--${flag}: "${text}" has no month ${month}: the month comes first, as in ${turned}.`)
  }
  const hours = half === undefined ? Number(written) : afterNoon(text, Number(written), half)
  return `${year}-${two(month)}-${two(day)} ${two(hours)}:${minutes}:${seconds}`
}

function afterNoon(text: string, hours: number, half: string): number {
  if (hours < 1 || hours > 12) throw new UsageError(`"${text}" has an hour that no clock with AM and PM shows.`)
  return (hours % 12) + (/p/i.test(half) ? 12 : 0)
}

function two(value: string | number | undefined): string {
  return String(value).padStart(2, '0')
}

function something(text: string): string {
  if (text.trim() !== '') return text.trim()
  throw new UsageError('No vehicle was named.')
}

function minutesOf(text: string): number {
  const minutes = Number(text.trim())
  if (!/^\d{1,6}$/.test(text.trim()) || minutes < 1) throw new UsageError(`"${text}" is not a whole number of minutes.`)
  notTooLong(minutes)
  return minutes
}

function notTooLong(minutes: number): void {
  if (minutes <= longestDays * 1440) return
  throw new UsageError(
    `${printed(minutes)} minutes of each angle are more than the ${longestDays} days that one run takes on; ask for a part of it.`,
  )
}

function contradictions(flags: Flags): void {
  for (const [one, other] of [
    ['duration', 'end'],
    ['vehicle', 'cameras'],
  ] as const) {
    if (flags.given(one) && flags.given(other)) {
      throw new UsageError(`--${one} and --${other} contradict each other; use one of them.`)
    }
  }
  if (flags.on('ask-again') && flags.given('every'))
    throw new UsageError('--ask-again with --every would order, and pay for, the same footage again in each run.')
}

function refuse(needs: Readonly<Record<'vehicle' | 'start' | 'duration', boolean>>): void {
  const missing = [
    needs.vehicle && 'a vehicle (--vehicle NAME)',
    needs.start && 'a beginning (--start TIME)',
    needs.duration && 'a length (--duration MINUTES)',
  ].filter((text) => text !== false)
  if (missing.length === 0) return
  throw new UsageError(
    `Footage is ordered by the minute and paid for, and there is no ${missing.map((text) => text.replace(/^a /, '')).join(', no ')}. ` +
      'On a terminal you are asked.',
  )
}

function iso(moment: number): string {
  return new Date(moment).toISOString()
}
