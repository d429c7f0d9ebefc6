import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verify } from '../../src/archive/verify-archive.ts'
import { isGap, type Recording } from '../../src/footage/recording.ts'
import type { FootageSource } from '../../src/footage/source.ts'
import { past } from './console.ts'
import { minute, noon, sumOf, type Toy, toy } from './fixture.ts'
import { video } from './toy-server.ts'

/** The rest, in pieces of at most ten minutes. */
const remainder: NonNullable<FootageSource['remainder']> = (recording, from) => {
  const { start, end } = recording.window!
  const rest: Recording[] = []
  for (let at = from; at < end; at += 10 * minute) {
    const id = `${recording.id.replace(/\+.*/, '')}+${(at - noon) / minute}`
    const { bytes: _, ...same } = recording
    if (at > start) rest.push({ ...same, id, window: { start: at, end: Math.min(at + 10 * minute, end) } })
  }
  return rest
}

/** One clip that begins at noon and grows; a source that may ask for a rest by itself. */
async function growing(change: Partial<FootageSource> = { remainder }) {
  const one = await toy()
  const real = one.source()
  const lists = (minutes: number, more: Partial<Recording> = {}) => {
    one.server.clips.length = 0
    const bytes = video(20_000, `clip of ${minutes}`)
    const recording = { id: 'a', cameraId: 'cam-1', window: past(0, minutes), windowFrom: 'source', ...more } as const
    one.server.clips.push({ bytes, recording: { extension: 'mp4', resume: 'validated', ...recording } })
  }
  const source = () =>
    one.source({
      change: {
        async *recordings(camera, window, call) {
          for await (const item of real.recordings(camera, window, call)) {
            if (isGap(item) || !item.id.includes('+')) yield item
          }
        },
        open(recording, ...rest) {
          if (recording.id !== 'a') one.server.clips.push({ recording, bytes: video(30_000, recording.id) })
          return real.open(recording, ...rest)
        },
        ...change,
      },
    })
  return { ...one, lists, run: (options: Parameters<Toy['run']>[0] = {}) => one.run({ source: source(), ...options }) }
}

const rowsOf = async ({ rows }: Pick<Toy, 'rows'>) =>
  (await rows()).map(({ key, window, outcome }) => [
    key.recordingId,
    (window!.start - noon) / minute,
    (window!.end - noon) / minute,
    outcome?.outcome,
  ])

