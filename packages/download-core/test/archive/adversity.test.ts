import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { coverage } from '../../src/archive/coverage.ts'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource } from '../../src/footage/source.ts'
import { minute, noon, temporaryFolder, toy } from './fixture.ts'
import { sha256, video } from './toy-server.ts'

type Prepare = NonNullable<FootageSource['prepare']>

describe('orders', () => {
  it('one recording that two orders bring is fetched once, and counted once', async () => {
    const one = await toy()
    one.clip('o1', { order: 'o-1' })
    one.clip('o2', { order: 'o-2' })
    const planned = one.server.clips.slice()
    one.clip('shared')
    const shared = one.server.clips[2]!.recording
    const prepare: Prepare = async function* () {
      yield { recordingId: 'o1', state: 'ready', into: [shared, shared] }
      yield { recordingId: 'o2', state: 'ready', into: [shared] }
    }
    const recordings = async function* () {
      yield* planned.map(({ recording }) => recording)
    }
    const ran = await one.run({ source: one.source({ change: { prepare, recordings } }) })
    expect(ran.error).toBeUndefined()
    expect(ran.summary).toMatchObject({ planned: 1, kept: 1 })
    expect(await one.rows()).toHaveLength(1)
    expect(one.server.media()).toHaveLength(1)
  })

  it('what an order brings may be planned already', async () => {
    const one = await toy()
    one.clip('o1', { order: 'o-1' })
    one.clip('plain')
    const plain = one.server.clips[1]!.recording
    const prepare: Prepare = async function* () {
      yield { recordingId: 'o1', state: 'ready', into: [plain] }
    }
    const ran = await one.run({ source: one.source({ change: { prepare } }) })
    expect(ran.error).toBeUndefined()
    expect(ran.summary).toMatchObject({ planned: 1, kept: 1 })
    expect(await one.rows()).toHaveLength(1)
  })

  it('an answer for one camera is not taken for that of another with the same id', async () => {
    const one = await toy()
    one.server.cameras.push({ id: 'cam-2', name: 'Gate' })
    one.clip('m', { order: 'v1', at: 0 })
    one.clip('m', { order: 'v2', at: 0, cameraId: 'cam-2', size: 30_000 })
    const preparing = (named: boolean) => {
      const prepare: Prepare = async function* (asked) {
        for (const { cameraId, id } of asked) {
          const state = cameraId === 'cam-1' ? 'ready' : 'failed'
          yield { recordingId: id, ...(named ? { cameraId } : {}), state }
        }
      }
      return one.source({ change: { prepare } })
    }
    const silent = await one.run({ source: preparing(false) })
    expect(silent.summary).toMatchObject({ planned: 2, failed: 2 })
    expect(one.server.media()).toEqual([])
    expect((await one.run({ source: preparing(true) })).summary).toMatchObject({ planned: 2, kept: 1, failed: 1 })
    const outcomes = (await one.rows()).map((row) => row.outcome)
    expect(outcomes).toMatchObject([{ outcome: 'kept' }, { outcome: 'failed', code: 'UNAVAILABLE' }])
  })
})

describe('a removed ledger', () => {
  it('two of one name and one size are never taken for each other', async () => {
    const { run, server, clip, into } = await toy()
    clip('a', { name: 'archive.mp4', size: 20_000 })
    clip('b', { name: 'archive.mp4', size: 20_000 })
    await run({ layout: '{name}' })
    server.clips.reverse()
    const ledger = memoryLedger()
    await run({ layout: '{name}', ledger })
    for (const { recording, bytes } of server.clips) {
      const row = await ledger.find({ sourceId: 'TOY-1', cameraId: 'cam-1', view: '', recordingId: recording.id })
      expect(sha256(await readFile(join(into, row!.file!.path)))).toBe(sha256(bytes))
    }
  })
  it('nor in two runs of which each knows one', async () => {
    const { run, server, clip, into } = await toy()
    clip('a', { name: 'archive.mp4', size: 20_000 })
    await run({ layout: '{name}' })
    server.clips.length = 0
    clip('b', { name: 'archive.mp4', size: 20_000, at: 60 })
    const ledger = memoryLedger()
    await run({ layout: '{name}', ledger })
    const row = await ledger.find({ sourceId: 'TOY-1', cameraId: 'cam-1', view: '', recordingId: 'b' })
    expect(sha256(await readFile(join(into, row!.file!.path)))).toBe(sha256(server.clips[0]!.bytes))
  })

  it('a file of the right size whose date says nothing is fetched, and taken if it is the same', async () => {
    const { run, server, clip, into, files } = await toy()
    clip('a')
    await run()
    const [path] = await files()
    await utimes(join(into, path!), 1, 1)
    const ledger = memoryLedger()
    const { summary, events } = await run({ ledger })
    expect(summary).toMatchObject({ planned: 1, kept: 1 })
    expect(server.media()).toHaveLength(2)
    expect(await files()).toEqual([path])
    expect(events.find((event) => event.type === 'recording-ended')).toMatchObject({ outcome: { path, adopted: true } })
  })
})

it('a foreign file that stands where a kept one was is set aside', async () => {
  const { run, clip, into, rows } = await toy()
  clip('a')
  await run()
  const path = join(into, (await rows())[0]!.file!.path)
  await rm(path)
  await writeFile(path, 'my own precious file')
  const ran = await run()
  expect(ran.summary).toMatchObject({ kept: 1 })
  expect(ran.events.find((event) => event.type === 'warning')).toMatchObject({
    text: expect.stringContaining('(altered)'),
  })
  expect(await readFile(path.replace('.mp4', ' (altered).mp4'), 'utf8')).toBe('my own precious file')
  expect(await readdir(dirname(path))).toHaveLength(2)
})

