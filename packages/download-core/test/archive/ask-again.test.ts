import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archive } from '../../src/archive/archive.ts'
import { coverage } from '../../src/archive/coverage.ts'
import { AuthenticationError } from '../../src/footage/errors.ts'
import { durationMs, intersect, subtract, type TimeWindow, union } from '../../src/footage/time-window.ts'
import { type Console, consoleOf, past } from './console.ts'
import { collect, minute, noon, type Ran, sumOf, type Toy, toy } from './fixture.ts'

const hour = past(0, 60)
const tenSeconds = 1 / 6

async function pretend(world: Partial<Console>) {
  const one = await toy()
  const box = consoleOf(one, world)
  const run = (options: Parameters<Toy['run']>[0] = {}) => one.run({ source: box.source(), window: hour, ...options })
  return { ...one, box, run }
}

const minutesOf = (windows: readonly (TimeWindow | undefined)[]) =>
  windows.map((window) => window && [(window.start - noon) / minute, (window.end - noon) / minute])

/**
 * What the coverage says, compared with what there really is. Ten seconds are what the console may be off by; `unplaced`: so many
 * minutes may hold footage of which nobody knows where it belongs.
 */
async function assertTrue({ ledger, box }: { ledger: Toy['ledger']; box: Console }, unplaced = 0): Promise<void> {
  const { lines } = await coverage({ ledger, window: hour })
  const { segments, totalsMs } = lines[0]!
  const of = (...states: readonly string[]) => union(segments.filter(({ state }) => states.includes(state)))
  const longest = (windows: readonly TimeWindow[]) => Math.max(0, ...windows.map(({ start, end }) => end - start))
  expect(longest(subtract(of('kept'), box.recorded)), 'kept without footage').toBeLessThanOrEqual(10_000)
  const there = intersect([hour], box.recorded)
  expect(longest(subtract(there, of('kept', 'unknown'))), 'footage called absent').toBeLessThanOrEqual(10_000)
  expect(totalsMs.unknown).toBeLessThanOrEqual(unplaced * minute)
  expect(totalsMs).toMatchObject({ failed: 0, pending: 0 })
}

async function assertSilent({ run, box }: Awaited<ReturnType<typeof pretend>>, planned: number): Promise<void> {
  const before = box.opened.length
  const { summary } = await run()
  expect(box.opened.length, 'asked for again by the next run').toBe(before)
  expect(sumOf(summary)).toBe(planned)
  expect(summary.planned).toBe(planned)
}

function assertAddsUp({ events, summary }: Ran): void {
  expect(sumOf(summary)).toBe(summary.planned)
  const ended = events.filter(({ type }) => type === 'recording-ended').length
  const stretches = events.filter(({ type }) => type === 'gap' || type === 'listing-failed').length
  expect(ended + stretches).toBe(summary.planned)
  expect(events.filter(({ type }) => type === 'planned')).toHaveLength(1)
  expect(events.filter(({ type }) => type === 'archive-ended')).toHaveLength(1)
}

