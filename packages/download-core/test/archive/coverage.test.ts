import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CoverageState, coverage, gaps } from '../../src/archive/coverage.ts'
import type { PlannedRow } from '../../src/archive/ledger.ts'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import type { Outcome } from '../../src/footage/outcome.ts'
import { durationMs, intersect, subtract, type TimeWindow, union } from '../../src/footage/time-window.ts'

const camera = { id: 'cam-1', name: 'Yard' }
const kept = (covers: readonly TimeWindow[] = []): Outcome => ({
  outcome: 'kept',
  path: `${Math.random()}.mp4`,
  bytes: 1,
  sha256: '',
  proof: { by: 'repeat' },
  covers,
  facts: {},
  fidelity: 'full',
})
const simple = (outcome: 'absent' | 'expired' | 'pending' | 'skipped' | 'lost' | 'handed-over'): Outcome => ({
  outcome,
  reason: '',
})
const failed: Outcome = { outcome: 'failed', code: 'NETWORK', message: '', retryable: true, attempts: 1 }

type Fact = Partial<PlannedRow> & { readonly id: string; readonly view?: string; readonly outcome?: Outcome }

async function ledgerOf(facts: readonly Fact[]) {
  const ledger = memoryLedger()
  for (const { id, view = '', outcome, ...row } of facts) {
    const key = { sourceId: 's', cameraId: (row.camera ?? camera).id, view, recordingId: id }
    await ledger.plan('r', 1, [{ kind: 'recording', camera, ...row, key }])
    if (outcome) await ledger.record('r', 1, [{ key, outcome }])
  }
  return ledger
}

const at = (start: number, end: number) => ({ window: { start, end } })