it('what was lost stays lost, after a failure in between', async () => {
  const { run, clip, into, rows, server } = await toy()
  clip('a')
  await run()
  await rm(join(into, (await rows())[0]!.file!.path))
  server.faults.refuse.set('a', 500)
  expect((await run()).summary).toMatchObject({ failed: 1 })
  server.faults.refuse.set('a', 410)
  expect((await run()).summary).toMatchObject({ failed: 1, expired: 0 })
  expect((await rows())[0]!.outcome).toMatchObject({ outcome: 'lost' })
})

it('fetching anew takes nothing away where the source no longer has it', async () => {
  const { run, clip, rows, server, files } = await toy()
  clip('a')
  await run()
  server.faults.refuse.set('a', 410)
  expect((await run({ overwrite: true })).summary).toMatchObject({ planned: 1, alreadyKept: 1, expired: 0, bytes: 0 })
  expect((await rows())[0]!.outcome).toMatchObject({ outcome: 'kept' })
  expect(await files()).toHaveLength(1)
})

it('what turns out to be absent leaves no part behind', async () => {
  const { run, clip, into, source, server } = await toy()
  clip('a', { resume: 'never', size: 3_000_000 })
  server.faults.cuts = 1
  const real = source()
  let opens = 0
  const s = source({
    identity: 'window',
    change: {
      open: (recording, from, call) =>
        opens++ === 0
          ? real.open(recording, from, call)
          : Promise.resolve({
              cameraId: 'cam-1',
              start: noon,
              end: noon + minute,
              outcome: 'absent',
              reason: 'nothing recorded',
            }),
    },
  })
  const ran = await run({ source: s, window: { start: noon, end: noon + minute } })
  expect(ran.summary).toMatchObject({ planned: 1, absent: 1 })
  expect(await readdir(join(into, '.cam', 'parts'))).toEqual([])
})

it('a recording of no length at the edge of two windows is in one of them', async () => {
  const { run, server, source } = await toy()
  const at = noon + minute
  const recording: Recording = {
    id: 'flash',
    cameraId: 'cam-1',
    window: { start: at, end: at },
    windowFrom: 'source',
    extension: 'mp4',
    resume: 'never',
  }
  server.clips.push({ recording, bytes: video(20_000, 1) })
  const recordings = async function* () {
    yield recording
  }
  const s = source({ change: { recordings } })
  const first = await run({ source: s, window: { start: noon, end: at } })
  const second = await run({ source: s, window: { start: at, end: at + minute } })
  expect([first.summary.planned, second.summary.planned]).toEqual([0, 1])
})

it('coverage: a short failed piece between two kept ones is not kept', async () => {
  const { run, server, clip, ledger } = await toy()
  clip('a', { window: { start: noon, end: noon + minute } })
  clip('b', { window: { start: noon + minute, end: noon + minute + 1500 } })
  clip('c', { window: { start: noon + minute + 1500, end: noon + 2 * minute } })
  server.faults.refuse.set('b', 404)
  expect((await run()).summary).toMatchObject({ kept: 2, failed: 1 })
  const { totalsMs } = await coverage({ ledger })
  expect(totalsMs).toMatchObject({ failed: 1500 })
})

it('coverage: a view that has only gaps has a line', async () => {
  const { run, server, clip, ledger } = await toy()
  clip('a', { view: 'road' })
  server.gaps.push({
    cameraId: 'cam-1',
    view: 'cabin',
    start: noon,
    end: noon + minute,
    outcome: 'pending',
    reason: 'later',
  })
  await run()
  const { lines } = await coverage({ ledger })
  expect(lines.map(({ view }) => view)).toEqual(['cabin', 'road'])
})

describe('an archive folder that goes away', () => {
  it('in mid-run: the run ends, and nothing is begun in its place', async () => {
    const { run, into, clip, server } = await toy()
    for (const id of ['a', 'b', 'c']) clip(id)
    const elsewhere = join(await temporaryFolder(), 'moved')
    server.onMedia = () => {
      server.onMedia = () => {}
      void rename(into, elsewhere)
    }
    const ran = await run({ concurrency: 1 })
    expect(ran.error).toBeUndefined()
    expect(ran.summary).toMatchObject({ planned: 3, failed: 3 })
    expect(ran.events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'ARCHIVE_MISSING' } })
    expect(existsSync(into)).toBe(false)
  })

  it('between two transfers: nothing is asked for any more', async () => {
    const { run, into, clip, server, source } = await toy()
    for (const id of ['a', 'b']) clip(id)
    const real = source()
    const leaving = source({
      change: {
        async open(...args) {
          if (args[0].id === 'a') await rm(into, { recursive: true })
          return real.open(...args)
        },
      },
    })
    const ran = await run({ source: leaving, concurrency: 1 })
    expect(ran.events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'ARCHIVE_MISSING' } })
    expect(server.media()).toHaveLength(1)
  })

  it('while the source says who it is', async () => {
    const { run, into, clip, source } = await toy()
    clip('a')
    const identify = async () => {
      await rm(into, { recursive: true })
      return { id: 'TOY-1', name: 'Toy' }
    }
    const ran = await run({ source: source({ change: { identify } }) })
    expect(ran.error).toMatchObject({ code: 'ARCHIVE_MISSING' })
    expect(existsSync(into)).toBe(false)
  })
})

it('a name without an extension is not given anew each time it is fetched anew', async () => {
  const { run, clip, files } = await toy()
  clip('a', { name: 'clip' })
  await run({ layout: '{name}' })
  await run({ layout: '{name}', overwrite: true })
  expect(await files()).toEqual(['clip'])
})