describe('what a file turns out not to hold', () => {
  it('is asked for by itself, and is absent in the source\u2019s own words', async () => {
    const all = await pretend({ recorded: [past(0, 20), past(40, 60)] })
    const ran = await all.run()
    expect(ran.summary).toMatchObject({ planned: 2, kept: 1, absent: 1 })
    assertAddsUp(ran)
    expect(minutesOf(all.box.opened)).toEqual([
      [0, 60],
      [20 + tenSeconds, 40 - tenSeconds],
    ])
    expect(ran.events).toContainEqual({
      type: 'notice',
      camera: expect.objectContaining({ id: 'cam-1' }),
      text: 'Asking again for 20 min that 1 file of Yard turned out not to hold.',
    })
    const absent = (await all.rows({ outcomes: ['absent'] })).map(({ outcome }) => outcome)
    expect(absent).toEqual([{ outcome: 'absent', reason: 'No files found matching criteria.' }])
    await assertTrue(all)
    await assertSilent(all, 2)
    expect((await all.ledger.runs()).map(({ ending, summary }) => [ending, summary?.planned])).toEqual([
      ['finished', 2],
      ['finished', 2],
    ])
  })

  it('is fetched, where the source only left it out of a long piece', async () => {
    const short = 30 * minute
    const all = await pretend({
      recorded: [hour],
      sends: (piece, recorded) => (piece.end - piece.start > short ? subtract(recorded, [past(20, 40)]) : recorded),
    })
    const ran = await all.run()
    // What was left out around the piece is there as well, then.
    expect(minutesOf(all.box.opened)).toEqual([
      [0, 60],
      [20 + tenSeconds, 40 - tenSeconds],
      [20, 20 + tenSeconds],
      [40 - tenSeconds, 40],
    ])
    expect(ran.summary).toMatchObject({ planned: 4, kept: 4 })
    assertAddsUp(ran)
    const { totalsMs } = await coverage({ ledger: all.ledger, window: hour })
    expect(totalsMs).toMatchObject({ kept: 60 * minute, absent: 0 })
    await assertSilent(all, 4)
  })

  it.each(['edited', 'timeline', 'stitched'] as const)(
    'is only what the vendor\u2019s index speaks of, where there is one: %s',
    async (film) => {
      const events = [past(5, 10), past(20, 23), past(40, 52)]
      const all = await pretend({
        film,
        recorded: events,
        hints: () => events,
        // Three events are too many for it.
        sends: (_, recorded) => recorded.slice(0, 2),
      })
      const ran = await all.run()
      assertAddsUp(ran)
      expect(ran.summary.kept).toBe(ran.summary.planned)
      await assertTrue(all)
      await assertSilent(all, ran.summary.planned)
    },
  )

  it('is nothing where all the index speaks of is there, one right after the other or at its place', async () => {
    const events = [past(5, 10), past(20, 23), past(40, 52)]
    for (const film of ['edited', 'timeline', 'stitched'] as const) {
      const all = await pretend({ film, recorded: events, hints: () => events })
      expect((await all.run()).summary).toMatchObject({ planned: 1, kept: 1 })
      await assertTrue(all)
      const { totalsMs } = await coverage({ ledger: all.ledger, window: hour })
      expect(totalsMs).toMatchObject({ kept: 20 * minute, absent: 40 * minute })
    }
  })

  it('is nothing where the index is silent and gaps are normal', async () => {
    const all = await pretend({ film: 'timeline', recorded: [past(5, 10), past(40, 52)], hints: () => [] })
    expect((await all.run()).summary).toMatchObject({ planned: 1, kept: 1 })
    const { totalsMs } = await coverage({ ledger: all.ledger, window: hour })
    expect(totalsMs.kept).toBeLessThanOrEqual(17 * minute)
    expect(totalsMs.unknown).toBeGreaterThan(0)
    await assertSilent(all, 1)
  })

  it.each([
    ['a beginning', [past(20, 60)], 0.5],
    ['an end', [past(0, 40)], 0.5],
    ['both', [past(20, 50)], 1],
    ['little', [past(44, 52)], 10],
    ['a beginning, and something in the middle', [past(12, 25), past(31, 60)], 1],
  ])('is found where nobody can tell what is missing: %s', async (_, recorded, unplaced) => {
    const all = await pretend({ film: 'timeline', recorded })
    const ran = await all.run()
    assertAddsUp(ran)
    await assertTrue(all, unplaced)
    await assertSilent(all, ran.summary.planned)
  })

  it('is not asked for without end, whatever the source sends', async () => {
    const scattered = Array.from({ length: 12 }, (_, index) => past(index * 5 + 1, index * 5 + 2))
    for (const film of ['stitched', 'timeline'] as const) {
      const all = await pretend({ film, recorded: scattered })
      const ran = await all.run()
      assertAddsUp(ran)
      expect(all.box.opened.length).toBeLessThan(80)
      const { lines } = await coverage({ ledger: all.ledger, window: hour })
      const kept = lines[0]!.segments.filter(({ state }) => state === 'kept')
      expect(durationMs(kept)).toBeLessThanOrEqual(12 * minute)
      const opened = all.box.opened.length
      for (let again = 0; again < 6; again++) await all.run()
      const later = all.box.opened.length
      await all.run()
      expect(all.box.opened.length, 'still asking').toBe(later)
      expect(later - opened).toBeLessThan(60)
    }
  })

  it('is left alone for sources whose recordings are things of their own', async () => {
    const all = await pretend({ recorded: [past(0, 20)] })
    const own = new Proxy(all.box.source(), {
      get: (source, name) => (name === 'identity' ? 'own' : Reflect.get(source, name, source)),
    })
    expect((await all.run({ source: own })).summary).toMatchObject({ planned: 1, kept: 1 })
  })
})

