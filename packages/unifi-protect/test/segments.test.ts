import { subtract } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { cut, pieceId, reach } from '../src/client/segments.ts'

const hour = 3_600_000
const at = (text: string) => Date.parse(text)
const pieces = (start: number, end: number, step = hour) => [...cut({ start, end }, step)]

/** Every millisecond once: the pieces are in order, touch, and fill the window. */
function expectExact(window: { readonly start: number; readonly end: number }, step: number) {
  const all = [...cut(window, step)]
  expect(all[0]?.start).toBe(window.start)
  expect(all.at(-1)?.end).toBe(window.end)
  for (const [index, piece] of all.entries()) {
    expect(piece.end).toBeGreaterThan(piece.start)
    expect(piece.end - piece.start).toBeLessThanOrEqual(step)
    if (index > 0) expect(piece.start).toBe(all[index - 1]?.end)
    if (index > 0) expect(Math.abs(piece.start % step)).toBe(0)
  }
  expect(new Set(all.map(pieceId)).size).toBe(all.length)
  return all
}

describe('cutting a window', () => {
  it('keeps the hour that autumn repeats: New York, 5 November 2023', () => {
    const all = expectExact({ start: at('2023-11-05T00:00:00-04:00'), end: at('2023-11-06T00:00:00-05:00') }, hour)
    expect(all).toHaveLength(25)
    const starts = all.map(({ start }) => start)
    expect(starts).toEqual(expect.arrayContaining([1699160400000, 1699164000000, 1699167600000]))
  })

  it('asks for no hour twice in spring: New York, 12 March 2023', () => {
    const all = expectExact({ start: at('2023-03-12T00:00:00-05:00'), end: at('2023-03-13T00:00:00-04:00') }, hour)
    expect(all).toHaveLength(23)
    expect(all.filter(({ start }) => start === 1678604400000)).toHaveLength(1)
  })

  it('49 hours over a weekend of 25 + 24 in Berlin', () => {
    expect(
      expectExact({ start: at('2026-10-24T00:00:00+02:00'), end: at('2026-10-26T00:00:00+01:00') }, hour),
    ).toHaveLength(49)
  })

  it('of three days and of an exact multiple: no oversized and no inverted piece', () => {
    expect(expectExact({ start: 1_700_000_000_000, end: 1_700_000_000_000 + 72 * hour }, hour)).toHaveLength(73)
    expect(pieces(0, 3 * hour)).toEqual([
      { start: 0, end: hour },
      { start: hour, end: 2 * hour },
      { start: 2 * hour, end: 3 * hour },
    ])
  })

  it('whose edges lie within an hour, in zones of half and quarter hours too, on the same grid', () => {
    for (const offset of ['+05:30', '+05:45', '-03:30', '+00:00']) {
      const window = { start: at(`2026-03-01T00:00:00${offset}`), end: at(`2026-03-02T00:00:00${offset}`) }
      for (const step of [60_000, 7 * 60_000, hour]) expectExact(window, step)
    }
    expect(pieces(hour + 1, hour + 2)).toEqual([{ start: hour + 1, end: hour + 2 }])
    expect(pieces(hour - 1, hour + 1)).toEqual([
      { start: hour - 1, end: hour },
      { start: hour, end: hour + 1 },
    ])
  })

  it('before 1970 and of fractions of milliseconds', () => {
    expectExact({ start: -90_000_000, end: 90_000_000 }, hour)
    expect(pieces(0.5, hour + 0.5)).toEqual([{ start: 1, end: hour }])
    expect(pieces(5, 5)).toEqual([])
    expect(pieces(6, 5)).toEqual([])
  })

  it('gives a piece the same name whatever window it was found by', () => {
    const [, inner] = pieces(at('2026-10-24T09:30:00Z'), at('2026-10-24T12:30:00Z'))
    expect(pieceId(inner!)).toBe('2026-10-24T10:00:00.000Z/2026-10-24T11:00:00.000Z')
    expect(pieces(at('2026-10-24T10:00:00Z'), at('2026-10-24T11:00:00Z')).map(pieceId)).toEqual([pieceId(inner!)])
  })

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a step of %s', (step) => {
    expect(() => pieces(0, hour, step)).toThrow(RangeError)
  })
})

describe('what a console reaches', () => {
  const window = { start: 100, end: 200 }
  it.each([
    [undefined, 300, { there: { start: 100, end: 200 } }],
    [50, 300, { there: { start: 100, end: 200 } }],
    [150, 300, { expired: { start: 100, end: 150 }, there: { start: 150, end: 200 } }],
    [200, 300, { expired: { start: 100, end: 200 } }],
    [900, 300, { expired: { start: 100, end: 200 } }],
    [50, 180, { there: { start: 100, end: 180 }, growing: { start: 180, end: 200 } }],
    [50, 20, { growing: { start: 100, end: 200 } }],
    [150, 120, { expired: { start: 100, end: 150 }, growing: { start: 150, end: 200 } }],
  ])('from %s to %s', (from, until, expected) => {
    const parts = reach(window, from, until)
    expect(parts).toEqual(expected)
    const all = Object.values(parts)
    expect(subtract([window], all)).toEqual([])
    expect(all.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(100)
  })
})
