import { Temporal } from 'temporal-polyfill'
import type { EpochMs } from '../footage/time-window.ts'

const dayMs = 86_400_000
const units = { s: 1000, m: 60_000, h: 3_600_000, d: dayMs } as const
const words: Readonly<Record<string, number>> = { secondly: 1000, minutely: 60_000, hourly: 3_600_000, daily: dayMs }

/**
 * When pictures are due: whenever the clock of `timeZone` shows a multiple of `everyMs` since midnight. An hour that the clock
 * repeats has its slots twice; for slots in an hour that it skips there is one, at the moment of the jump.
 */
export interface Timetable {
  /** Milliseconds; from 1,000, and a day has to be a multiple of it. */
  readonly everyMs: number
  /** IANA zone. Default UTC. */
  readonly timeZone?: string
  /** Slots for which this is false are none, and nobody misses them: nights, for instance. Called often; has to be quick. Default: all are due. */
  due?(slot: EpochMs): boolean
}

/** Reads `1s`, `10s`, `5m`, `1h`, `minutely`, `hourly`, `daily`. Throws a RangeError for what does not divide a day. */
export function parseTimetable(
  text: string,
  options: { readonly timeZone?: string; readonly due?: (slot: EpochMs) => boolean } = {},
): Timetable {
  const [, count, unit] = /^\s*(\d{1,8})\s*([smhd])\s*$/i.exec(text) ?? []
  const word = words[text.trim().toLowerCase()]
  const everyMs = unit ? Number(count) * units[unit.toLowerCase() as keyof typeof units] : word
  if (everyMs === undefined) {
    throw new RangeError(`A timetable is written as "10s", "5m", "1h", "minutely" or "hourly"; received "${text}".`)
  }
  const timetable: Timetable = {
    everyMs,
    ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
    ...(options.due ? { due: options.due } : {}),
  }
  checkTimetable(timetable)
  return timetable
}

/** Throws a RangeError for a timetable that has no regular slots. */
export function checkTimetable({ everyMs, timeZone = 'UTC' }: Timetable): void {
  if (!Number.isInteger(everyMs) || everyMs < 1000 || dayMs % everyMs !== 0) {
    throw new RangeError(
      `A timetable's step has to be a second or more and to divide a day evenly, as 10 s, 5 min or 1 h do; received ${everyMs / 1000} s.`,
    )
  }
  try {
    new Temporal.ZonedDateTime(0n, timeZone)
  } catch {
    throw new RangeError(`A timetable's timeZone must be an IANA zone such as "Europe/Berlin"; received "${timeZone}".`)
  }
}
