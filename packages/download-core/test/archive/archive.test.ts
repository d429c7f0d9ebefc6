import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archive } from '../../src/archive/archive.ts'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { ExpiredError, LockedError, NotFoundError } from '../../src/footage/errors.ts'
import type { Recording } from '../../src/footage/recording.ts'
import { disk } from '../../src/transfer/disk.ts'
import type { FileSystem } from '../../src/transfer/file-system.ts'
import { collect, minute, noon, quick, sumOf, toy } from './fixture.ts'
import { sha256 } from './toy-server.ts'

const path = (index: number) => `Yard/2026/03/01/12-0${index}-00+0000.mp4`

describe('a run', () => {
  it('archives what is listed, and a second run fetches nothing', async () => {
    const { run, server, into, files, rows, clip } = await toy()
    for (const id of ['a', 'b', 'c']) clip(id)
    const first = await run()
    expect(first.error).toBeUndefined()
    expect(first.summary).toMatchObject({ planned: 3, kept: 3, failed: 0 })
    expect(await files()).toEqual([path(0), path(1), path(2)])
    expect(await readFile(join(into, path(1)))).toEqual(Buffer.from(server.clips[1]!.bytes))
    expect(await readdir(join(into, '.cam', 'parts'))).toEqual([])
    expect(await readdir(join(into, '.cam', 'locks'))).toEqual([])
    const requests = server.media().length
    const second = await run()
    expect(second.summary).toMatchObject({ planned: 3, kept: 0, alreadyKept: 3, bytes: 0 })
    expect(server.media().length).toBe(requests)
    expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['kept', 'kept', 'kept'])
    expect(sumOf(second.summary)).toBe(second.summary.planned)
  })

  it('tells its story in order, and says kept only once the ledger does', async () => {
    const { run, clip, ledger } = await toy()
    clip('a')
    const told: string[] = []
    const watching = {
      ...ledger,
      record: async (...args: Parameters<typeof ledger.record>) => {
        told.push('ledger')
        await ledger.record(...args)
      },
    }
    const { events } = await run({ ledger: watching })
    const types = events.map(({ type }) => type).filter((type) => type !== 'progress')
    expect(types).toEqual([
      'archive-started',
      'camera-listed',
      'planned',
      'recording-started',
      'recording-ended',
      'archive-ended',
    ])
    expect(told).toEqual(['ledger'])
    expect(events.at(-1)).toMatchObject({ type: 'archive-ended', planned: 1, kept: 1, bytes: 20_000 })
    expect(await ledger.runs()).toMatchObject([{ ending: 'finished', summary: { planned: 1, kept: 1 } }])
  })

  it('syncs the folders before the ledger hears of a file', async () => {
    const { run, clip, ledger } = await toy()
    clip('a')
    const steps: string[] = []
    const fileSystem: FileSystem = {
      ...disk,
      async syncFolder(folder) {
        if (folder.endsWith('01')) steps.push('folder')
        await disk.syncFolder(folder)
      },
    }
    const watching: typeof ledger = {
      ...ledger,
      async record(...args) {
        steps.push('ledger')
        await ledger.record(...args)
      },
    }
    await run({ fileSystem, ledger: watching })
    expect(steps).toEqual(['folder', 'ledger'])
  })

  it('does not call kept what may be gone after a power failure', async () => {
    const { run, clip, rows } = await toy()
    clip('a')
    clip('b')
    const fileSystem: FileSystem = {
      ...disk,
      async syncFolder(folder) {
        if (folder.endsWith('01')) throw Object.assign(new Error('broken'), { code: 'EIO' })
        await disk.syncFolder(folder)
      },
    }
    const ran = await run({ fileSystem })
    expect(ran.summary).toMatchObject({ planned: 2, kept: 0, failed: 2 })
    expect((await rows()).map((row) => row.outcome)).toMatchObject(
      Array(2).fill({ outcome: 'failed', code: 'DISK_IO' }),
    )
    const again = await run()
    expect(again.summary).toMatchObject({ planned: 2, kept: 2 })
  })

  it('never has more transfers under way than the source and the user allow', async () => {
    const { run, server, clip, source } = await toy()
    server.cameras.push({ id: 'cam-2', name: 'Gate' })
    server.faults.slowMs = 20
    for (let index = 0; index < 6; index++) clip(`a${index}`)
    for (let index = 0; index < 6; index++) clip(`b${index}`, { cameraId: 'cam-2' })
    await run({ source: source({ limits: { transfers: 3, transfersPerCamera: 2 } }) })
    expect(server.mostAtOnce).toBe(3)
    server.mostAtOnce = 0
    await run({ source: source({ limits: { transfers: 8, transfersPerCamera: 1 } }), overwrite: true })
    expect(server.mostAtOnce).toBe(2)
    server.mostAtOnce = 0
    await run({ source: source({ limits: { transfers: 8, transfersPerCamera: 8 } }), overwrite: true, concurrency: 1 })
    expect(server.mostAtOnce).toBe(1)
    expect(server.media().length).toBe(36)
  })

  it('asks only the cameras that were chosen, and says which it knows', async () => {
    const { run, server, clip } = await toy()
    server.cameras.push({ id: 'cam-2', name: 'Front Gate' })
    clip('a')
    clip('b', { cameraId: 'cam-2' })
    expect((await run({ cameras: ['front*'] })).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(server.media().map(({ url }) => url.split('/').at(-1))).toEqual(['b'])
    expect((await run({ cameras: ['cam-1', 'front gate'] })).summary).toMatchObject({ planned: 2, kept: 1 })
    const { error } = await run({ cameras: ['cellar'] })
    expect(error).toBeInstanceOf(RangeError)
    expect(String(error)).toMatch(/"cellar".*Yard \(cam-1\), Front Gate \(cam-2\)/)
  })

  it.each([
    [{ concurrency: 0 }, /concurrency.*0/],
    [{ concurrency: 1.5 }, /concurrency.*1\.5/],
    [{ rateLimitMbps: -1 }, /rateLimitMbps.*-1/],
    [{ pendingDeadlineMs: Number.NaN }, /pendingDeadlineMs.*NaN/],
    [{ window: { start: 5, end: 5 } }, /window.*5 to 5/],
    [{ layout: '{cam}' }, /layout.*\{cam\}/],
    [{ timeZone: 'Mars/Olympus' }, /timeZone.*Mars/],
  ])('refuses %j before it contacts anybody', async (options, message) => {
    const { run, server } = await toy()
    const { error } = await run(options)
    expect(error).toBeInstanceOf(RangeError)
    expect(String(error)).toMatch(message)
    expect(server.requests).toEqual([])
  })

  it('gives each recording one row, though it is listed twice', async () => {
    const { run, clip, server, rows } = await toy()
    clip('a')
    server.clips.push(server.clips[0]!)
    const { summary, events } = await run()
    expect(summary).toMatchObject({ planned: 1, kept: 1 })
    expect(events.find((event) => event.type === 'notice')).toMatchObject({
      text: expect.stringContaining('listed twice'),
    })
    expect(await rows()).toHaveLength(1)
  })

  it('keeps what was listed before a list broke off, and says that it broke off', async () => {
    const { run, source, server, clip } = await toy()
    clip('a')
    const breaking = source({
      change: {
        async *recordings() {
          yield server.clips[0]!.recording
          throw new NotFoundError('page 2 is missing')
        },
      },
    })
    expect((await run({ source: breaking })).summary).toMatchObject({ planned: 2, kept: 1, failed: 1 })
  })

  it.each([
    ['without an id', { id: '' }],
    ['of another camera', { cameraId: 'cam-9' }],
    ['with an extension that is a path', { extension: '../mp4' }],
    ['with a window that ends before it starts', { window: { start: 5, end: 4 } }],
    ['with a window that is no time', { window: { start: Number.NaN, end: 4 } }],
  ])('does not believe a recording %s', async (_, wrong) => {
    const { run, source, server, clip } = await toy()
    clip('a')
    const lying = source({
      change: {
        async *recordings() {
          yield { ...server.clips[0]!.recording, ...(wrong as Partial<Recording>) }
        },
      },
    })
    const { events, summary } = await run({ source: lying })
    expect(events.find((event) => event.type === 'listing-failed')).toMatchObject({ error: { code: 'PROTOCOL' } })
    expect(summary).toMatchObject({ planned: 1, failed: 1 })
  })
})

