import { describe, expect, it } from 'vitest'
import { inZone, readMoment, readTimeZone } from '../src/flags/moment.ts'
import { askedWindow, zoneOf } from '../src/flags/window.ts'
import { parse } from '../src/parse.ts'
import { UsageError } from '../src/usage-error.ts'
import { definition } from './streams.ts'

const now = Date.parse('2026-03-10T12:34:56.789Z')
const at = (text: string, zone = 'Europe/Berlin') =>
  new Date(inZone(readMoment(text, 'start', now), zone, text, 'start', now)).toISOString()

describe('a time on the command line', () => {
  it.each([
    ['2026-01-05T08:00:00Z', '2026-01-05T08:00:00.000Z'],
    ['2026-01-05T08:00:00+01:00', '2026-01-05T07:00:00.000Z'],
    ['2026-01-05T08:00-0330', '2026-01-05T11:30:00.000Z'],
    ['2026-01-05 08:00:00+0000', '2026-01-05T08:00:00.000Z'],
    ['2026-01-05 08:00:00.250 +02', '2026-01-05T06:00:00.250Z'],
    ['20260105T080000Z', '2026-01-05T08:00:00.000Z'],
    ['now', '2026-03-10T12:34:56.789Z'],
    ['-24h', '2026-03-09T12:34:56.789Z'],
    ['-7d', '2026-03-03T12:34:56.789Z'],
    ['-90s', '2026-03-10T12:33:26.789Z'],
    ['+2h', '2026-03-10T14:34:56.789Z'],
    ['2026-01-05 08:00:00', '2026-01-05T07:00:00.000Z'],
    ['2026-07-05T08:00', '2026-07-05T06:00:00.000Z'],
    ['2026-07-05', '2026-07-04T22:00:00.000Z'],
    ['today', '2026-03-09T23:00:00.000Z'],
    ['Yesterday', '2026-03-08T23:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(at(text)).toBe(expected)
  })

  it('takes the day of the zone, not of UTC', () => {
    expect(at('today', 'Pacific/Auckland')).toBe('2026-03-10T11:00:00.000Z')
  })

  it('refuses a local time that happens twice, and shows both readings', () => {
    expect(() => at('2026-10-25 02:30')).toThrow(
      /happens twice.*2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00/,
    )
  })

  it('refuses a local time that is skipped, and shows both readings', () => {
    expect(() => at('2026-03-29T02:30:00')).toThrow(
      /does not exist.*2026-03-29T01:30:00\+01:00 or 2026-03-29T03:30:00\+02:00/,
    )
  })

  it('takes the first moment of a day whose midnight is skipped', () => {
    expect(at('2026-04-24', 'Africa/Cairo')).toBe('2026-04-23T22:00:00.000Z')
  })

  it.each([
    '2026-02-30',
    '2026-01-05T25:00Z',
    '2026-13-01',
    'tomorrow',
    '24h',
    '-24',
    '',
    '2026-01-05Z',
    '12:00',
    '2026-01-05T08:00+19:00',
    '1767600000',
  ])('refuses "%s" and names the flag', (text) => {
    expect(() => at(text)).toThrow(UsageError)
    expect(() => at(text)).toThrow(/^--start: /)
  })

  it('knows zones by their IANA names only', () => {
    expect(readTimeZone('Europe/Berlin', 'timezone')).toBe('Europe/Berlin')
    expect(() => readTimeZone('Berlin', 'timezone')).toThrow(/--timezone: "Berlin"/)
  })
})

describe('the window on the command line', () => {
  const window = (...argv: string[]) => askedWindow(parse(definition, argv).flags, now)

  it('is all there is without flags', () => {
    expect(window().resolve('UTC')).toBeUndefined()
  })

  it('ends now when only --start is given', () => {
    expect(window('--start', '-24h').resolve('UTC')).toEqual({ start: now - 86_400_000, end: now })
  })

  it('begins with time itself when only --end is given', () => {
    expect(window('--end', 'now').resolve('UTC')).toEqual({ start: 0, end: now })
  })

  it('needs the camera’s zone for local times alone', () => {
    expect(window('--start', '2026-01-05').needsCameraZone).toBe(true)
    expect(window('--start', '2026-01-05T00:00Z').needsCameraZone).toBe(false)
    expect(window('--start', 'today', '--timezone', 'UTC').needsCameraZone).toBe(false)
  })

  it('refuses what ends before it starts, at once', () => {
    expect(() => window('--start', 'now', '--end', '-1h')).toThrow(/--start "now".*not before --end "-1h"/)
    expect(() => window('--start', '2026-10-25 02:30', '--timezone', 'Europe/Berlin')).toThrow(/happens twice/)
  })

  it('takes the zone all cameras share, and refuses to choose among several', () => {
    const camera = (timeZone?: string) => ({ id: 'a', name: 'A', ...(timeZone ? { timeZone } : {}) })
    expect(zoneOf([camera('Asia/Tokyo'), camera('Asia/Tokyo')], 'UTC')).toBe('Asia/Tokyo')
    expect(zoneOf([], 'Europe/Rome')).toBe('Europe/Rome')
    expect(() => zoneOf([camera('Asia/Tokyo'), camera()], 'UTC')).toThrow(/Asia\/Tokyo, UTC.*--timezone/)
  })
})
