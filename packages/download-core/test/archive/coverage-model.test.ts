import { expect, it } from 'vitest'
import { coverage } from '../../src/archive/coverage.ts'
import { NetworkError } from '../../src/footage/errors.ts'
import { intersect, subtract, type TimeWindow, union } from '../../src/footage/time-window.ts'
import { consoleOf, past } from './console.ts'
import { minute, noon, sumOf, toy } from './fixture.ts'

// Consoles at random, compared moment by moment with what they really have and with what they really sent.

const second = 1000
/** Between two key frames. */
const key = 5 * second
const day = past(0, 180)
const dayLength = (day.end - day.start) / second
/** What a console may be off by at both ends, and the footage that it sends too much. */
const closeMs = 25 * second

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = (seed * 2654435761) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    whole: (from: number, to: number) => from + Math.floor(next() * (to - from + 1)),
    oneOf: <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!,
  }
}

/** How one console behaves, and what it has. */
function behaviourOf({ whole, oneOf }: ReturnType<typeof dice>) {
  const most = oneOf([4, 4, 30])
  const moments = Array.from({ length: 2 * whole(0, most) }, () => noon + whole(0, dayLength) * second)
  moments.sort((a, b) => a - b)
  const pairs = moments.flatMap((start, at) => (at % 2 === 0 ? [{ start, end: moments[at + 1]! }] : []))
  const dropFrom = noon + whole(0, dayLength - 1800) * second
  // Times without a picture that are a camera's own.
  const hiccupMs = oneOf([0, 0, 3, 8]) * second
  const hiccups = Array.from({ length: hiccupMs > 0 ? 40 : 0 }, () => noon + whole(0, dayLength) * second)
  const recorded = oneOf([true, true, false]) ? subtract([day], pairs) : union(pairs)
  const there = subtract(
    recorded,
    hiccups.map((start) => ({ start, end: start + hiccupMs })),
  )
  return {
    there: there.filter(({ start, end }) => end - start >= key),
    film: oneOf(['edited', 'timeline', 'stitched'] as const),
    stamp: oneOf(['footage', 'none', 'now', 'asked'] as const),
    hinted: oneOf(['no', 'no', 'exact', 'padded', 'silent'] as const),
    /** Left out of pieces that are longer than `dropsAbove` and go beyond it. */
    dropped: { start: dropFrom, end: dropFrom + oneOf([0, 1]) * whole(20, 1500) * second },
    dropsAbove: whole(5, 40) * minute,
    snaps: oneOf([true, false]),
    overrun: oneOf([0, 0, 4]) * second,
    /** Each so many-th export fails. */
    faults: oneOf([0, 0, 5]),
  }
}

async function archived(seed: number) {
  const random = dice(seed)
  const { whole, oneOf } = random
  const behaviour = behaviourOf(random)
  const { there, film, stamp, hinted, dropped, dropsAbove, snaps, overrun, faults } = behaviour
  const all = await toy()
  const sent = new Map<string, readonly TimeWindow[]>()
  const idOf = ({ start, end }: TimeWindow) => `${start}/${end}`
  const toKeys = ({ start, end }: TimeWindow) =>
    snaps ? { start: Math.floor(start / key) * key, end: Math.ceil(end / key) * key } : { start, end }
  const toSecond = (moment: number) => Math.round(moment / second) * second
  let asked = 0
  const hints = {
    no: undefined,
    exact: there,
    padded: union(there.map(({ start, end }) => ({ start: start - 4 * second, end: end + 4 * second }))),
    silent: [],
  }[hinted]
  const box = consoleOf(all, {
    recorded: there,
    film,
    stepMs: oneOf([60, 30, 20]) * minute,
    sends(piece) {
      if (faults > 0 && ++asked % faults === 0) throw new NetworkError('reset', { reason: 'ECONNRESET' })
      const has = intersect([toKeys({ start: piece.start - overrun, end: piece.end + overrun })], there)
      const beyond = piece.start < dropped.start - minute || piece.end > dropped.end + minute
      const leaves = beyond && piece.end - piece.start > dropsAbove ? [toKeys(dropped)] : []
      const film = subtract(has, leaves).map(({ start, end }) => ({ start: toSecond(start), end: toSecond(end) }))
      sent.set(idOf(piece), union(film))
      return union(film)
    },
    createdAt: (piece, [first]) =>
      ({
        footage: film === 'edited' ? piece.start : first?.start,
        none: undefined,
        now: noon + 1e9,
        asked: piece.start,
      })[stamp],
    ...(hints ? { hints: () => hints } : {}),
  })
  const run = async (window: TimeWindow) => {
    const more = faults > 0 ? { retry: { retries: 0 } } : {}
    const { summary, error } = await all.run({ source: box.source(), window, ...more })
    expect(error).toBeUndefined()
    expect(sumOf(summary)).toBe(summary.planned)
    expect(summary.pending).toBe(0)
    if (faults === 0) expect(summary.failed).toBe(0)
    return summary
  }
  for (let runs = whole(0, 2); runs > 0; runs--) {
    const start = noon + whole(0, dayLength - 1800) * second + oneOf([0, whole(0, 999)])
    await run({ start, end: Math.min(day.end, start + whole(1, 90 * 60) * second) })
    box.stepMs = oneOf([60, 30, 20]) * minute
  }
  await run(day)
  for (let again = 0; again < 8 && faults > 0; again++) await run(day)
  const opened = box.opened.length
  await run(day)
  const inFiles: TimeWindow[] = []
  for (const { window } of await all.rows({ outcomes: ['kept'] })) inFiles.push(...(sent.get(idOf(window!)) ?? []))
  const { lines } = await coverage({ ledger: all.ledger, window: day })
  const of = (state: string) => lines[0]?.segments.filter((segment) => segment.state === state) ?? []
  return {
    behaviour,
    opened,
    openedLater: box.opened.length - opened,
    keptInNoFile: subtract(of('kept'), inFiles),
    // What the console itself said is its word.
    calledAbsent: intersect(of('absent'), there).flatMap((one) =>
      subtract(
        [one],
        box.opened.filter((piece) => sent.get(idOf(piece))?.length === 0),
      ),
    ),
  }
}

const longest = (windows: readonly TimeWindow[]) => Math.max(0, ...windows.map(({ start, end }) => end - start))

it.each([7, 19, 36, 174, 294, 1051, 2023, 2050, 2058, 2122])(
  'whatever a console does, no moment counts as kept that is in no file, nor as absent that is there: %i',
  async (seed) => {
    const { behaviour, opened, openedLater, keptInNoFile, calledAbsent } = await archived(seed)
    expect(longest(keptInNoFile), 'kept, and in no file').toBeLessThanOrEqual(closeMs)
    // Where the index says nothing, gaps are normal and nothing is asked for again.
    if (behaviour.hinted !== 'silent') expect(longest(calledAbsent), 'absent, and there').toBeLessThanOrEqual(closeMs)
    expect(opened, 'asked for in three hours').toBeLessThan(225)
    expect(openedLater, 'asked for by a run that finds everything known').toBe(0)
  },
)