describe('outcomes', () => {
  it('records gaps as rows, and drops those that a later list contradicts', async () => {
    const { run, server, rows, clip } = await toy()
    const gap = { cameraId: 'cam-1', start: noon, end: noon + minute, outcome: 'absent', reason: 'no motion' } as const
    server.gaps.push(gap, {
      ...gap,
      start: noon + minute,
      end: noon + 2 * minute,
      outcome: 'expired',
      reason: 'overwritten',
    })
    const window = { start: noon, end: noon + 10 * minute }
    expect((await run({ window })).summary).toMatchObject({ planned: 2, absent: 1, expired: 1 })
    expect(await rows({ kind: 'gap' })).toMatchObject([
      {
        key: { recordingId: 'gap:2026-03-01T12:00:00.000Z/2026-03-01T12:01:00.000Z' },
        outcome: { outcome: 'absent', reason: 'no motion' },
      },
      { outcome: { outcome: 'expired', reason: 'overwritten' } },
    ])
    server.gaps.shift()
    clip('a', { at: 0 })
    expect((await run({ window })).summary).toMatchObject({ planned: 2, kept: 1, expired: 1 })
    expect(await rows({ kind: 'gap' })).toHaveLength(1)
  })

  it('shrinks a failed list by what a later one covers', async () => {
    const { run, server, rows } = await toy()
    server.faults.failListing.add('cam-1')
    await run({ window: { start: noon, end: noon + 30 * minute } })
    server.faults.failListing.clear()
    expect((await run({ window: { start: noon + 10 * minute, end: noon + 20 * minute } })).summary).toMatchObject({
      planned: 0,
    })
    expect(await rows({ kind: 'listing' })).toMatchObject([
      { window: { start: noon, end: noon + 10 * minute }, outcome: { outcome: 'failed' } },
      { window: { start: noon + 20 * minute, end: noon + 30 * minute }, outcome: { outcome: 'failed' } },
    ])
    expect((await run({ onlyFailed: true })).summary).toMatchObject({ planned: 0 })
    expect(await rows()).toEqual([])
  })

  it('takes what open says for what it is', async () => {
    const { run, source, server, clip, rows } = await toy()
    for (const id of ['gone', 'missing', 'empty', 'bug', 'fine']) clip(id)
    const real = source()
    const answers: Record<string, () => never | object> = {
      gone: () => {
        throw new ExpiredError('retention is 30 days')
      },
      missing: () => {
        throw new NotFoundError('no such clip')
      },
      empty: () => ({ cameraId: 'cam-1', start: noon, end: noon + 1, outcome: 'absent', reason: 'nothing recorded' }),
      bug: () => {
        throw new TypeError('x is undefined')
      },
    }
    const speaking = source({
      change: {
        open: async (recording, from, call) => (answers[recording.id]?.() as never) ?? real.open(recording, from, call),
      },
    })
    expect((await run({ source: speaking })).summary).toMatchObject({
      planned: 5,
      kept: 1,
      expired: 1,
      absent: 1,
      failed: 2,
    })
    expect((await rows()).map((row) => row.outcome)).toMatchObject([
      { outcome: 'expired', reason: 'retention is 30 days' },
      { outcome: 'failed', code: 'NOT_FOUND', retryable: false },
      { outcome: 'absent', reason: 'nothing recorded' },
      { outcome: 'failed', code: 'PROTOCOL', message: expect.stringContaining('x is undefined') },
      { outcome: 'kept' },
    ])
    const requests = server.media().length
    // Absent and expired are final; what was not found is asked for again.
    expect((await run()).summary).toMatchObject({ planned: 5, alreadyKept: 1, expired: 1, absent: 1, kept: 2 })
    expect(server.media().length).toBe(requests + 2)
  })

  it('records a growing clip as pending, and fetches it once it is settled', async () => {
    const { run, server, clip, rows } = await toy()
    clip('a', { settled: false })
    expect((await run()).summary).toMatchObject({ planned: 1, pending: 1 })
    expect((await rows())[0]?.outcome).toEqual({ outcome: 'pending', reason: expect.any(String) })
    expect(server.media()).toEqual([])
    server.clips[0] = { ...server.clips[0]!, recording: { ...server.clips[0]!.recording, settled: true } }
    expect((await run()).summary).toMatchObject({ planned: 1, kept: 1 })
  })

  it('leaves out what the user leaves out, and keeps what is kept', async () => {
    const { run, clip } = await toy()
    clip('a')
    await run()
    clip('b')
    const skip = () => 'not wanted'
    expect((await run({ skip })).summary).toMatchObject({ planned: 2, alreadyKept: 1, skipped: 1 })
    expect((await run()).summary).toMatchObject({ planned: 2, alreadyKept: 1, kept: 1 })
  })

  it('fetches what is lost again, and says so', async () => {
    const { run, into, clip, server, rows } = await toy()
    clip('a')
    clip('b')
    await run()
    await rm(join(into, path(0)))
    await writeFile(join(into, path(1)), 'short')
    const { summary, events } = await run()
    expect(summary).toMatchObject({ planned: 2, kept: 2, alreadyKept: 0 })
    const notices = events.flatMap((event) => (event.type === 'notice' ? event.text : []))
    expect(notices).toEqual([
      `${path(0)} is gone. It is fetched again.`,
      `${path(1)} is not what was kept (20000 bytes). It is fetched again.`,
    ])
    expect((await rows()).map((row) => row.file?.path)).toEqual([path(0), path(1)])
    expect(sha256(await readFile(join(into, path(1))))).toBe(sha256(server.clips[1]!.bytes))
  })

  it('calls lost what was kept once and cannot be had again', async () => {
    const { run, into, clip, server, rows } = await toy()
    clip('a')
    await run()
    await rm(join(into, path(0)))
    server.faults.refuse.set('a', 410)
    const { summary } = await run()
    expect(summary).toMatchObject({ planned: 1, failed: 1, expired: 0 })
    const told = (await rows())[0]?.outcome
    expect(told).toMatchObject({ outcome: 'lost', reason: expect.stringContaining('is gone'), final: true })
    // Neither here nor there: it is told as long as it is planned, and not asked for any more, unless the user says so.
    const asked = server.media().length
    const again = await run()
    expect(again.summary).toMatchObject({ planned: 1, failed: 1 })
    expect(again.events.some(({ type }) => type === 'notice')).toBe(false)
    expect((await run({ onlyFailed: true })).summary).toMatchObject({ planned: 0 })
    expect((await rows())[0]?.outcome).toEqual(told)
    expect(server.media().length).toBe(asked)
    expect((await run({ overwrite: true })).summary).toMatchObject({ planned: 1, kept: 0 })
    expect(server.media().length).toBe(asked + 1)
    // It comes back, as a disk does that had not been mounted: the same bytes are the same recording.
    await mkdir(dirname(join(into, path(0))), { recursive: true })
    await writeFile(join(into, path(0)), server.clips[0]!.bytes)
    const requests = server.media().length
    expect((await run()).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(server.media().length).toBe(requests)
  })

  it('does not fetch again what a sync job took away, as declared', async () => {
    const { run, into, clip, server, rows } = await toy()
    clip('a')
    await run()
    await rm(join(into, path(0)))
    const requests = server.media().length
    expect((await run({ handedOver: true })).summary).toMatchObject({ planned: 1, alreadyKept: 1 })
    expect((await rows())[0]?.outcome).toMatchObject({ outcome: 'handed-over' })
    expect((await run()).summary).toMatchObject({ planned: 1, alreadyKept: 1 })
    expect(server.media().length).toBe(requests)
    expect((await run({ overwrite: true })).summary).toMatchObject({ planned: 1, kept: 1 })
  })

  it('overwrites only when told to, and only what the ledger owns', async () => {
    const { run, into, clip, server, files } = await toy()
    clip('a')
    await run()
    server.clips[0]!.bytes = server.clips[0]!.bytes.slice()
    expect((await run({ overwrite: true })).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(await files()).toEqual([path(0)])
    // With an empty ledger the same file is a stranger's: proved, and adopted without a request.
    const requests = server.media().length
    const ledger = memoryLedger()
    const adopted = await run({ ledger })
    expect(adopted.summary).toMatchObject({ planned: 1, kept: 1 })
    expect(server.media().length).toBe(requests)
    expect(adopted.events.find((event) => event.type === 'recording-ended')).toMatchObject({
      outcome: { outcome: 'kept', adopted: true, path: path(0), sha256: sha256(server.clips[0]!.bytes) },
    })
    expect(await readFile(join(into, path(0)))).toEqual(Buffer.from(server.clips[0]!.bytes))
  })

  it('lets the extension that was served win', async () => {
    const { run, source, clip, files } = await toy()
    clip('a', { name: 'clip.avi', extension: 'avi' })
    const real = source()
    const serving = source({
      change: { open: async (...args) => ({ ...((await real.open(...args)) as object), extension: 'mp4' }) as never },
    })
    expect((await run({ source: serving, layout: '{camera}/{name}' })).summary).toMatchObject({ kept: 1 })
    expect(await files()).toEqual(['Yard/clip.mp4'])
  })
})

describe('two runs', () => {
  it('of one source on one archive: the second is refused, and the first goes on', async () => {
    const { run, source, clip, into, ledger, server } = await toy()
    clip('a')
    const first = archive({ source: source(), into, ledger, ...quick })
    const started = await first.next()
    expect(started.value).toMatchObject({ type: 'archive-started' })
    const { error } = await run()
    expect(error).toBeInstanceOf(LockedError)
    expect(String(error)).toContain(`process ${process.pid}`)
    expect((await collect(first)).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(server.media()).toHaveLength(1)
    expect((await run()).summary).toMatchObject({ alreadyKept: 1 })
  })

  it('an earlier one that died is found, and what it left unfinished is planned again', async () => {
    const { run, ledger, clip, server, source } = await toy()
    clip('a')
    const key = { sourceId: 'TOY-1', cameraId: 'cam-1', view: '', recordingId: 'a' }
    await ledger.beginRun({ id: 'dead', sourceId: 'TOY-1', sourceName: 'Toy', vendor: 'toy', startedAt: 1 })
    await ledger.plan('dead', 1, [
      { key, kind: 'recording', camera: server.cameras[0]!, recording: server.clips[0]!.recording },
    ])
    const { events, summary } = await run({ onlyFailed: true, source: source() })
    expect(events[0]).toMatchObject({ type: 'interrupted-run-found', run: { id: 'dead' } })
    expect(summary).toMatchObject({ planned: 1, kept: 1 })
    expect((await ledger.runs()).map((each) => each.ending)).toEqual(['finished', 'interrupted'])
  })
})
