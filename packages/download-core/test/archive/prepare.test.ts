import { expect, it } from 'vitest'
import { NetworkError } from '../../src/footage/errors.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource, Note, Preparation } from '../../src/footage/source.ts'
import { leapClock, leaping, minute, noon, type Toy, toy } from './fixture.ts'

type Prepare = NonNullable<FootageSource['prepare']>

interface Asked {
  readonly ids: readonly string[]
  readonly notes: readonly Note[]
}

function ordering(
  { source }: Toy,
  asked: Asked[],
  answer: (round: number, ids: readonly string[]) => Iterable<Preparation>,
): FootageSource {
  const prepare: Prepare = async function* (recordings, notes) {
    const ids = recordings.map(({ id }) => id)
    asked.push({ ids, notes })
    yield* answer(asked.length, ids)
  }
  return source({ change: { prepare } })
}

it('orders first, polls without a transfer slot, and fetches what is ready meanwhile', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  one.clip('b', { order: 'o-1' })
  one.clip('plain')
  const asked: Asked[] = []
  const source = ordering(one, asked, function* (round, ids) {
    for (const recordingId of ids) {
      const note = { order: 'o-1', state: round === 3 ? 'ready' : 'asked', vendorId: 'v-9' } as const
      if (round < 3 || recordingId === 'b')
        yield { recordingId, state: round < 3 ? 'waiting' : 'ready', note, askAgainAfterMs: 20_000 }
      else yield { recordingId, state: 'ready', note, bytes: 20_000 }
    }
  })
  const clock = leapClock()
  const { summary } = await one.run({ ...leaping(clock), source })
  expect(summary).toMatchObject({ planned: 3, kept: 3 })
  expect(asked.map(({ ids }) => ids)).toEqual(Array(3).fill(['a', 'b']))
  expect(asked.map(({ notes }) => notes)).toEqual([
    [],
    [{ order: 'o-1', state: 'asked', vendorId: 'v-9' }],
    [{ order: 'o-1', state: 'asked', vendorId: 'v-9' }],
  ])
  expect(await one.ledger.notes('TOY-1')).toEqual([{ order: 'o-1', state: 'ready', vendorId: 'v-9' }])
  expect(one.server.media()[0]?.url).toContain('plain')
})

it('writes down that it asks before it asks, so that a crash never orders twice', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  const asked: Asked[] = []
  let known: readonly Note[] = []
  const crashing = one.source({
    change: {
      // biome-ignore lint/correctness/useYield: it breaks off
      async *prepare() {
        known = await one.ledger.notes('TOY-1')
        throw new NetworkError('the answer was lost', { reason: 'ECONNRESET' })
      },
    },
  })
  expect((await one.run({ source: crashing })).summary).toMatchObject({ planned: 1, failed: 1 })
  expect(known).toEqual([{ order: 'o-1', state: 'asking' }])
  const source = ordering(one, asked, () => [])
  expect((await one.run({ source, pendingDeadlineMs: 0 })).summary).toMatchObject({ planned: 1, pending: 1 })
  expect(asked[0]?.notes).toEqual([{ order: 'o-1', state: 'asking' }])
  expect(one.server.media()).toEqual([])
})

it('does not take an order that the source has not come to for one of unknown fate', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  one.clip('b', { order: 'o-2' })
  const asked: Asked[] = []
  const source = ordering(one, asked, function* (round, ids) {
    // One order a round.
    yield { recordingId: ids[0]!, state: 'ready', note: { order: round === 1 ? 'o-1' : 'o-2', state: 'ready' } }
  })
  const clock = leapClock()
  expect((await one.run({ ...leaping(clock), source })).summary).toMatchObject({ planned: 2, kept: 2 })
  expect(asked[1]?.notes).toEqual([{ order: 'o-1', state: 'ready' }])
})

it('is pending when the deadline has passed, and failed when the source says so', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  one.clip('b', { order: 'o-2' })
  const source = ordering(one, [], function* (_round, ids) {
    for (const recordingId of ids) {
      if (recordingId === 'b')
        yield { recordingId, state: 'failed', note: { order: 'o-2', state: 'failed', text: 'no such minute' } }
      else yield { recordingId, state: 'waiting' }
    }
  })
  const clock = leapClock()
  const { summary } = await one.run({ ...leaping(clock), source, pendingDeadlineMs: 3 * minute })
  expect(summary).toMatchObject({ planned: 2, pending: 1, failed: 1 })
  expect((await one.rows()).map((row) => row.outcome)).toMatchObject([
    { outcome: 'pending', deadline: clock.now() },
    { outcome: 'failed', message: 'no such minute', retryable: false },
  ])
})

it('takes what an order turned out to be for what was ordered', async () => {
  const one = await toy()
  one.clip('ordered', { order: 'o-1' })
  one.clip('nothing', { order: 'o-2' })
  const planned = one.server.clips.slice()
  for (const id of ['part-1', 'part-2']) one.clip(id)
  const [, , first, second] = one.server.clips.map(({ recording }) => recording) as Recording[]
  const gap = { cameraId: 'cam-1', start: noon, end: noon + 1000, outcome: 'absent', reason: 'ignition off' } as const
  const prepare: Prepare = async function* () {
    yield { recordingId: 'ordered', state: 'ready', into: [first!, gap, second!] }
    yield { recordingId: 'nothing', state: 'ready', into: [] }
  }
  const recordings = async function* () {
    yield* planned.map(({ recording }) => recording)
  }
  const run = () => one.run({ source: one.source({ change: { prepare, recordings } }) })
  expect((await run()).summary).toMatchObject({ planned: 4, kept: 2, absent: 2 })
  expect((await one.rows()).map((row) => `${row.key.recordingId} ${row.outcome?.outcome}`)).toEqual([
    'gap:2026-03-01T12:00:00.000Z/2026-03-01T12:00:01.000Z absent',
    'nothing absent',
    'part-1 kept',
    'part-2 kept',
  ])
  const requests = one.server.media().length
  expect((await run()).summary).toMatchObject({ planned: 4, alreadyKept: 2, absent: 2 })
  expect(one.server.media().length).toBe(requests)
})