describe('a run that asks again', () => {
  const holey = { recorded: [past(0, 20), past(40, 60)] }

  it('records a list that fails then like any other, and the next run takes it up', async () => {
    let lists = 0
    const all = await pretend({
      ...holey,
      onList() {
        if (++lists === 2) throw new Error('the list is broken')
      },
    })
    const ran = await all.run()
    expect(ran.error).toBeUndefined()
    expect(ran.summary).toMatchObject({ planned: 2, kept: 1, failed: 1 })
    assertAddsUp(ran)
    expect(await all.rows({ kind: 'listing' })).toMatchObject([{ outcome: { outcome: 'failed' } }])
    expect((await all.run()).summary).toMatchObject({ planned: 2, alreadyKept: 1, absent: 1 })
    expect(await all.rows({ kind: 'listing' })).toEqual([])
    await assertTrue(all)
  })

  it('asks nobody any more who refused its password', async () => {
    let lists = 0
    const all = await pretend({
      recorded: [past(0, 10), past(20, 30), past(40, 60)],
      onList() {
        if (++lists >= 2) throw new AuthenticationError('refused')
      },
    })
    const ran = await all.run()
    expect(lists).toBe(2)
    expect(ran.summary).toMatchObject({ planned: 2, kept: 1, failed: 1 })
    expect(ran.events).toContainEqual(expect.objectContaining({ type: 'stopping' }))
    expect((await all.ledger.runs())[0]?.ending).toBe('failed')
    assertAddsUp(ran)
  })

  it.each(['stop', 'signal'] as const)('ends when it is asked to: %s', async (how) => {
    const control = new AbortController()
    const reason = new Error('enough')
    let lists = 0
    const all = await pretend({
      ...holey,
      onList() {
        if (++lists === 2) control.abort(reason)
      },
    })
    const ran = await all.run({ [how]: control.signal })
    expect(ran.error).toBe(how === 'signal' ? reason : undefined)
    expect(ran.summary).toMatchObject({ planned: 1, kept: 1 })
    expect(ran.events.at(-1)?.type).toBe('archive-ended')
    expect(ran.events.filter(({ type }) => type === 'stopping')).toHaveLength(1)
    expect((await all.ledger.runs())[0]?.ending).toBe('stopped')
    expect(all.box.opened).toHaveLength(1)
    // The next run goes on where it ended.
    expect((await all.run()).summary).toMatchObject({ planned: 2, alreadyKept: 1, absent: 1 })
    await assertTrue(all)
  })

  it('asks nothing again once it was halted', async () => {
    const all = await pretend({ ...holey })
    const control = new AbortController()
    all.server.onMedia = () => control.abort()
    const ran = await all.run({ stop: control.signal, window: past(0, 120) })
    expect(all.box.listed).toHaveLength(1)
    expect(ran.summary).toMatchObject({ planned: 2, kept: 1, failed: 1 })
    expect((await all.ledger.runs())[0]?.ending).toBe('stopped')
  })

  it('lets go of everything when nobody reads on', async () => {
    const all = await pretend({ ...holey })
    const { ledger, into } = all
    const run = archive({ source: all.box.source(), window: hour, into, ledger, reserveBytes: 0 })
    for await (const event of run) if (event.type === 'notice') break
    expect((await ledger.runs())[0]?.ending).toBe('failed')
    expect((await all.run()).summary).toMatchObject({ planned: 2, alreadyKept: 1, absent: 1 })
  })

  it('does so for what was retried', async () => {
    const all = await pretend({ ...holey })
    all.server.faults.unreachable = true
    expect((await all.run({ retry: { retries: 0 } })).summary).toMatchObject({ planned: 1, failed: 1 })
    all.server.faults.unreachable = false
    expect((await all.run({ onlyFailed: true })).summary).toMatchObject({ planned: 2, kept: 1, absent: 1 })
    await assertTrue(all)
  })

  it('keeps what it holds where what comes anew is less', async () => {
    const all = await pretend({ ...holey })
    await all.run()
    const held = (await all.rows({ outcomes: ['kept'] })).map(({ file }) => file)
    all.box.sends = (piece, recorded) => (piece.start === hour.start ? recorded.slice(0, 1) : recorded)
    all.box.film = 'timeline'
    const ran = await all.run({ overwrite: true })
    assertAddsUp(ran)
    expect(ran.summary).toMatchObject({ kept: 0, failed: 0 })
    expect((await all.rows({ outcomes: ['kept'] })).map(({ file }) => file)).toEqual(held)
    await assertTrue(all)
  })

  it('does so for what it fetched anew', async () => {
    const all = await pretend({ ...holey })
    await all.run()
    const [row] = await all.rows({ outcomes: ['kept'] })
    await rm(join(all.into, row!.file!.path))
    all.box.sends = (piece, recorded) => (piece.start === hour.start ? recorded.slice(0, 1) : recorded)
    all.box.film = 'timeline'
    assertAddsUp(await all.run())
    // Next to what was answered for before, a few seconds are left out.
    await assertTrue(all, 0.5)
  })

  it('counts what was handed over like what is kept', async () => {
    const all = await pretend({ ...holey })
    await all.run()
    for (const { file } of await all.rows({ outcomes: ['kept'] })) await rm(join(all.into, file!.path))
    expect((await all.run({ handedOver: true })).summary).toMatchObject({ alreadyKept: 1, absent: 1 })
    await assertSilent(all, 2)
    await assertTrue(all)
  })

  it('does so for each camera, and tells each by its name', async () => {
    const all = await pretend({ ...holey })
    all.server.cameras.push({ id: 'cam-2', name: 'Gate' })
    const ran = await all.run({ window: past(0, 120) })
    assertAddsUp(ran)
    expect(ran.summary).toMatchObject({ planned: 6, kept: 2, absent: 4 })
    const notices = ran.events.flatMap((event) => (event.type === 'notice' ? event.text : []))
    expect(notices).toEqual([
      'Asking again for 20 min that 1 file of Yard turned out not to hold.',
      'Asking again for 20 min that 1 file of Gate turned out not to hold.',
    ])
  })

  it('asks as often as there is something new to ask', async () => {
    // Each answer brings the first ten minutes of what there is, and the last one.
    const all = await pretend({
      recorded: [hour],
      sends: ({ start, end }, recorded) => subtract(recorded, [{ start: start + 10 * minute, end: end - minute }]),
      hints: (piece) => [piece],
    })
    const ran = await all.run()
    assertAddsUp(ran)
    const long = all.box.opened.filter(({ start, end }) => end - start > minute)
    expect(minutesOf(long).slice(0, 3)).toEqual([
      [0, 60],
      [10 + tenSeconds, 59 - tenSeconds],
      [20 + 2 * tenSeconds, 58 - 2 * tenSeconds],
    ])
    expect(long).toHaveLength(6)
    await assertTrue(all)
    const seams = all.box.opened.filter(({ start, end }) => end - start <= minute)
    expect(seams).toHaveLength(10)
    await collect(
      archive({ source: all.box.source(), window: hour, into: all.into, ledger: all.ledger, reserveBytes: 0 }),
    )
    await assertTrue(all)
  })
})