describe('what comes behind a kept recording', () => {
  it('is a recording of its own, fetched once, and grows in the same way', async () => {
    const one = await growing()
    one.lists(2)
    expect((await one.run()).summary).toMatchObject({ planned: 1, kept: 1 })
    const asked = () => one.server.media().map(({ url }) => url.replace(/.*\//, ''))
    one.lists(5)
    const second = await one.run()
    expect(second.summary).toMatchObject({ planned: 2, alreadyKept: 1, kept: 1 })
    expect(sumOf(second.summary)).toBe(second.summary.planned)
    expect(second.events).toContainEqual(expect.objectContaining({ type: 'camera-listed', recordings: 2 }))
    expect((await one.run()).summary).toMatchObject({ planned: 2, alreadyKept: 2 })
    one.lists(9)
    expect((await one.run()).summary).toMatchObject({ planned: 3, alreadyKept: 2, kept: 1 })
    one.lists(30)
    expect((await one.run()).summary).toMatchObject({ planned: 6, alreadyKept: 3, kept: 3 })
    expect((await one.run()).summary).toMatchObject({ planned: 6, alreadyKept: 6 })
    expect(asked().map(decodeURIComponent)).toEqual(['a', 'a+2', 'a+5', 'a+12', 'a+22', 'a+9'])
    expect(await rowsOf(one)).toEqual([
      ['a', 0, 2, 'kept'],
      ['a+2', 2, 5, 'kept'],
      ['a+5', 5, 9, 'kept'],
      ['a+9', 9, 12, 'kept'],
      ['a+12', 12, 22, 'kept'],
      ['a+22', 22, 30, 'kept'],
    ])
    expect(new Set(await one.files()).size).toBe(6)
  })

  it('is done with where the source cannot be asked for it', async () => {
    for (const change of [{}, { remainder: () => [] }]) {
      const one = await growing(change)
      one.lists(2)
      await one.run()
      one.lists(5)
      expect((await one.run()).summary).toMatchObject({ planned: 1, alreadyKept: 1 })
    }
  })

  it('is pending while it still grows, and is then one recording', async () => {
    const one = await growing()
    one.lists(2)
    await one.run()
    one.lists(5, { settled: false })
    expect((await one.run()).summary).toMatchObject({ planned: 2, alreadyKept: 1, pending: 1 })
    one.lists(7)
    expect((await one.run({ window: past(60, 120), alsoFailed: true })).summary).toMatchObject({ planned: 2, kept: 1 })
    expect(await rowsOf(one)).toEqual([
      ['a', 0, 2, 'kept'],
      ['a+2', 2, 7, 'kept'],
    ])
  })

  it('that failed is tried again as it is', async () => {
    const one = await growing()
    one.lists(2)
    await one.run()
    one.lists(5)
    one.server.faults.refuse.set('a+2', 500)
    expect((await one.run()).summary).toMatchObject({ alreadyKept: 1, failed: 1 })
    one.server.faults.refuse.clear()
    expect((await one.run({ onlyFailed: true })).summary).toMatchObject({ planned: 1, kept: 1 })
    expect((await one.run()).summary).toMatchObject({ planned: 2, alreadyKept: 2 })
  })

  it('belongs to a recording that was never kept', async () => {
    const one = await growing()
    one.lists(2)
    one.server.faults.refuse.set('a', 500)
    await one.run()
    one.server.faults.refuse.clear()
    one.lists(5)
    expect((await one.run()).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(await rowsOf(one)).toEqual([['a', 0, 5, 'kept']])
  })
})

describe('the recording itself', () => {
  it('is fetched again as it was where it is lost, and where the user wants it', async () => {
    const one = await growing()
    one.lists(2)
    await one.run()
    one.lists(5)
    await one.run()
    const [path] = await one.files()
    await rm(join(one.into, path!))
    expect((await one.run()).summary).toMatchObject({ planned: 2, kept: 1, alreadyKept: 1 })
    await rm(join(one.into, path!))
    for await (const _ of verify({ into: one.into, ledger: one.ledger }));
    expect((await one.run()).summary).toMatchObject({ planned: 2, kept: 1, alreadyKept: 1 })
    expect((await one.run({ overwrite: true })).summary).toMatchObject({ planned: 2, kept: 2 })
    await rm(join(one.into, path!))
    expect((await one.run({ handedOver: true })).summary).toMatchObject({ planned: 2, alreadyKept: 2 })
    expect(await rowsOf(one)).toEqual([
      ['a', 0, 2, 'handed-over'],
      ['a+2', 2, 5, 'kept'],
    ])
  })

  it('stays as it was kept where less is listed, and is taken as it is listed where that was lost', async () => {
    const one = await growing()
    one.lists(9)
    await one.run()
    one.lists(4)
    expect((await one.run()).summary).toMatchObject({ planned: 1, alreadyKept: 1 })
    expect(await rowsOf(one)).toEqual([['a', 0, 9, 'kept']])
    await rm(join(one.into, (await one.files())[0]!))
    for await (const _ of verify({ into: one.into, ledger: one.ledger }));
    expect((await one.run()).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(await rowsOf(one)).toEqual([['a', 0, 4, 'kept']])
  })
})

const part =
  (from: number, to: number, more: Partial<Recording> = {}) =>
  (whole: Recording) => ({
    ...whole,
    id: `a+${from}`,
    window: past(from, to),
    ...more,
  })

it.each([
  ['has its own id', [part(2, 5, { id: 'a' })]],
  ['begins late', [part(3, 5)]],
  ['begins early', [part(1, 5)]],
  ['ends early', [part(2, 4)]],
  ['ends late', [part(2, 6)]],
  ['has a hole', [part(2, 3), part(4, 5)]],
  ['has an id twice', [part(2, 3), part(3, 5, { id: 'a+2' })]],
  ['is empty', [part(2, 2), part(2, 5, { id: 'b' })]],
  ['is of another camera', [part(2, 5, { cameraId: 'cam-2' })]],
  ['is of another view', [part(2, 5, { view: 'other' })]],
])('a source whose rest %s has a list that failed, and nothing is planned of it', async (_, parts) => {
  const one = await growing({ remainder: (whole) => parts.map((make) => make(whole)) })
  one.lists(2)
  await one.run()
  one.lists(5)
  const { summary, error } = await one.run()
  expect(error).toBeUndefined()
  expect(summary).toMatchObject({ planned: 2, alreadyKept: 1, failed: 1 })
  const [listing, kept] = await one.rows()
  expect(listing).toMatchObject({ kind: 'listing', outcome: { outcome: 'failed', code: 'PROTOCOL' } })
  // The tail is not forgotten.
  expect(kept?.window).toEqual(past(0, 2))
})
