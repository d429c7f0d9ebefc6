import type { EpochMs, Run } from '@cam/download-core'
import { addDays, dateFormat, dateOf, startOfDay, weekdayOf } from './days.ts'

/** When a weekly digest is due. */
export interface DigestSchedule {
  /** As `ledger.runs()` gives them: before the first run there is nothing to tell. */
  readonly runs: readonly Pick<Run, 'startedAt'>[]
  /** The `to` of the last digest that was delivered. */
  readonly lastTo?: EpochMs
  readonly now: EpochMs
  /** IANA name of the zone whose weeks are meant. */
  readonly timeZone: string
  /** The day on which a new week begins: 0 is Sunday, 1 (the default) Monday. */
  readonly weekday?: number
}

const dayMs = 86_400_000

/** After a long silence: no more than this is caught up on. */
const mostDays = 35

/**
 * The window of the digest that is due at `now`, or `undefined`. It always ends where a week ends, so asking twice, or late,
 * gives the same window; keep its `to` once the digest was delivered, and hand it in as `lastTo`. After missed weeks the
 * window covers them all, up to five. Throws a RangeError for an unknown zone or weekday.
 */
export function digestDue(o: DigestSchedule): { readonly from: EpochMs; readonly to: EpochMs } | undefined {
  const { weekday = 1, lastTo } = o
  if (!Number.isInteger(weekday) || weekday < 0 || weekday > 6) {
    throw new RangeError(`weekday must be a whole number from 0 (Sunday) to 6; received ${weekday}.`)
  }
  const format = dateFormat(o.timeZone)
  const today = dateOf(o.now, format)
  const end = addDays(today, -((weekdayOf(today) - weekday + 7) % 7))
  const to = startOfDay(end, format)
  // Nearly the same moment: another program told the same week, in the zone of another place. What it left out comes next time.
  if (lastTo !== undefined && to - lastTo < 2 * dayMs) return undefined
  if (!o.runs.some(({ startedAt }) => startedAt < to)) return undefined
  const earliest = startOfDay(addDays(end, -mostDays), format)
  const from = lastTo === undefined ? startOfDay(addDays(end, -7), format) : Math.max(lastTo, earliest)
  return { from, to }
}
