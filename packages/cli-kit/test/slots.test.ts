import { describe, expect, it } from 'vitest'
import { nextSlot } from '../src/repeat/slots.ts'
import { localTime } from '../src/report/local-time.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** The slots that follow each other from a moment on, as the zone's wall clock shows them. */
function slots(from: string, everyMs: number, zone: string, count: number): string[] {
  const found: string[] = []
  let at = Date.parse(from)
  for (let round = 0; round < count; round++) {
    at = nextSlot(at, everyMs, zone)
    found.push(
      localTime(at, zone)
        .replace(/^\d{4}-/, '')
        .replace(/:00([+-])/, '$1'),
    )
  }
  return found
}

describe('slots on an ordinary day', () => {
  it.each([
    ['2026-06-03T08:07:30Z', 15 * minute, 'UTC', ['06-03T08:15+00:00', '06-03T08:30+00:00', '06-03T08:45+00:00']],
    ['2026-06-03T08:15:00Z', 15 * minute, 'UTC', ['06-03T08:30+00:00']],
    ['2026-06-03T08:14:59.999Z', 15 * minute, 'UTC', ['06-03T08:15+00:00']],
    ['2026-06-03T20:10Z', hour, 'Asia/Kolkata', ['06-04T02:00+05:30', '06-04T03:00+05:30']],
    ['2026-06-03T10:00Z', 6 * hour, 'Europe/Berlin', ['06-03T18:00+02:00', '06-04T00:00+02:00', '06-04T06:00+02:00']],
    ['2026-06-03T23:00Z', day, 'UTC', ['06-04T00:00+00:00', '06-05T00:00+00:00']],
    // What does not divide a day begins anew at midnight.
    ['2026-06-03T23:50Z', 7 * minute, 'UTC', ['06-03T23:55+00:00', '06-04T00:00+00:00', '06-04T00:07+00:00']],
    ['2026-06-03T19:59Z', 5 * hour, 'UTC', ['06-03T20:00+00:00', '06-04T00:00+00:00', '06-04T05:00+00:00']],
    // The one to Monday.
    ['2026-06-03T10:00Z', 7 * day, 'UTC', ['06-08T00:00+00:00', '06-15T00:00+00:00']],
  ])('after %s, every %i ms in %s', (from, everyMs, zone, expected) => {
    expect(slots(from, everyMs, zone, expected.length)).toEqual(expected)
  })

  it('every second day is the same day whoever asks when, also before 1970 and over the end of a year', () => {
    for (const start of ['1969-12-20T12:00Z', '2026-12-28T12:00Z']) {
      const first = nextSlot(Date.parse(start), 2 * day, 'UTC')
      expect(nextSlot(first - 1, 2 * day, 'UTC')).toBe(first)
      expect(nextSlot(first, 2 * day, 'UTC')).toBe(first + 2 * day)
      expect(nextSlot(first + day, 2 * day, 'UTC')).toBe(first + 2 * day)
      let at = first
      for (let round = 0; round < 10; round++) at = nextSlot(at, 2 * day, 'UTC')
      expect(at).toBe(first + 20 * day)
    }
  })
})

