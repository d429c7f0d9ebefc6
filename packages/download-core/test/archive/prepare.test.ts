import { expect, it } from 'vitest'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { AuthenticationError, ExpiredError, NetworkError, QuotaError } from '../../src/footage/errors.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource, Note, Preparation } from '../../src/footage/source.ts'
import { disk } from '../../src/transfer/disk.ts'
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
      async *prepare() {
        yield { recordingId: 'a', state: 'waiting', note: { order: 'o-1', state: 'asking' } }
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

it('leaves what a source that breaks off did not come to without a note, to be tried again', async () => {
  const one = await toy()
  for (const id of ['a', 'b', 'c']) one.clip(id, { order: `o-${id}` })
  const breaking = one.source({
    change: {
      async *prepare() {
        yield { recordingId: 'a', state: 'waiting', note: { order: 'o-a', state: 'asking' } }
        yield { recordingId: 'a', state: 'waiting', note: { order: 'o-a', state: 'asked', vendorId: 'v-1' } }
        yield { recordingId: 'b', state: 'waiting', note: { order: 'o-b', state: 'asking' } }
        throw new QuotaError('nothing is left')
      },
    },
  })
  expect((await one.run({ source: breaking })).summary).toMatchObject({ planned: 3, failed: 3 })
  expect((await one.ledger.notes('TOY-1')).map(({ order, state }) => `${order} ${state}`)).toEqual([
    'o-a asked',
    'o-b asking',
  ])
  expect((await one.rows()).map((row) => row.outcome)).toMatchObject([
    { outcome: 'failed', code: 'QUOTA', retryable: true, attempts: 1 },
    { outcome: 'failed', code: 'QUOTA', retryable: true, attempts: 1 },
    { outcome: 'failed', code: 'QUOTA', retryable: true, attempts: 0 },
  ])
  const asked: Asked[] = []
  const source = ordering(one, asked, (_round, ids) => ids.map((recordingId) => ({ recordingId, state: 'ready' })))
  expect((await one.run({ source, onlyFailed: true })).summary).toMatchObject({ planned: 3, kept: 3 })
})

it('ends the run where the source says that going on would fail in the same way', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  one.clip('b', { order: 'o-2' })
  const source = ordering(one, [], function* () {
    const note = { order: 'o-1', state: 'failed' } as const
    yield { recordingId: 'a', state: 'failed', note, error: new AuthenticationError('this token is over') }
    yield { recordingId: 'b', state: 'waiting' }
  })
  const { summary, events } = await one.run({ source })
  expect(summary).toMatchObject({ planned: 2, failed: 2 })
  expect(events).toContainEqual(expect.objectContaining({ type: 'stopping', reason: 'this token is over' }))
  expect((await one.rows()).map((row) => row.outcome)).toMatchObject([
    { outcome: 'failed', code: 'AUTHENTICATION', retryable: false },
    { outcome: 'failed', code: 'AUTHENTICATION', retryable: true, attempts: 0 },
  ])
})

it('tries again what was never asked for, and not what was refused; what is over is expired', async () => {
  const one = await toy()
  for (const id of ['a', 'b', 'c']) one.clip(id, { order: `o-${id}` })
  const source = ordering(one, [], function* () {
    const failed = (order: string) => ({ order, state: 'failed' }) as const
    yield { recordingId: 'a', state: 'failed', error: new QuotaError('it would cost too much') }
    yield { recordingId: 'b', state: 'failed', note: failed('o-b'), error: new QuotaError('nothing is left') }
    yield { recordingId: 'c', state: 'failed', note: failed('o-c'), error: new ExpiredError('overwritten') }
  })
  expect((await one.run({ source })).summary).toMatchObject({ planned: 3, failed: 2, expired: 1 })
  expect((await one.rows()).map((row) => row.outcome)).toMatchObject([
    { outcome: 'failed', code: 'QUOTA', retryable: true, attempts: 0 },
    { outcome: 'failed', code: 'QUOTA', retryable: false, attempts: 1 },
    { outcome: 'expired', reason: 'overwritten' },
  ])
})

