import type { EpochMs } from '@cam/download-core/source'
import type { ClockChange, DeviceTime } from '../../wire/device-time.ts'
import { dayMs, hourMs, type WallMs } from './wall.ts'

/** How a device's clock relates to UTC. */
export interface Zone {
  /** What its clock is ahead of UTC at a moment, in milliseconds. */
  offsetAt(at: EpochMs): number
  /**
   * What it would be ahead in summer time, by the device's own rule and whatever the date: for what the device itself marked as
   * summer time. Absent where the zone is the user's word, which goes before the device's.
   */
  readonly summerOffset?: number
}

/** Without a rule the clock keeps to UTC. */
const noSummerAddsMs = hourMs

/** The zone of a device by its own rule. PROTOCOL.md §3.4. */
export function deviceZone({ offsetSeconds, summer }: Omit<DeviceTime, 'now'>): Zone {
  const standard = offsetSeconds * 1000
  if (!summer) return { offsetAt: () => standard, summerOffset: standard + noSummerAddsMs }
  const { start, end } = summer
  const added = summer.addSeconds * 1000
  const changes = new Map<number, readonly { readonly at: EpochMs; readonly offset: number }[]>()
  const changesOf = (year: number) => {
    let known = changes.get(year)
    if (!known) {
      // The clock that is moved on is the one of winter, the one that is moved back that of summer.
      known = [
        { at: wallOfChange(start, year) - standard, offset: standard + added },
        { at: wallOfChange(end, year) - standard - added, offset: standard },
      ]
      changes.set(year, known)
    }
    return known
  }
  return {
    summerOffset: standard + added,
    offsetAt(at) {
      const year = new Date(at + standard).getUTCFullYear()
      const past = [year - 1, year, year + 1].flatMap(changesOf).filter((change) => change.at <= at)
      return past.reduce((last, change) => (change.at > last.at ? change : last)).offset
    },
  }
}

/** When the wall shows the change of a year. */
function wallOfChange({ month, week, weekday, hour, minute, second }: ClockChange, year: number): WallMs {
  const first = new Date(Date.UTC(year, month - 1, 1))
  const last = new Date(Date.UTC(year, month, 0))
  const day =
    week >= 5
      ? last.getUTCDate() - ((last.getUTCDay() - weekday + 7) % 7)
      : 1 + ((weekday - first.getUTCDay() + 7) % 7) + 7 * (week - 1)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** The zone of an IANA name. Throws a RangeError for a name that is none. */
export function namedZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  return {
    offsetAt(at) {
      const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const [, sign, hours, minutes = '0', seconds = '0'] = /GMT([+-])(\d+)(?::(\d+))?(?::(\d+))?/.exec(name) ?? []
      if (sign === undefined) return 0
      const total = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
      return (sign === '-' ? -total : total) * 1000
    },
  }
}

/** What the clock shows at a moment. */
export function wallAt(zone: Zone, at: EpochMs): WallMs {
  return at + zone.offsetAt(at)
}

/** When the clock shows a reading: once, twice where an hour is repeated (the earlier first), never where one is skipped. */
export function momentsOf(zone: Zone, wall: WallMs): EpochMs[] {
  const offsets = new Set([zone.offsetAt(wall - dayMs), zone.offsetAt(wall), zone.offsetAt(wall + dayMs)])
  const moments = [...offsets].map((offset) => wall - offset).filter((at) => wallAt(zone, at) === wall)
  return moments.sort((a, b) => a - b)
}

/** Whether the clock is moved between two moments no farther apart than a few days. */
export function isMovedBetween(zone: Zone, from: EpochMs, to: EpochMs): boolean {
  return zone.offsetAt(from) !== zone.offsetAt(to)
}