describe('coverage', () => {
  it('says of each moment how it stands; what is kept counts before what is not', async () => {
    const ledger = await ledgerOf([
      { id: 'a', ...at(0, 100_000), outcome: kept() },
      { id: 'b', ...at(90_000, 200_000), outcome: failed },
      { id: 'gap:1', kind: 'gap', ...at(200_000, 300_000), outcome: simple('absent') },
      { id: 'c', ...at(300_000, 400_000) },
      { id: 'd', ...at(400_000, 500_000), outcome: simple('lost') },
      { id: 'e', ...at(500_000, 600_000), outcome: simple('expired') },
    ])
    const { lines, totalsMs } = await coverage({ ledger, window: { start: 0, end: 700_000 } })
    expect(lines).toHaveLength(1)
    expect(lines[0]!.segments).toEqual([
      { start: 0, end: 100_000, state: 'kept' },
      { start: 100_000, end: 200_000, state: 'failed' },
      { start: 200_000, end: 300_000, state: 'absent' },
      { start: 300_000, end: 400_000, state: 'unknown' },
      { start: 400_000, end: 500_000, state: 'failed' },
      { start: 500_000, end: 600_000, state: 'expired' },
      { start: 600_000, end: 700_000, state: 'unknown' },
    ])
    expect(totalsMs).toEqual({
      kept: 100_000,
      failed: 200_000,
      pending: 0,
      expired: 100_000,
      absent: 100_000,
      skipped: 0,
      unknown: 200_000,
    })
  })

  it('believes the file, not the list, about what it holds', async () => {
    const ledger = await ledgerOf([{ id: 'a', ...at(0, 60_000), outcome: kept([{ start: 10_000, end: 50_000 }]) }])
    const { lines } = await coverage({ ledger })
    expect(lines[0]!.segments.map(({ state }) => state)).toEqual(['unknown', 'kept', 'unknown'])
  })

  describe('of a piece that was cut out of what was asked for', () => {
    const recording = { id: '', cameraId: 'cam-1', windowFrom: 'asked', extension: 'mp4', resume: 'never' } as const
    const piece = (id: string, start: number, end: number, outcome?: Outcome): Fact => {
      const window = { start, end }
      return { id, window, recording: { ...recording, id, window }, ...(outcome ? { outcome } : {}) }
    }
    const states = async (...facts: readonly Fact[]) => {
      const { lines } = await coverage({ ledger: await ledgerOf(facts), window: { start: 0, end: 100_000 }, joinMs: 0 })
      return lines[0]!.segments.map(({ start, end, state }) => [start / 1000, end / 1000, state])
    }
    const covers = [{ start: 20_000, end: 60_000 }]
    const file = kept(covers)
    const nowhere: Outcome = {
      ...(kept() as Outcome & { outcome: 'kept' }),
      covers: [],
      somewhere: { windows: [{ start: 0, end: 50_000 }], ms: 9000 },
    }

    it('is absent where the file holds nothing, even if it holds nothing at all', async () => {
      expect(await states(piece('a', 0, 100_000, file))).toEqual([
        [0, 20, 'absent'],
        [20, 60, 'kept'],
        [60, 100, 'absent'],
      ])
      expect(await states(piece('a', 0, 90_000, kept([])))).toEqual([
        [0, 90, 'absent'],
        [90, 100, 'unknown'],
      ])
    })

    it('is unknown where footage may lie', async () => {
      expect(await states(piece('a', 0, 100_000, nowhere))).toEqual([
        [0, 50, 'unknown'],
        [50, 100, 'absent'],
      ])
    })

    it('is what a more precise row says, also one of a run that died', async () => {
      for (const [outcome, state] of [
        [failed, 'failed'],
        [simple('pending'), 'pending'],
        [simple('expired'), 'expired'],
        [simple('skipped'), 'skipped'],
        [kept([{ start: 60_000, end: 80_000 }]), 'kept'],
        [undefined, 'unknown'],
      ] as const) {
        const found = await states(piece('a', 0, 100_000, file), piece('b', 60_000, 80_000, outcome))
        expect(found.find(([start, end]) => Number(start) <= 70 && Number(end) > 70)?.[2]).toBe(state)
        expect(found.at(-1)).toEqual([80, 100, 'absent'])
      }
      expect(
        await states(piece('a', 0, 100_000, nowhere), piece('b', 0, 50_000, kept([{ start: 9000, end: 18_000 }]))),
      ).toEqual([
        [0, 9, 'absent'],
        [9, 18, 'kept'],
        [18, 100, 'absent'],
      ])
    })

    it('is unknown where a part that was asked for by itself may hold it, though the whole does not', async () => {
      const whole = piece('a', 0, 100_000, file)
      const somewhere = { windows: [{ start: 60_000, end: 90_000 }], ms: 9000 }
      const part: Outcome = { ...(kept() as Outcome & { outcome: 'kept' }), covers: [], somewhere }
      const expected = [
        [0, 20, 'absent'],
        [20, 60, 'kept'],
        [60, 90, 'unknown'],
        [90, 100, 'absent'],
      ]
      expect(await states(whole, piece('b', 60_000, 90_000, part))).toEqual(expected)
      expect(await states(piece('b', 60_000, 90_000, part), whole)).toEqual(expected)
    })

    it('stays so when it is handed over, and is failed where it is lost', async () => {
      for (const [outcome, state] of [
        [simple('handed-over'), 'kept'],
        [simple('lost'), 'failed'],
      ] as const) {
        const ledger = await ledgerOf([piece('a', 0, 100_000, file)])
        const key = { sourceId: 's', cameraId: 'cam-1', view: '', recordingId: 'a' }
        await ledger.record('r', 2, [{ key, outcome }])
        const { lines, undated } = await coverage({ ledger })
        expect(lines[0]!.segments.map((segment) => segment.state)).toEqual(['absent', state, 'absent'])
        expect(undated).toEqual({ kept: 0, notKept: 0 })
      }
    })

    it('is no undated recording if nothing of it can be placed', async () => {
      const { undated, lines } = await coverage({ ledger: await ledgerOf([piece('a', 0, 100_000, nowhere)]) })
      expect(undated).toEqual({ kept: 0, notKept: 0 })
      expect(lines[0]!.totalsMs).toMatchObject({ unknown: 50_000, absent: 50_000 })
    })
  })

  it('bridges what a camera loses between two files, and no more', async () => {
    const ledger = await ledgerOf([
      { id: 'a', ...at(0, 10_000), outcome: kept() },
      { id: 'b', ...at(12_000, 20_000), outcome: kept() },
      { id: 'c', ...at(22_001, 30_000), outcome: kept() },
    ])
    expect(gaps(await coverage({ ledger })).map(({ start, end, state }) => [start, end, state])).toEqual([
      [20_000, 22_001, 'unknown'],
    ])
    expect(gaps(await coverage({ ledger, joinMs: 0 }))).toHaveLength(2)
  })

  it('silent-loss 33: shows a camera whose list failed, for all of its views', async () => {
    const ledger = await ledgerOf([
      { id: 'road', view: 'road', ...at(0, 50_000), outcome: kept() },
      { id: 'cabin', view: 'cabin', ...at(0, 50_000), outcome: kept() },
      { id: 'listing', kind: 'listing', ...at(0, 100_000), outcome: failed },
      { id: 'listing', kind: 'listing', camera: { id: 'cam-2', name: 'Gate' }, outcome: failed },
    ])
    const { lines } = await coverage({ ledger, window: { start: 0, end: 100_000 } })
    expect(lines.map((line) => [line.camera.id, line.view, line.totalsMs.kept, line.totalsMs.failed])).toEqual([
      ['cam-1', 'cabin', 50_000, 50_000],
      ['cam-1', 'road', 50_000, 50_000],
      ['cam-2', '', 0, 100_000],
    ])
  })

  it('counts undated recordings apart', async () => {
    const ledger = await ledgerOf([
      { id: 'a', outcome: kept() },
      { id: 'b', outcome: failed },
      { id: 'c', outcome: simple('handed-over') },
    ])
    const { undated, lines } = await coverage({ ledger })
    expect(undated).toEqual({ kept: 2, notKept: 1 })
    expect(lines[0]!.segments).toEqual([])
  })

  it('chooses cameras and sources', async () => {
    const ledger = await ledgerOf([{ id: 'a', ...at(0, 1), outcome: kept() }])
    expect((await coverage({ ledger, cameras: ['gate'] })).lines).toEqual([])
    expect((await coverage({ ledger, cameras: ['y*'] })).lines).toHaveLength(1)
    expect((await coverage({ ledger, sourceId: 'other' })).lines).toEqual([])
  })

  it('always tiles the window, and never calls kept what no file holds', async () => {
    const outcomes: Record<string, () => Outcome | undefined> = {
      kept,
      failed: () => failed,
      absent: () => simple('absent'),
      pending: () => simple('pending'),
      skipped: () => simple('skipped'),
      unfinished: () => undefined,
    }
    const span = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 60 }))
    const fact = fc.record({ span, what: fc.constantFrom(...Object.keys(outcomes)) })
    await fc.assert(
      fc.asyncProperty(fc.array(fact, { maxLength: 25 }), async (facts) => {
        const rows = facts.map(({ span: [start, length], what }, index) => {
          const outcome = outcomes[what]!()
          return { id: String(index), what, ...at(start, start + length), ...(outcome ? { outcome } : {}) }
        })
        const window = { start: 50, end: 250 }
        const inside = rows.filter((row) => row.window.start < window.end && row.window.end > window.start)
        const { lines } = await coverage({
          ledger: await ledgerOf(rows.map(({ what: _, ...row }) => row)),
          window,
          joinMs: 0,
        })
        expect(lines).toHaveLength(inside.length === 0 ? 0 : 1)
        if (inside.length === 0) return
        const { segments, totalsMs } = lines[0]!
        expect(segments[0]!.start).toBe(50)
        expect(segments.at(-1)!.end).toBe(250)
        for (const [index, segment] of segments.slice(1).entries()) expect(segment.start).toBe(segments[index]!.end)
        expect(Object.values(totalsMs).reduce((a, b) => a + b)).toBe(200)
        const held = intersect(
          [window],
          inside.filter(({ what }) => what === 'kept').map((row) => row.window),
        )
        expect(union(segments.filter(({ state }) => state === ('kept' satisfies CoverageState)))).toEqual(held)
      }),
      { numRuns: 300, seed: 11 },
    )
  })
})

