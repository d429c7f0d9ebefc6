import { describe, expect, it } from 'vitest'
import { endMoment, startMoment } from '../../src/client/recordings/moments.ts'
import { hourMs, localOf, minuteMs, wallFromDigits, wallOf } from '../../src/client/recordings/wall.ts'
import { deviceZone, momentsOf, namedZone, wallAt, type Zone } from '../../src/client/recordings/zone.ts'

const wall = (text: string) => Date.parse(`${text}Z`)
const at = (text: string) => Date.parse(text)
const change = (month: number, week: number, hour: number) => ({ month, week, weekday: 0, hour, minute: 0, second: 0 })

/** As devices state them. */
const berlin = deviceZone({
  offsetSeconds: 3600,
  summer: { addSeconds: 3600, start: change(3, 5, 2), end: change(10, 5, 3) },
})
const newYork = deviceZone({
  offsetSeconds: -5 * 3600,
  summer: { addSeconds: 3600, start: change(3, 2, 2), end: change(11, 1, 2) },
})
const sydney = deviceZone({
  offsetSeconds: 10 * 3600,
  summer: { addSeconds: 3600, start: change(10, 1, 2), end: change(4, 1, 3) },
})
const lordHowe = deviceZone({
  offsetSeconds: 10.5 * 3600,
  summer: { addSeconds: 1800, start: change(10, 1, 2), end: change(4, 1, 2) },
})
const kolkata = deviceZone({ offsetSeconds: 5.5 * 3600 })

describe('a device’s own rule', () => {
  it.each([
    ['Europe/Berlin', berlin],
    ['America/New_York', newYork],
    ['Australia/Sydney', sydney],
    ['Australia/Lord_Howe', lordHowe],
    ['Asia/Kolkata', kolkata],
  ] as const)('is that of %s through nine years, to the quarter of an hour around each change', (name, own) => {
    const named = namedZone(name)
    const wrong: string[] = []
    const compare = (moment: number) => {
      if (own.offsetAt(moment) !== named.offsetAt(moment)) wrong.push(new Date(moment).toISOString())
    }
    const step = 31 * hourMs
    for (let moment = at('2019-01-01T00:00:00Z'); moment < at('2028-01-01T00:00:00Z'); moment += step) {
      compare(moment)
      if (named.offsetAt(moment) === named.offsetAt(moment + step)) continue
      for (let close = moment; close < moment + step; close += hourMs / 4) compare(close)
    }
    expect(wrong).toEqual([])
  })

  it('without summer time is the same all year', () => {
    expect([kolkata.offsetAt(at('2026-01-01T00:00:00Z')), kolkata.offsetAt(at('2026-07-01T00:00:00Z'))]).toEqual([
      19_800_000, 19_800_000,
    ])
  })
})

describe('a reading of the wall', () => {
  it.each([
    ['berlin', berlin],
    ['by name', namedZone('Europe/Berlin')],
  ] as const)('comes once, twice, or never (%s)', (_, zone) => {
    expect(momentsOf(zone, wall('2026-07-01T12:00:00'))).toEqual([at('2026-07-01T10:00:00Z')])
    expect(momentsOf(zone, wall('2026-10-25T02:30:00'))).toEqual([
      at('2026-10-25T00:30:00Z'),
      at('2026-10-25T01:30:00Z'),
    ])
    expect(momentsOf(zone, wall('2026-03-29T02:30:00'))).toEqual([])
    expect(momentsOf(zone, wall('2026-10-25T03:00:00'))).toEqual([at('2026-10-25T02:00:00Z')])
    expect(momentsOf(zone, wall('2026-03-29T03:00:00'))).toEqual([at('2026-03-29T01:00:00Z')])
  })

  it('is read back from every moment around a change', () => {
    for (const zone of [berlin, newYork, sydney, lordHowe] satisfies Zone[]) {
      for (const day of ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']) {
        for (let minutes = -1440; minutes < 2880; minutes += 29) {
          const moment = at(`${day}T00:00:00Z`) + minutes * minuteMs
          expect(momentsOf(zone, wallAt(zone, moment))).toContain(moment)
        }
      }
    }
  })

  it('that no clock shows is none', () => {
    const time = { year: 2026, month: 2, day: 28, hour: 23, minute: 59, second: 59 }
    expect(wallOf(time)).toBe(wall('2026-02-28T23:59:59'))
    expect(localOf(wall('2026-02-28T23:59:59'))).toEqual(time)
    const wrong = [{ day: 29 }, { day: 0 }, { month: 13 }, { hour: 24 }, { minute: 60 }, { second: 60 }, { year: 26 }]
    for (const part of [...wrong, { second: Number.NaN }]) expect(wallOf({ ...time, ...part })).toBeUndefined()
    expect(wallFromDigits('20260230', '101500')).toBeUndefined()
    expect(wallFromDigits('2026-02-3', '101500')).toBeUndefined()
  })
})

