import { describe, expect, it } from 'vitest'
import type { LedgerRow } from '../../src/archive/ledger.ts'
import { lacking } from '../../src/archive/missing.ts'
import type { KeptFile } from '../../src/footage/outcome.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { TimeWindow } from '../../src/footage/time-window.ts'

const second = 1000
const minute = 60 * second
const past = (from: number, to: number): TimeWindow => ({ start: from * minute, end: to * minute })
const ten = 10 * second

interface Known {
  readonly covers?: readonly TimeWindow[]
  readonly somewhere?: KeptFile['somewhere']
  readonly windows?: readonly TimeWindow[]
  readonly windowFrom?: Recording['windowFrom']
  readonly outcome?: 'kept' | 'handed-over' | 'lost' | 'absent' | 'failed'
}

function row(
  window: TimeWindow,
  { covers, somewhere, windows, windowFrom = 'asked', outcome = 'kept' }: Known,
): LedgerRow {
  const id = `${window.start}/${window.end}`
  const file = {
    path: `${id}.mp4`,
    bytes: 1,
    sha256: '',
    proof: { by: 'repeat' },
    covers: covers ?? [],
    ...(somewhere ? { somewhere } : {}),
    facts: {},
    fidelity: 'full',
  } as const
  return {
    key: { sourceId: 's', cameraId: 'c', view: '', recordingId: id },
    kind: 'recording',
    camera: { id: 'c', name: '' },
    recording: {
      id,
      cameraId: 'c',
      window,
      windowFrom,
      extension: 'mp4',
      resume: 'never',
      ...(windows ? { expect: { windows } } : {}),
    },
    window,
    ...(covers ? { file } : {}),
    outcome:
      outcome === 'kept'
        ? { outcome, ...file }
        : outcome === 'failed'
          ? { outcome, code: 'NETWORK', message: '', retryable: true, attempts: 1 }
          : { outcome, reason: '' },
    runId: 'r',
    plannedAt: 0,
  }
}

const minutes = (found: readonly TimeWindow[]) => found.map(({ start, end }) => [start / minute, end / minute])
const of = (...rows: readonly LedgerRow[]) => minutes(lacking(rows, ten))

