import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coverage, memoryLedger, type SessionStore } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectTrue, run } from './archiving.ts'
import { cameraA, cameraB, hour, minute, pair, span, worldOf } from './pretend-console.ts'
import { memoryStore } from './scripted-console.ts'

let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'unifi-protect-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))
const fresh = () => mkdtemp(join(folders, 'run-'))

const cameraC = '61b3f5c90050a703e700042c'
/** Six hours of three cameras, over the end of summer time: 23:00 to 04:00 in Berlin. */
const window = span('2026-10-24T23:00:00+02:00', '2026-10-25T04:00:00+01:00')

describe('six hours over the end of summer time', () => {
  it.each(['legacy', 'protect-4', 'protect-7'] as const)(
    'of %s: each hour ends as it has to, each file is the console’s, and a second run asks for nothing',
    async (profile) => {
      const into = await fresh()
      await using ledger = await openLedger(into)
      await using both = await pair({ switches: { world: 'dst', profile, crashOn: 'any' } })
      const { console, clock } = both
      const sessions: SessionStore = memoryStore()
      const first = await run({ source: both.again({ sessions }), into, ledger, window, clock })
      await expectTrue(into, ledger, console.truth(window))
      expect(first.summary).toMatchObject({ failed: 0, pending: 0, alreadyKept: 0 })
      expect(first.summary.kept).toBe(console.truth(window).filter(({ outcome }) => outcome === 'kept').length)
      expect([console.logins.ok, console.exports.maximum, console.crashes]).toEqual([1, 1, 0])
      const repeated = [...first.outcomes.keys()].filter((key) =>
        key.endsWith('T00:00:00.000Z/2026-10-25T01:00:00.000Z'),
      )
      expect(repeated).toHaveLength(3)

      const asked = console.exports.asked
      const second = await run({ source: both.again({ sessions }), into, ledger, window, clock })
      expect(second.summary).toMatchObject({ kept: 0, alreadyKept: first.summary.kept, failed: 0 })
      expect(console.exports.asked).toBe(asked)
      expect(console.logins).toMatchObject({ ok: 1, refused: 0 })
      await expectTrue(into, ledger, console.truth(window))
    },
  )

  it('tells what is absent in the console’s words, and marks the small picture of the old age', async () => {
    const into = await fresh()
    const ledger = memoryLedger()
    await using both = await pair({ switches: { world: 'dst' } })
    const { outcomes } = await run({ source: both.source, into, ledger, window, clock: both.clock })
    const absent = outcomes.get(`${cameraA} 2026-10-24T21:00:00.000Z/2026-10-24T22:00:00.000Z`)
    expect(absent).toMatchObject({ outcome: 'absent', reason: expect.stringContaining('error 502') })
    expect(outcomes.get(`${cameraA} 2026-10-24T22:00:00.000Z/2026-10-24T23:00:00.000Z`)).toMatchObject({
      ...{ outcome: 'kept', fidelity: 'full', facts: { width: 320, height: 180 } },
    })
    expect(outcomes.get(`${cameraC} 2026-10-24T22:00:00.000Z/2026-10-24T23:00:00.000Z`)).toMatchObject({
      ...{ outcome: 'kept', fidelity: 'proxy', facts: { width: 160, height: 90 } },
    })
  })

  it('counts a motion-only hour for the minutes it holds', async () => {
    const into = await fresh()
    const ledger = memoryLedger()
    await using both = await pair({ switches: { world: 'dst' } })
    const options = { source: both.source, into, ledger, window, clock: both.clock, cameras: ['Garage'] }
    const { outcomes } = await run(options)
    const held = [...outcomes.values()].flatMap((outcome) => (outcome.outcome === 'kept' ? outcome.covers : []))
    const total = held.reduce((sum, { start, end }) => sum + end - start, 0)
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThan(hour)
    await expectTrue(
      into,
      ledger,
      both.console.truth(window).filter(({ cameraId }) => cameraId === cameraB),
    )
  })
})

describe('a run that is disturbed', () => {
  const short = span('2026-11-02T08:00:00Z', '2026-11-02T09:00:00Z')
  const world = worldOf(short, {}, { name: null })
  const segmentMs = 10 * minute

  it('by a session that is revoked logs in once more and goes on', async () => {
    const into = await fresh()
    const ledger = memoryLedger()
    await using both = await pair({ world }, { segmentMs })
    const { console, source, clock } = both
    let opened = 0
    const revoking = new Proxy(source, {
      get(object, name) {
        if (name !== 'open') return Reflect.get(object, name, object)
        return (...asked: Parameters<typeof source.open>) => {
          if (++opened === 4) console.revokeSessions()
          return source.open(...asked)
        }
      },
    })
    const { summary } = await run({ source: revoking, into, ledger, window: short, clock })
    expect(summary).toMatchObject({ kept: 12, failed: 0 })
    expect(console.logins).toEqual({ ok: 2, refused: 0, limited: 0 })
    await expectTrue(into, ledger, console.truth({ ...short, segmentMs }))
  })

  it('by a console that crashes leaves nothing out once it is up again', async () => {
    const into = await fresh()
    const ledger = memoryLedger()
    await using both = await pair({ world, switches: { downStatus: '404-html', downMs: 3_000_000 } }, { segmentMs })
    const { console, clock } = both
    const halfway = new Proxy(both.source, {
      get(object, name) {
        if (name !== 'open') return Reflect.get(object, name, object)
        return (...asked: Parameters<typeof object.open>) => {
          if (console.exports.asked === 5 && console.crashes === 0) console.crash()
          return object.open(...asked)
        }
      },
    })
    const first = await run({ source: halfway, into, ledger, window: short, clock })
    expect(console.crashes).toBe(1)
    expect(first.summary.kept).toBe(5)
    expect(first.summary.absent).toBe(0)
    expect(first.summary.failed).toBe(7)
    clock.advance(3_000_000)
    const second = await run({ source: both.again(), into, ledger, window: short, clock })
    expect(second.summary).toMatchObject({ kept: 7, alreadyKept: 5, failed: 0 })
    await expectTrue(into, ledger, console.truth({ ...short, segmentMs }))
  })

  it('by a retention edge that moves: what is gone is expired, and the rest is kept', async () => {
    const into = await fresh()
    const ledger = memoryLedger()
    const switches = { edgeAfter: 1, edgeBy: 25 * minute }
    await using both = await pair({ world, switches }, { segmentMs })
    const { summary } = await run({ source: both.source, into, ledger, window: short, clock: both.clock })
    expect(summary).toMatchObject({ kept: 8, failed: 0, absent: 0, pending: 0 })
    const { totalsMs } = await coverage({ ledger, window: short })
    expect(totalsMs).toMatchObject({ kept: 2 * 35 * minute, failed: 0, pending: 0, unknown: 0 })
    // To the grain of a key frame on either side of a cut.
    expect(totalsMs.expired).toBeGreaterThanOrEqual(2 * (25 * minute - 10_000))
  })

  it('by every fifth export failing for no reason is whole in the end', async () => {
    const into = await fresh()
    const ledger = memoryLedger()
    await using both = await pair({ world, switches: { overloadEvery: 5 } }, { segmentMs })
    const { summary } = await run({ source: both.source, into, ledger, window: short, clock: both.clock })
    expect(summary).toMatchObject({ kept: 12, failed: 0 })
    await expectTrue(into, ledger, both.console.truth({ ...short, segmentMs }))
  })
})