describe('slots where the clocks change', () => {
  it.each([
    // Europe/Berlin: 02:00 becomes 03:00 on 29 March 2026, 03:00 becomes 02:00 on 25 October.
    [
      '2026-03-29T00:30Z',
      15 * minute,
      'Europe/Berlin',
      ['03-29T01:45+01:00', '03-29T03:00+02:00', '03-29T03:15+02:00'],
    ],
    ['2026-03-28T23:59Z', hour, 'Europe/Berlin', ['03-29T01:00+01:00', '03-29T03:00+02:00', '03-29T04:00+02:00']],
    ['2026-03-29T00:10Z', 2 * hour, 'Europe/Berlin', ['03-29T03:00+02:00', '03-29T04:00+02:00']],
    ['2026-03-28T23:30Z', 6 * hour, 'Europe/Berlin', ['03-29T06:00+02:00', '03-29T12:00+02:00']],
    [
      '2026-10-25T00:40Z',
      15 * minute,
      'Europe/Berlin',
      [
        '10-25T02:45+02:00',
        '10-25T02:00+01:00',
        '10-25T02:15+01:00',
        '10-25T02:30+01:00',
        '10-25T02:45+01:00',
        '10-25T03:00+01:00',
      ],
    ],
    ['2026-10-24T23:30Z', hour, 'Europe/Berlin', ['10-25T02:00+02:00', '10-25T02:00+01:00', '10-25T03:00+01:00']],
    // Farther apart than the hour that comes twice: once.
    ['2026-10-24T22:30Z', 2 * hour, 'Europe/Berlin', ['10-25T02:00+02:00', '10-25T04:00+01:00']],
    ['2026-10-25T00:30Z', 2 * hour, 'Europe/Berlin', ['10-25T04:00+01:00']],
    ['2026-10-24T20:00Z', 6 * hour, 'Europe/Berlin', ['10-25T00:00+02:00', '10-25T06:00+01:00']],
    ['2026-10-24T10:00Z', day, 'Europe/Berlin', ['10-25T00:00+02:00', '10-26T00:00+01:00', '10-27T00:00+01:00']],
    // America/New_York: 02:00 becomes 03:00 on 8 March 2026, 02:00 becomes 01:00 on 1 November.
    ['2026-03-08T06:50Z', 15 * minute, 'America/New_York', ['03-08T03:00-04:00', '03-08T03:15-04:00']],
    ['2026-11-01T04:30Z', hour, 'America/New_York', ['11-01T01:00-04:00', '11-01T01:00-05:00', '11-01T02:00-05:00']],
    [
      '2026-11-01T05:50Z',
      7 * minute,
      'America/New_York',
      ['11-01T01:52-04:00', '11-01T01:59-04:00', '11-01T01:03-05:00'],
    ],
    // Lord Howe: half an hour. 02:00 becomes 01:30 on 5 April 2026, 02:00 becomes 02:30 on 4 October.
    [
      '2026-04-04T14:20Z',
      15 * minute,
      'Australia/Lord_Howe',
      ['04-05T01:30+11:00', '04-05T01:45+11:00', '04-05T01:30+10:30', '04-05T01:45+10:30', '04-05T02:00+10:30'],
    ],
    ['2026-04-04T14:10Z', hour, 'Australia/Lord_Howe', ['04-05T02:00+10:30', '04-05T03:00+10:30']],
    [
      '2026-10-03T15:10Z',
      15 * minute,
      'Australia/Lord_Howe',
      ['10-04T01:45+10:30', '10-04T02:30+11:00', '10-04T02:45+11:00'],
    ],
    ['2026-10-03T14:40Z', hour, 'Australia/Lord_Howe', ['10-04T02:30+11:00', '10-04T03:00+11:00']],
    // Beirut: midnight itself is skipped on 29 March 2026.
    ['2026-03-28T12:00Z', day, 'Asia/Beirut', ['03-29T01:00+03:00', '03-30T00:00+03:00']],
    ['2026-03-28T20:30Z', hour, 'Asia/Beirut', ['03-28T23:00+02:00', '03-29T01:00+03:00', '03-29T02:00+03:00']],
  ])('after %s, every %i ms in %s', (from, everyMs, zone, expected) => {
    expect(slots(from, everyMs, zone, expected.length)).toEqual(expected)
  })

  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Beirut'])(
    'never come twice, always go on, and are never far apart in a whole year in %s',
    (zone) => {
      // The days around each change of the clocks; the others are all alike.
      for (let start = Date.UTC(2026, 0, 1); start < Date.UTC(2027, 0, 1); start += day) {
        if (isOrdinary(start, zone)) continue
        for (const everyMs of [15 * minute, hour, 6 * hour, day]) {
          for (let at = start; at < start + day; ) {
            const next = nextSlot(at, everyMs, zone)
            expect(next).toBeGreaterThan(at)
            expect(next - at).toBeLessThanOrEqual(everyMs + hour)
            expect(nextSlot(next - 1, everyMs, zone)).toBe(next)
            at = next
          }
        }
      }
    },
  )
})

function isOrdinary(start: number, zone: string): boolean {
  const offsets = [0, 1].map((days) => localTime(start + days * day, zone).slice(-6))
  return new Set(offsets).size === 1
}
