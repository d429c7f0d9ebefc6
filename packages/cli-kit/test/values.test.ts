import { describe, expect, it } from 'vitest'
import type { Flags } from '../src/flags/flag.ts'
import { momentOf } from '../src/flags/moment.ts'
import { duration } from '../src/flags/values.ts'
import { localTime } from '../src/report/local-time.ts'

describe('a length of time', () => {
  const read = duration(60_000, 3_600_000)

  it.each([
    ['1h', 3_600_000],
    ['60m', 3_600_000],
    ['90s', 90_000],
    ['90', 90_000],
    ['1m30s', 90_000],
    [' 15M ', 900_000],
  ])('%j', (text, ms) => {
    expect(read(text, 'segment')).toBe(ms)
  })

  it.each(['', 'h', '1', '0', '2h', '59s', '1.5h', '-15m', '15 m', '1h!', 'soon'])('%j is refused', (text) => {
    expect(() => read(text, 'segment')).toThrow(`--segment: "${text}" is not a length of time from 1m to 1h;`)
  })
})

describe('a moment that a vendor asks for', () => {
  const now = Date.UTC(2026, 9, 25, 12)
  const of = (at: string | undefined, timezone?: string) =>
    momentOf({ text: (name) => (name === 'at' ? at : timezone) } as Partial<Flags> as Flags, 'at', now)

  it('is read with its offset, or in --timezone', () => {
    expect(of(undefined)).toBeUndefined()
    expect(of('2026-10-24 08:00:00+0200')).toBe(Date.UTC(2026, 9, 24, 6))
    expect(of('-1h')).toBe(now - 3_600_000)
    expect(of('2026-10-24 08:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 24, 6))
    expect(of('yesterday', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 23, 22))
  })

  it('is refused where nobody knows whose clock is meant', () => {
    expect(() => of('2026-10-24 08:00')).toThrow(/--at: .* has no offset.*--timezone/)
    expect(() => of('2026-10-25 02:30', 'Europe/Berlin')).toThrow(/--at: .* happens twice in Europe\/Berlin/)
  })
})

describe('a wall clock', () => {
  it('shows the hour that comes twice with its offsets, and UTC where the zone is none', () => {
    expect(localTime(Date.UTC(2026, 9, 25, 0, 30), 'Europe/Berlin')).toBe('2026-10-25T02:30:00+02:00')
    expect(localTime(Date.UTC(2026, 9, 25, 1, 30), 'Europe/Berlin')).toBe('2026-10-25T02:30:00+01:00')
    expect(localTime(Date.UTC(2026, 9, 25, 1, 30), 'Mars/Olympus')).toBe('2026-10-25T01:30:00+00:00')
  })
})
