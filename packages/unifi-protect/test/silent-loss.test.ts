import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryLedger } from '@cam/download-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectTrue, run } from './archiving.ts'
import { at, cameraA, cameraB, hour, listed, minute, pair, span, worldOf } from './pretend-console.ts'

let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'unifi-loss-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))
const fresh = () => mkdtemp(join(folders, 'run-'))

const short = span('2026-11-02T08:00:00Z', '2026-11-02T08:40:00Z')
const segmentMs = 10 * minute

describe('how footage is lost without a word, and is not here', () => {
  it('a window of three days, not aligned: no day is dropped, and no export is longer than an hour', async () => {
    const window = { start: at('2026-10-24T21:12:34Z'), end: at('2026-10-27T21:12:34Z') }
    await using both = await pair({ world: worldOf(window, {}) })
    const { recordings } = await listed(both.source, window)
    expect(recordings).toHaveLength(73)
    let reached = window.start
    for (const { window: piece } of recordings) {
      expect(piece!.start).toBe(reached)
      expect(piece!.end - piece!.start).toBeLessThanOrEqual(hour)
      reached = piece!.end
    }
    expect(reached).toBe(window.end)
  })

  it('the hour that is there twice on the clock: asked for twice, as two hours, under two names', async () => {
    const window = span('2026-10-25T02:00:00+02:00', '2026-10-25T03:00:00+01:00')
    await using both = await pair({ world: worldOf(window, {}) })
    const into = await fresh()
    const ledger = memoryLedger()
    const { summary, outcomes } = await run({ source: both.source, into, ledger, window, clock: both.clock })
    expect(summary).toMatchObject({ planned: 2, kept: 2 })
    const paths = [...outcomes.values()].map((outcome) => (outcome.outcome === 'kept' ? outcome.path : ''))
    expect(new Set(paths).size).toBe(2)
    const asked = both.console.log.of('media').map(({ target }) => /start=(\d+)/.exec(target)?.[1])
    expect(asked).toEqual([String(window.start), String(window.start + hour)])
    await expectTrue(into, ledger, both.console.truth(window))
  })

  it('a small picture sent in place of the large one is marked, not passed off as the recording', async () => {
    await using both = await pair({ world: worldOf(short, {}), switches: { standIn: true } }, { segmentMs })
    const ledger = memoryLedger()
    const options = { source: both.source, into: await fresh(), ledger, window: short, clock: both.clock }
    const { outcomes } = await run(options)
    expect(outcomes.size).toBe(4)
    for (const outcome of outcomes.values()) {
      expect(outcome).toMatchObject({ outcome: 'kept', fidelity: 'proxy', facts: { width: 160, height: 90 } })
    }
  })

  it('a tiny file that means "nothing" is an absence with a reason, and never a file or a skip', async () => {
    const empty = worldOf(short, { recorded: [{ start: short.start, end: short.start + segmentMs }] })
    await using both = await pair({ world: empty, switches: { emptyForm: '200-stub' } }, { segmentMs })
    const ledger = memoryLedger()
    const options = { source: both.source, into: await fresh(), ledger, window: short, clock: both.clock }
    const { summary } = await run(options)
    expect(summary).toMatchObject({ planned: 4, kept: 1, absent: 3, skipped: 0, failed: 0 })
    for await (const row of ledger.rows({ outcomes: ['absent'] })) {
      expect(row.outcome).toMatchObject({ reason: expect.stringMatching(/nothing was recorded .*without pictures/) })
    }
    const asked = both.console.exports.asked
    await run({ ...options, source: both.again() })
    expect(both.console.exports.asked).toBe(asked)
  })

  it('a console that crashes under two exports at once, or one of more than an hour, never gets either', async () => {
    const world = worldOf({ start: short.start - 2 * hour, end: short.end }, {}, {}, {})
    await using both = await pair({ world, switches: { crashOn: 'any', parallelExports: 1 } })
    const ledger = memoryLedger()
    const window = { start: short.start - 2 * hour, end: short.end }
    const options = { source: both.source, into: await fresh(), ledger, window, clock: both.clock, concurrency: 8 }
    const { summary } = await run(options)
    expect(summary).toMatchObject({ planned: 9, kept: 9 })
    expect([both.console.crashes, both.console.exports.maximum]).toEqual([0, 1])
  })

  it.each(['500', '404-html', '200-empty', '503'] as const)(
    'an export that fails (%s) is no success: it is recorded as failed, and no later run goes past it',
    async (failStatus) => {
      await using both = await pair({ world: worldOf(short, {}) }, { segmentMs })
      const into = await fresh()
      const ledger = memoryLedger()
      const early = { start: short.start, end: short.start + 2 * segmentMs }
      both.console.set({ failN: 1_000, failStatus })
      const first = await run({ source: both.source, into, ledger, window: early, clock: both.clock })
      expect(first.summary).toMatchObject({ planned: 2, kept: 0, absent: 0, failed: 2 })
      both.console.set({ failN: 0 })
      // The window grows, as that of a nightly run does; what failed lies before it reached.
      const second = await run({ source: both.again(), into, ledger, window: short, clock: both.clock })
      expect(second.summary).toMatchObject({ planned: 4, kept: 4, failed: 0 })
      await expectTrue(into, ledger, both.console.truth({ ...short, segmentMs }))
    },
  )

  it('a film that ends before its stated length is no film', async () => {
    await using both = await pair({ world: worldOf(short, {}) }, { segmentMs })
    const into = await fresh()
    const ledger = memoryLedger()
    const options = { source: both.source, into, ledger, window: short, clock: both.clock }
    both.console.set({ truncateAt: 9000, truncate: 'destroy' })
    expect((await run(options)).summary).toMatchObject({ planned: 4, kept: 0, failed: 4 })
    both.console.set({ truncateAt: undefined })
    expect((await run({ ...options, source: both.again() })).summary).toMatchObject({ kept: 4 })
    await expectTrue(into, ledger, both.console.truth({ ...short, segmentMs }))
  })

  it('a camera without a name, and two of one name, are archived beside each other', async () => {
    const world = worldOf(short, { name: null }, { name: null }, { name: 'Twins' }, { name: 'Twins' })
    await using both = await pair({ world }, { segmentMs: hour })
    const into = await fresh()
    const ledger = memoryLedger()
    const { summary, outcomes } = await run({ source: both.source, into, ledger, window: short, clock: both.clock })
    expect(summary).toMatchObject({ planned: 4, kept: 4 })
    const paths = [...outcomes.values()].map((outcome) => (outcome.outcome === 'kept' ? outcome.path : ''))
    expect(new Set(paths).size).toBe(4)
    await expectTrue(into, ledger, both.console.truth({ ...short, segmentMs: hour }))
  })

  it('one camera that may not be downloaded does not end the run of the others, and is not asked for each hour', async () => {
    const world = worldOf(short, { denied: true }, {})
    await using both = await pair({ world }, { segmentMs })
    const ledger = memoryLedger()
    const options = { source: both.source, into: await fresh(), ledger, window: short, clock: both.clock }
    const { summary, outcomes } = await run(options)
    expect(summary).toMatchObject({ planned: 8, kept: 4, failed: 4 })
    for (const [key, outcome] of outcomes) {
      if (key.startsWith(cameraA)) expect(outcome).toMatchObject({ outcome: 'failed', code: 'PERMISSION' })
      else expect([key.slice(0, 24), outcome.outcome]).toEqual([cameraB, 'kept'])
    }
    expect(both.console.log.of('media').filter(({ status }) => status === 403)).toHaveLength(1)
  })

  it('another length of pieces, another window: what is held is not fetched again, what is missing is', async () => {
    const world = worldOf(short, {})
    await using both = await pair({ world }, { segmentMs })
    const into = await fresh()
    const ledger = memoryLedger()
    const options = { into, ledger, clock: both.clock }
    const middle = { start: short.start + 10 * minute, end: short.start + 20 * minute }
    expect((await run({ ...options, source: both.source, window: middle })).summary).toMatchObject({ kept: 1 })
    const other = both.again({ segmentMs: 7 * minute })
    await run({ ...options, source: other, window: short })
    const asked = both.console.log.of('media').map(({ target }) => {
      const query = new URL(target, 'https://x').searchParams
      return { start: Number(query.get('start')), end: Number(query.get('end')) }
    })
    const again = asked.slice(1)
    expect(again.length).toBeGreaterThan(3)
    for (const { start, end } of again) {
      expect(Math.min(end, middle.end) - Math.max(start, middle.start)).toBeLessThanOrEqual(0)
    }
    expect(again.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(30 * minute)
  })

  it('fetching again what is held never replaces the recording by the small picture that is left of it', async () => {
    await using both = await pair({ world: worldOf(short, {}) }, { segmentMs })
    const into = await fresh()
    const ledger = memoryLedger()
    const options = { source: both.source, into, ledger, window: short, clock: both.clock }
    await run(options)
    both.console.set({ standIn: true })
    const { summary, events } = await run({ ...options, overwrite: true })
    expect(summary).toMatchObject({ planned: 4, kept: 0, alreadyKept: 4 })
    const texts = events.flatMap((event) => (event.type === 'warning' ? [event.text] : []))
    expect(texts).toContainEqual(expect.stringMatching(/only a smaller picture .* the file that is kept stays/))
    await expectTrue(into, ledger, both.console.truth({ ...short, segmentMs }))
  })
})
