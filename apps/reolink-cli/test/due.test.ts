import { expect, test } from 'vitest'
import { between, daylight } from '../src/due.ts'

const minute = 60_000
const at = (iso: string) => Date.parse(iso)

test('daylight is from sunrise to sunset at a place, to the minute or two', () => {
  // As almanacs have it: Munich, 2026-06-21, 05:13 to 21:17 in its summer time.
  const munich = daylight('48.14, 11.58')
  expect([munich(at('2026-06-21T03:09Z')), munich(at('2026-06-21T03:17Z'))]).toEqual([false, true])
  expect([munich(at('2026-06-21T19:13Z')), munich(at('2026-06-21T19:22Z'))]).toEqual([true, false])
})

test('and where the sun does not set, or not rise, all day or never', () => {
  const tromso = daylight('69.65,18.96')
  const hours = (day: string) =>
    Array.from({ length: 24 }, (_, hour) => tromso(at(`${day}T00:00Z`) + hour * 60 * minute))
  expect(hours('2026-06-21').every(Boolean)).toBe(true)
  expect(hours('2026-12-21').some(Boolean)).toBe(false)
})

test('between is by the clock of the zone, also on days on which that is changed', () => {
  const day = between('07:00-19:00', 'Europe/Berlin')
  expect([day(at('2026-10-24T04:59Z')), day(at('2026-10-24T05:00Z'))]).toEqual([false, true])
  expect([day(at('2026-10-25T05:59Z')), day(at('2026-10-25T06:00Z'))]).toEqual([false, true])
  expect([day(at('2026-10-25T17:59Z')), day(at('2026-10-25T18:00Z'))]).toEqual([true, false])
})

test('and over midnight, and to its end', () => {
  const night = between('22:00-06:00', 'UTC')
  expect(['21:59', '22:00', '05:59', '06:00'].map((time) => night(at(`2026-01-05T${time}Z`)))).toEqual([
    false,
    true,
    true,
    false,
  ])
  expect(between('12:00-24:00', 'UTC')(at('2026-01-05T23:59Z'))).toBe(true)
})

test.each(['91,0', '0,181', '48.14', 'Munich', ''])('no place: "%s"', (text) => {
  expect(() => daylight(text)).toThrow(/--daylight: .*48\.14,11\.58/)
})

test.each(['7-19', '07:00', '07:00-07:00', '25:00-26:00', '24:30-25:00'])('no part of the day: "%s"', (text) => {
  expect(() => between(text, 'UTC')).toThrow(/--between: .*07:00-19:00/)
})