it('is pending when the run is ended, once it is asked for, and failed where nobody asked', async () => {
  const one = await toy()
  for (const id of ['a', 'b', 'c']) one.clip(id, { order: `o-${id}` })
  const stop = new AbortController()
  const source = one.source({
    change: {
      async *prepare(_asked, _notes, { signal }) {
        yield { recordingId: 'a', state: 'waiting', note: { order: 'o-a', state: 'asking' } }
        yield { recordingId: 'a', state: 'waiting', note: { order: 'o-a', state: 'failed', text: 'was not sent' } }
        yield { recordingId: 'b', state: 'waiting', note: { order: 'o-b', state: 'asking' } }
        stop.abort()
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        // The answer comes after the wish to end: what it says is written down all the same.
        const note = { order: 'o-b', state: 'asked', vendorId: 'v-2', text: 'Ordered; not there yet.' } as const
        yield { recordingId: 'b', state: 'waiting', note }
        signal.throwIfAborted()
      },
    },
  })
  const { summary } = await one.run({ source, stop: stop.signal })
  expect(summary).toMatchObject({ planned: 3, failed: 2, pending: 1 })
  expect((await one.rows()).map((row) => row.outcome)).toMatchObject([
    { outcome: 'failed', code: 'INTERRUPTED', retryable: true },
    { outcome: 'pending', reason: 'Ordered; not there yet.' },
    { outcome: 'failed', code: 'INTERRUPTED', retryable: true },
  ])
  expect((await one.ledger.notes('TOY-1')).find(({ order }) => order === 'o-b')?.vendorId).toBe('v-2')
})

it('does not wait for what the source says will not be ready in this run', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  one.clip('b', { order: 'o-2' })
  const asked: Asked[] = []
  const source = ordering(one, asked, function* (round, ids) {
    if (round === 1) {
      const note = { order: 'o-1', state: 'asking', text: 'Possibly paid.' } as const
      yield { recordingId: 'a', state: 'pending', note, askAgainAfterMs: 60_000 }
      yield { recordingId: 'b', state: 'waiting' }
    } else yield* ids.map((recordingId) => ({ recordingId, state: 'ready' }) as const)
  })
  const clock = leapClock()
  const { summary, events } = await one.run({ ...leaping(clock), source })
  expect(summary).toMatchObject({ planned: 2, kept: 1, pending: 1 })
  expect(asked.map(({ ids }) => ids)).toEqual([['a', 'b'], ['b']])
  const ended = events.find((event) => event.type === 'recording-ended' && event.recording.id === 'a')
  expect(ended).toMatchObject({ outcome: { outcome: 'pending', reason: 'Possibly paid.' } })
})

it('says why something waited in vain, and writes a note only where it says something new', async () => {
  const written: Note[] = []
  const ledger = memoryLedger()
  const one = await toy({
    ...ledger,
    async saveNote(sourceId, note) {
      written.push(note)
      await ledger.saveNote(sourceId, note)
    },
  })
  one.clip('a', { order: 'o-1' })
  const note = { order: 'o-1', state: 'asked', vendorId: 'v-1', text: 'The truck is off.' } as const
  const source = ordering(one, [], function* () {
    yield { recordingId: 'a', state: 'waiting', note }
  })
  await one.run({ ...leaping(), source, pendingDeadlineMs: 3 * minute })
  expect((await one.rows())[0]?.outcome).toMatchObject({ outcome: 'pending', reason: 'The truck is off.' })
  expect(written).toEqual([note])
})

it('refuses an answer that could be about several recordings, and tries those again', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1', view: 'road' })
  one.clip('a', { order: 'o-1', view: 'driver' })
  const source = ordering(one, [], () => [{ recordingId: 'a', state: 'ready' }])
  expect((await one.run({ source })).summary).toMatchObject({ planned: 2, failed: 2 })
  for (const { outcome } of await one.rows()) expect(outcome).toMatchObject({ code: 'PROTOCOL', retryable: true })
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

it('orders nothing for a disk that has no room for it', async () => {
  const one = await toy()
  one.clip('a', { order: 'o-1' })
  const asked: Asked[] = []
  const source = ordering(one, asked, (_, ids) => ids.map((recordingId) => ({ recordingId, state: 'ready' })))
  const fileSystem = { ...disk, space: async () => ({ freeBytes: 2 * 1024 * 1024 }) }
  const { summary, events } = await one.run({ source, fileSystem, reserveBytes: 64 * 1024 * 1024 })
  expect(summary).toMatchObject({ planned: 1, failed: 1 })
  expect([asked, await one.ledger.notes('TOY-1')]).toEqual([[], []])
  const ended = events.find((event) => event.type === 'recording-ended')
  expect(ended).toMatchObject({ outcome: { code: 'DISK_FULL', retryable: true }, error: { code: 'DISK_FULL' } })
  expect((await one.run({ source, fileSystem, reserveBytes: 1024 * 1024 })).summary).toMatchObject({ kept: 1 })
})
