import { describe, expect, it } from 'vitest'
import { slotsOf } from '../../src/capture/slots.ts'
import { parseTimetable, type Timetable } from '../../src/capture/timetable.ts'
import { day, hour, iso, minute, noon } from './fixture.ts'

function all(timetable: Timetable, from: number, to: number): string[] {
  const slots = slotsOf(timetable)
  const found: string[] = []
  for (let slot = slots.firstDue(from - 1, to); slot !== undefined; slot = slots.firstDue(slot, to))
    found.push(iso(slot))
  return found
}

describe('a timetable', () => {
  it.each([
    ['1s', 1000],
    ['10s', 10_000],
    ['5m', 5 * minute],
    [' 1H ', hour],
    ['minutely', minute],
    ['Hourly', hour],
    ['daily', day],
    ['1d', day],
  ])('is read: %s', (text, everyMs) => {
    expect(parseTimetable(text)).toEqual({ everyMs })
  })

  it.each(['7s', '50m', '0s', '25h', '2d', 'often', '', '1.5h', '-1m', '10'])('is refused: %s', (text) => {
    expect(() => parseTimetable(text)).toThrow(RangeError)
  })

  it('keeps its zone, and refuses one that there is not', () => {
    const due = () => true
    expect(parseTimetable('1h', { timeZone: 'Asia/Kolkata', due })).toEqual({
      everyMs: hour,
      timeZone: 'Asia/Kolkata',
      due,
    })
    expect(() => parseTimetable('1h', { timeZone: 'Mars/Olympus' })).toThrow(/Mars/)
  })
})

describe('slots', () => {
  it('lie on the clock, not on the start', () => {
    expect(all({ everyMs: 20_000 }, noon + 1, noon + minute)).toEqual([20, 40, 60].map((s) => iso(noon + s * 1000)))
  })

  it('lie on the clock of a zone half an hour off', () => {
    const found = all({ everyMs: hour, timeZone: 'Asia/Kolkata' }, noon, noon + 2 * hour)
    expect(found).toEqual(['2026-07-01T12:30:00.000Z', '2026-07-01T13:30:00.000Z'])
    expect(all({ everyMs: day, timeZone: 'Asia/Kolkata' }, noon, noon + day)).toEqual(['2026-07-01T18:30:00.000Z'])
  })

  it('come twice in an hour that the clock repeats', () => {
    const found = all(
      { everyMs: 30 * minute, timeZone: 'Europe/Berlin' },
      Date.UTC(2026, 9, 25, 0),
      Date.UTC(2026, 9, 25, 2),
    )
    expect(found.map((slot) => slot.slice(11, 16))).toEqual(['00:00', '00:30', '01:00', '01:30', '02:00'])
    expect(
      all({ everyMs: 2 * hour, timeZone: 'Europe/Berlin' }, Date.UTC(2026, 9, 24, 22), Date.UTC(2026, 9, 25, 4)),
    ).toEqual([
      '2026-10-24T22:00:00.000Z', // 00:00
      '2026-10-25T00:00:00.000Z', // 02:00, summer
      '2026-10-25T01:00:00.000Z', // 02:00, winter
      '2026-10-25T03:00:00.000Z', // 04:00
    ])
  })

  it('come once for an hour that the clock skips, at the jump', () => {
    const hourly = all({ everyMs: hour, timeZone: 'Europe/Berlin' }, Date.UTC(2026, 2, 29, 0), Date.UTC(2026, 2, 29, 3))
    expect(hourly.map((slot) => slot.slice(11, 16))).toEqual(['00:00', '01:00', '02:00', '03:00'])
    // Midnight itself is skipped in Beirut: a daily picture is taken all the same.
    const daily = all({ everyMs: day, timeZone: 'Asia/Beirut' }, Date.UTC(2026, 2, 27), Date.UTC(2026, 2, 31))
    expect(daily).toEqual([
      '2026-03-27T22:00:00.000Z',
      '2026-03-28T22:00:00.000Z',
      '2026-03-29T21:00:00.000Z',
      '2026-03-30T21:00:00.000Z',
    ])
  })

  it('survive a jump of half an hour', () => {
    const spring = all(
      { everyMs: hour, timeZone: 'Australia/Lord_Howe' },
      Date.UTC(2026, 9, 3, 14),
      Date.UTC(2026, 9, 3, 17),
    )
    expect(spring.map((slot) => slot.slice(11, 16))).toEqual(['14:30', '15:30', '16:00', '17:00'])
    const autumn = all(
      { everyMs: hour, timeZone: 'Australia/Lord_Howe' },
      Date.UTC(2026, 3, 4, 13),
      Date.UTC(2026, 3, 4, 17),
    )
    expect(autumn.map((slot) => slot.slice(11, 16))).toEqual(['13:00', '14:00', '15:30', '16:30'])
  })

  it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Asia/Beirut'])(
    'of a year in %s are in order, show the right time, and leave no hole',
    (timeZone) => {
      const everyMs = 10 * minute
      const slots = slotsOf({ everyMs, timeZone })
      const format = new Intl.DateTimeFormat('en', { timeZone, minute: '2-digit', second: '2-digit' })
      let before = Date.UTC(2026, 0, 1)
      const odd: string[] = []
      for (let slot = slots.next(before); slot < Date.UTC(2027, 0, 1); slot = slots.next(slot)) {
        const inOrder = slot > before && slot - before <= everyMs
        if (!inOrder || !/[0-5]0:00$/.test(format.format(slot))) odd.push(iso(slot))
        before = slot
      }
      expect(odd).toEqual([])
    },
  )

  it('are the same wherever one begins to ask', () => {
    const timetable = { everyMs: 15 * minute, timeZone: 'Europe/Berlin' }
    const whole = all(timetable, Date.UTC(2026, 9, 24), Date.UTC(2026, 9, 27))
    for (const at of [0, 5, 25, 30, 71]) {
      const from = Date.UTC(2026, 9, 24) + at * hour + 1
      expect(all(timetable, from, Date.UTC(2026, 9, 27))).toEqual(whole.filter((slot) => slot >= iso(from)))
    }
  })

  it('that are not due are none', () => {
    const light = (slot: number) => new Date(slot).getUTCHours() < 13
    const timetable = parseTimetable('30m', { due: light })
    expect(all(timetable, noon, noon + day - 1)).toEqual(
      all({ everyMs: 30 * minute }, noon, noon + day - 1).filter((slot) => light(Date.parse(slot))),
    )
  })
})