describe('what kept files turn out not to hold', () => {
  it('is nothing where they hold it all, or all but what is left out at key frames', () => {
    expect(of(row(past(0, 60), { covers: [past(0, 60)] }))).toEqual([])
    expect(of(row(past(0, 60), { covers: [past(0.33, 30), past(30.33, 59.67)] }))).toEqual([])
  })

  it('keeps its distance from what is held, and only from that', () => {
    expect(of(row(past(0, 60), { covers: [past(0, 10), past(20, 40)] }))).toEqual([
      [10 + 1 / 6, 20 - 1 / 6],
      [40 + 1 / 6, 60],
    ])
    const next = row(past(60, 120), { covers: [past(60, 120)] })
    expect(of(row(past(0, 60), { covers: [past(0, 40)] }), next)).toEqual([[40 + 1 / 6, 60 - 1 / 6]])
  })

  it('is only what the vendor’s index speaks of, short pieces too', () => {
    const windows = [past(5, 6), past(20, 20.1), past(40, 50)]
    expect(of(row(past(0, 60), { covers: [past(40, 50)], windows }))).toEqual([
      [5, 6],
      [20, 20.1],
    ])
    expect(of(row(past(0, 60), { covers: [past(40, 50)], windows: [] }))).toEqual([])
    expect(of(row(past(0, 60), { covers: [], windows: [] }))).toEqual([])
  })

  it('is asked for in halves where nothing is certain, if it is five minutes or more', () => {
    expect(of(row(past(0, 60), { covers: [] }))).toEqual([
      [0, 30],
      [30, 60],
    ])
    expect(of(row(past(0, 5), { covers: [] }))).toHaveLength(2)
    expect(of(row(past(0, 4.9), { covers: [] }))).toEqual([])
  })

  it('is cut where the footage began or ended, if it did so once and not far from the middle', () => {
    const unplaced = (length: number, ms: number) =>
      of(row(past(0, length), { covers: [], somewhere: { windows: [past(0, length)], ms: ms * minute } }))
    const twelfth = 1 / 12
    // Twenty minutes of thirty: the first ones or the last ones.
    expect(unplaced(30, 20)).toEqual([
      [0, 10 - twelfth],
      [10 - twelfth, 20 + twelfth],
      [20 + twelfth, 30],
    ])
    expect(unplaced(30, 10)).toEqual([
      [0, 10 + twelfth],
      [10 + twelfth, 20 - twelfth],
      [20 - twelfth, 30],
    ])
    // Never too close for the one in the middle.
    expect(unplaced(30, 15)).toEqual([
      [0, 15 - twelfth],
      [15 - twelfth, 15 + twelfth],
      [15 + twelfth, 30],
    ])
    for (const ms of [1, 7, 53, 59.5]) expect(unplaced(60, ms)).toEqual([30, 60].map((to) => [to - 30, to]))
    expect(unplaced(8, 5)).toHaveLength(3)
    expect(unplaced(8, 7)).toHaveLength(2)
    expect(unplaced(4.9, 4.5)).toEqual([])
    expect(unplaced(4.9, 2)).toHaveLength(3)
    expect(unplaced(1.9, 1)).toEqual([])
  })

  it('is not what another row answers for, however that ended', () => {
    const whole = row(past(0, 60), { covers: [past(0, 20), past(40, 60)] })
    const inside = { start: 20 * minute + ten, end: 40 * minute - ten }
    for (const outcome of ['absent', 'failed', 'lost'] as const) {
      expect(of(whole, row(inside, { outcome }))).toEqual([])
    }
    expect(of(whole, row(inside, { covers: [{ start: inside.start + 5000, end: inside.end - 9000 }] }))).toEqual([])
    expect(of(whole, row(inside, { covers: [], windows: [] }))).toEqual([])
    // The halves of an hour, one of them uncertain again, the other one not asked for yet.
    const uncertain = row(past(0, 60), { covers: [] })
    expect(of(uncertain, row(past(0, 30), { covers: [] }))).toEqual([
      [0, 15],
      [15, 30],
      [30, 60],
    ])
    const short = Array.from({ length: 16 }, (_, at) => row(past(at * 3.75, (at + 1) * 3.75), { covers: [] }))
    expect(of(uncertain, ...short)).toEqual([])
  })

  it('is what was left out around a piece as well, once that turns out to be footage to its very ends', () => {
    const whole = row(past(0, 60), { covers: [past(0, 20), past(40, 60)] })
    const inside = { start: 20 * minute + ten, end: 40 * minute - ten }
    for (const outcome of ['kept', 'handed-over'] as const) {
      expect(of(whole, row(inside, { covers: [inside], outcome }))).toEqual([
        [20, 20 + 1 / 6],
        [40 - 1 / 6, 40],
      ])
    }
    const answers = [row(past(20, 20 + 1 / 6), { outcome: 'absent' }), row(past(40 - 1 / 6, 40), { covers: [] })]
    expect(of(whole, row(inside, { covers: [inside] }), ...answers)).toEqual([])
    // Two hours, one after the other, are no piece and what surrounds it.
    const next = row(past(60, 120), { covers: [past(60, 120)] })
    expect(of(row(past(0, 60), { covers: [past(0, 59.9)] }), next)).toEqual([])
  })

  it('is asked for once where two files lack it', () => {
    expect(
      of(row(past(0, 60), { covers: [past(0, 40)] }), row(past(30, 90), { covers: [past(30, 40), past(60, 90)] })),
    ).toEqual([[40 + 1 / 6, 60 - 1 / 6]])
  })

  it('is that of the chosen files alone', () => {
    const rows = [row(past(0, 60), { covers: [past(0, 40)] }), row(past(60, 120), { covers: [past(80, 120)] })]
    expect(minutes(lacking(rows, ten, ({ window }) => window?.start === 0))).toEqual([[40 + 1 / 6, 60]])
  })

  it('is nothing of a file that was not cut out for us, nor of one that is to be fetched again', () => {
    expect(of(row(past(0, 60), { covers: [past(0, 10)], windowFrom: 'source' }))).toEqual([])
    expect(of(row(past(0, 60), { covers: [past(0, 10)], outcome: 'lost' }))).toEqual([])
    expect(of(row(past(0, 60), { covers: [past(0, 10)], outcome: 'handed-over' }))).toEqual([[10 + 1 / 6, 60]])
  })

  it('is found quickly in years of hours that each lack something', () => {
    const rows = Array.from({ length: 20_000 }, (_, hour) =>
      row(past(hour * 60, hour * 60 + 60), { covers: [past(hour * 60, hour * 60 + 40)] }),
    )
    const absent = rows.map(({ window }) =>
      row({ start: window!.start + 40 * minute + ten, end: window!.end - ten }, { outcome: 'absent' }),
    )
    let compared = 0
    const counting = [...rows, ...absent].map((each) => ({
      ...each,
      get outcome() {
        compared++
        return each.outcome!
      },
    }))
    expect(lacking(counting, ten)).toEqual([])
    expect(compared).toBeLessThan(100 * counting.length)
  })

  it('comes to an end if every answer lacks something again', () => {
    const rows = [row(past(0, 60), { covers: [past(0, 1)] })]
    let asked = 0
    for (; asked < 1000; asked++) {
      const [next] = lacking(rows, ten)
      if (!next) break
      // A source that always brings the first twenty seconds of what it is asked for.
      rows.push(row(next, { covers: [{ start: next.start, end: Math.min(next.end, next.start + 2 * ten) }] }))
    }
    expect(asked).toBeGreaterThan(10)
    expect(asked).toBeLessThan(300)
  })
})
