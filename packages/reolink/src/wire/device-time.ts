import { at } from '@cam/download-core/source'
import { integer, integerFrom } from './envelope.ts'

/** A moment of the device's wall clock. Months from 1. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** When the clocks change: the `week`-th `weekday` (0 is Sunday) of `month`; week 5 is the last. */
export interface ClockChange {
  readonly month: number
  readonly week: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** The answer of GetTime. PROTOCOL.md §3.4. */
export interface DeviceTime {
  /** What its wall clock showed, summer time included. */
  readonly now: LocalTime
  /** Outside of summer time; east of UTC is positive (the wire's sign is the other one). */
  readonly offsetSeconds: number
  /** Absent where summer time is switched off. `start` and `end` are wall clock. */
  readonly summer?: { readonly addSeconds: number; readonly start: ClockChange; readonly end: ClockChange }
}

/** Reads the value of GetTime. Undefined where there is no time in it. */
export function readDeviceTime(value: unknown): DeviceTime | undefined {
  const time = at(value, 'Time')
  const now = readLocalTime(time)
  // A number of seconds west of UTC: the sign is not the usual one.
  const west = integerFrom(at(time, 'timeZone'), -16 * 3600, 16 * 3600)
  if (!now || west === undefined) return undefined
  const dst = at(value, 'Dst')
  const start = readChange(dst, 'start')
  const end = readChange(dst, 'end')
  const hours = integerFrom(at(dst, 'offset'), 1, 2) ?? 1
  const summer = integer(at(dst, 'enable')) === 1 && start && end ? { addSeconds: hours * 3600, start, end } : undefined
  // Not -0, which nobody expects in a comparison.
  return { now, offsetSeconds: 0 - west, ...(summer && { summer }) }
}

/** Reads `{year, mon, day, hour, min, sec}`. Undefined for what no clock shows. */
function readLocalTime(value: unknown): LocalTime | undefined {
  const year = integerFrom(at(value, 'year'), 1970, 2200)
  const month = integerFrom(at(value, 'mon'), 1, 12)
  const day = integerFrom(at(value, 'day'), 1, 31)
  const hour = integerFrom(at(value, 'hour'), 0, 24)
  const minute = integerFrom(at(value, 'min'), 0, 59)
  const second = integerFrom(at(value, 'sec'), 0, 60)
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  return { year, month, day, hour, minute, second }
}

function readChange(dst: unknown, edge: 'start' | 'end'): ClockChange | undefined {
  const month = integerFrom(at(dst, `${edge}Mon`), 1, 12)
  const week = integerFrom(at(dst, `${edge}Week`), 1, 5)
  const weekday = integerFrom(at(dst, `${edge}Weekday`), 0, 6)
  const hour = integerFrom(at(dst, `${edge}Hour`), 0, 23)
  const minute = integerFrom(at(dst, `${edge}Min`), 0, 59) ?? 0
  const second = integerFrom(at(dst, `${edge}Sec`), 0, 59) ?? 0
  if (month === undefined || week === undefined || weekday === undefined || hour === undefined) return undefined
  return { month, week, weekday, hour, minute, second }
}
