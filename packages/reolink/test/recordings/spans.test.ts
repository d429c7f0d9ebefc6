import { describe, expect, it } from 'vitest'
import { halvesOf, isWholeDay, spansOf, wholeDay } from '../../src/client/recordings/spans.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/client/recordings/wall.ts'
import { namedZone, wallAt } from '../../src/client/recordings/zone.ts'

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'].map(namedZone)

/** Windows of all lengths around every change of 2026, and some far from any. */
const windows = [
  '2026-03-08',
  '2026-03-29',
  '2026-04-05',
  '2026-06-15',
  '2026-10-04',
  '2026-10-25',
  '2026-11-01',
].flatMap((day) =>
  [-20, -3, -0.5, 0, 0.25, 1, 1.5, 2, 7, 23].flatMap((from) =>
    [0.01, 0.5, 1, 3, 26, 49].map((lasts) => {
      const start = Date.parse(`${day}T00:00:00Z`) + from * hourMs
      return { start, end: start + lasts * hourMs }
    }),
  ),
)

describe('what the device is asked for', () => {
  it('is never more than one of its days at a time, in order, and never the same twice', () => {
    for (const zone of zones) {
      for (const window of windows) {
        const spans = [...spansOf(window, zone)]
        for (const [at, { from, to }] of spans.entries()) {
          expect(Math.floor(from / dayMs)).toBe(Math.floor(to / dayMs))
          expect(from).toBeLessThanOrEqual(to)
          expect([from % secondMs, to % secondMs]).toEqual([0, 0])
          if (at > 0) expect(from).toBeGreaterThan(spans[at - 1]!.to)
        }
      }
    }
  })

  it('shows every moment of the window, and the two hours before it', () => {
    const missed: string[] = []
    for (const zone of zones) {
      for (const window of windows) {
        const spans = [...spansOf(window, zone)]
        for (let moment = window.start - 2 * hourMs; moment < window.end; moment += 17 * minuteMs) {
          const wall = Math.floor(wallAt(zone, moment) / secondMs) * secondMs
          if (!spans.some(({ from, to }) => from <= wall && wall <= to)) missed.push(new Date(moment).toISOString())
        }
      }
    }
    expect(missed).toEqual([])
  })
})

describe('a span', () => {
  it('in two is all of it, and nothing twice', () => {
    const day = wholeDay(Date.UTC(2026, 5, 1))
    const [first, second] = halvesOf(day)!
    expect([first.from, first.to + secondMs, second.to]).toEqual([day.from, second.from, day.to])
    expect([isWholeDay(day), isWholeDay(first)]).toEqual([true, false])
  })

  it('is divided until it is shorter than ten minutes', () => {
    let span = wholeDay(Date.UTC(2026, 5, 1))
    let times = 0
    for (let halves = halvesOf(span); halves; halves = halvesOf(span)) {
      span = halves[1]
      times++
    }
    expect(times).toBe(8)
    expect(span.to - span.from).toBeLessThan(10 * minuteMs)
  })
})