describe('a start', () => {
  const repeated = wall('2026-10-25T02:30:00')

  it('in the repeated hour is told apart by the mark of summer time', () => {
    for (const zone of [berlin, namedZone('Europe/Berlin')]) {
      expect(startMoment(zone, repeated, { summer: true })).toBe(at('2026-10-25T00:30:00Z'))
      expect(startMoment(zone, repeated, { summer: false })).toBe(at('2026-10-25T01:30:00Z'))
      expect(startMoment(zone, repeated, {})).toBe(at('2026-10-25T00:30:00Z'))
    }
  })

  it('is what the device states in UTC, unless that cannot be', () => {
    const utc = at('2026-10-25T01:30:00Z')
    expect(startMoment(berlin, repeated, { utc })).toBe(utc)
    expect(startMoment(berlin, repeated, { utc: utc + 60_001 })).toBe(at('2026-10-25T00:30:00Z'))
    expect(startMoment(berlin, repeated, { utc: utc + 86_400_000 })).toBe(at('2026-10-25T00:30:00Z'))
  })

  it('in the skipped hour is taken as if the clock had not been moved', () => {
    expect(startMoment(berlin, wall('2026-03-29T02:30:00'), { summer: false })).toBe(at('2026-03-29T01:30:00Z'))
  })

  it('marked as summer time goes by the mark where the rule is the device’s, by the zone where that is the user’s', () => {
    const winter = wall('2026-12-01T12:00:00')
    expect(startMoment(berlin, winter, { summer: true })).toBe(at('2026-12-01T10:00:00Z'))
    expect(startMoment(namedZone('Europe/Berlin'), winter, { summer: true })).toBe(at('2026-12-01T11:00:00Z'))
    expect(startMoment(deviceZone({ offsetSeconds: 0 }), winter, { summer: true })).toBe(at('2026-12-01T11:00:00Z'))
  })
})

describe('an end', () => {
  const end = (start: string, from: string, to: string) => endMoment(berlin, at(start), wall(from), wall(to))

  it('is the first time after the start at which the wall shows it', () => {
    expect(end('2026-10-25T00:50:00Z', '2026-10-25T02:50:00', '2026-10-25T02:10:00')).toBe(at('2026-10-25T01:10:00Z'))
    expect(end('2026-10-25T00:10:00Z', '2026-10-25T02:10:00', '2026-10-25T02:50:00')).toBe(at('2026-10-25T00:50:00Z'))
    expect(end('2026-10-25T01:10:00Z', '2026-10-25T02:10:00', '2026-10-25T02:50:00')).toBe(at('2026-10-25T01:50:00Z'))
    expect(end('2026-03-29T00:59:00Z', '2026-03-29T01:59:00', '2026-03-29T03:01:00')).toBe(at('2026-03-29T01:01:00Z'))
  })

  it('keeps to the clock that the start was read from', () => {
    // Marked as summer time in December.
    expect(end('2026-12-01T10:00:00Z', '2026-12-01T12:00:00', '2026-12-01T12:05:00')).toBe(at('2026-12-01T10:05:00Z'))
  })

  it('at the same reading is the second time the clock shows it, where there is one', () => {
    const [start, reading] = [at('2026-10-25T00:00:00Z'), wall('2026-10-25T02:00:00')]
    expect(endMoment(berlin, start, reading, reading, { lasts: true })).toBe(at('2026-10-25T01:00:00Z'))
    expect(endMoment(berlin, start, reading, reading)).toBe(start)
    const noon = at('2026-10-25T11:00:00Z')
    expect(endMoment(berlin, noon, wallAt(berlin, noon), wallAt(berlin, noon), { lasts: true })).toBe(noon)
  })

  it('is never before the start', () => {
    expect(end('2026-12-01T11:00:00Z', '2026-12-01T12:00:00', '2026-12-01T11:00:00')).toBe(at('2026-12-01T11:00:00Z'))
  })
})
