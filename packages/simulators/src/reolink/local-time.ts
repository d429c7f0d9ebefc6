/** A moment as the device writes it, on its own clock. */
export interface LocalTime {
  readonly year: number
  readonly mon: number
  readonly day: number
  readonly hour: number
  readonly min: number
  readonly sec: number
}

/** When summer time begins or ends: the `week`-th (5: last) `weekday` (0: Sunday) of a month, at that hour. */
export interface ReolinkDstEdge {
  readonly mon: number
  readonly week: number
  readonly weekday: number
  readonly hour: number
}

/** What a device knows of its zone. */
export interface ReolinkZone {
  /** Seconds west of UTC, in winter. */
  readonly timeZone: number
  /** Missing: the device has no summer time. */
  readonly dst?: {
    /** Hours. */
    readonly offset: 1 | 2
    readonly start: ReolinkDstEdge
    /** In summer time. */
    readonly end: ReolinkDstEdge
  }
}

const lastSunday = (mon: number, hour: number): ReolinkDstEdge => ({ mon, week: 5, weekday: 0, hour })
const sunday = (week: number, mon: number, hour: number): ReolinkDstEdge => ({ mon, week, weekday: 0, hour })

/** The zones that the switch `zone` names. */
export const reolinkZones = {
  berlin: { timeZone: -3600, dst: { offset: 1, start: lastSunday(3, 2), end: lastSunday(10, 3) } },
  utc: { timeZone: 0 },
  'new-york': { timeZone: 18_000, dst: { offset: 1, start: sunday(2, 3, 2), end: sunday(1, 11, 2) } },
  sydney: { timeZone: -36_000, dst: { offset: 1, start: sunday(1, 10, 2), end: sunday(1, 4, 3) } },
  kathmandu: { timeZone: -20_700 },
} as const satisfies Readonly<Record<string, ReolinkZone>>

const hourMs = 3_600_000
const dayMs = 24 * hourMs

function edgeIn(year: number, { mon, week, weekday, hour }: ReolinkDstEdge): number {
  const first = Date.UTC(year, mon - 1, 1)
  const day = 1 + ((weekday - new Date(first).getUTCDay() + 7) % 7) + (week - 1) * 7
  const days = new Date(Date.UTC(year, mon, 0)).getUTCDate()
  return Date.UTC(year, mon - 1, day > days ? day - 7 : day, hour)
}

/** Whether summer time is in force. */
export function summerAt({ timeZone, dst }: ReolinkZone, at: number): boolean {
  if (!dst) return false
  const winter = at - timeZone * 1000
  const year = new Date(winter).getUTCFullYear()
  const [start, end] = [edgeIn(year, dst.start), edgeIn(year, dst.end) - dst.offset * hourMs]
  return start < end ? winter >= start && winter < end : winter >= start || winter < end
}

/** The wall clock at a moment, as if it were UTC: epoch milliseconds to compare with others of the same clock. */
export function wallOf(zone: ReolinkZone, at: number): number {
  return at - zone.timeZone * 1000 + (summerAt(zone, at) ? (zone.dst?.offset ?? 0) * hourMs : 0)
}

export function localOf(zone: ReolinkZone, at: number): LocalTime {
  return partsOf(wallOf(zone, at))
}

export function partsOf(wall: number): LocalTime {
  const date = new Date(wall)
  return {
    ...{ year: date.getUTCFullYear(), mon: date.getUTCMonth() + 1, day: date.getUTCDate() },
    ...{ hour: date.getUTCHours(), min: date.getUTCMinutes(), sec: date.getUTCSeconds() },
  }
}

/** The wall clock a request names; undefined where it is no time at all. */
export function wallFrom(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const part = (name: keyof LocalTime) => (value as Record<string, unknown>)[name]
  const [year, mon, day, hour, min, sec] = (['year', 'mon', 'day', 'hour', 'min', 'sec'] as const).map(part)
  const whole = (one: unknown, low: number, high: number): one is number =>
    Number.isInteger(one) && (one as number) >= low && (one as number) <= high
  if (!whole(year, 1970, 2100) || !whole(mon, 1, 12) || !whole(day, 1, 31)) return undefined
  if (!whole(hour, 0, 23) || !whole(min, 0, 59) || !whole(sec, 0, 59)) return undefined
  return Date.UTC(year, mon - 1, day, hour, min, sec)
}

/** Whether two moments of one wall clock lie in one calendar day. */
export const sameDay = (a: number, b: number) => Math.floor(a / dayMs) === Math.floor(b / dayMs)

/** `YYYYMMDD` and `HHMMSS` of a wall clock. */
export function digitsOf(wall: number): { readonly day: string; readonly time: string } {
  const iso = new Date(wall).toISOString()
  return { day: iso.slice(0, 10).replaceAll('-', ''), time: iso.slice(11, 19).replaceAll(':', '') }
}