describe('interval algebra', () => {
  const window = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 20 }))
    .map(([start, length]) => ({ start, end: start + length }))
  const windows = fc.array(window, { maxLength: 12 })
  /** The same sets, moment by moment. */
  const moments = (list: readonly TimeWindow[]) => {
    const set = new Set<number>()
    for (const { start, end } of list) for (let moment = start; moment < end; moment++) set.add(moment)
    return set
  }

  it('agrees with sets of moments', () => {
    fc.assert(
      fc.property(windows, windows, (a, b) => {
        const [left, right] = [moments(a), moments(b)]
        expect(moments(union([...a, ...b]))).toEqual(new Set([...left, ...right]))
        expect(moments(intersect(a, b))).toEqual(new Set([...left].filter((moment) => right.has(moment))))
        expect(moments(subtract(a, b))).toEqual(new Set([...left].filter((moment) => !right.has(moment))))
        expect(durationMs(a)).toBe(left.size)
      }),
      { seed: 3 },
    )
  })

  it('gives sorted windows that do not touch', () => {
    fc.assert(
      fc.property(windows, windows, (a, b) => {
        for (const list of [union(a), intersect(a, b), subtract(a, b)]) {
          for (const [index, next] of list.slice(1).entries()) expect(next.start).toBeGreaterThan(list[index]!.end)
        }
        expect(union([...subtract(a, b), ...intersect(a, b)])).toEqual(union(a))
      }),
      { seed: 5 },
    )
  })
})
