import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import type { ArchiveRegistry } from '../../src/archive/options.ts'
import { ArchiveMissingError, AuthenticationError } from '../../src/footage/errors.ts'
import { noon, sumOf, temporaryFolder, toy } from './fixture.ts'
import { sha256, toyServer, video } from './toy-server.ts'
import { toySource } from './toy-source.ts'

const only = 'Yard/2026/03/01/12-00-00+0000.mp4'

it('silent-loss 1: a failure is not recorded as success', async () => {
  const { run, server, rows, clip, files } = await toy()
  clip('a')
  server.faults.refuse.set('a', 500)
  const ran = await run()
  expect(ran.summary).toMatchObject({ planned: 1, kept: 0, failed: 1 })
  expect((await rows())[0]?.outcome).toMatchObject({ outcome: 'failed', code: 'SERVER', retryable: true, attempts: 3 })
  expect(await files()).toEqual([])
  server.faults.refuse.clear()
  expect((await run()).summary).toMatchObject({ planned: 1, kept: 1, failed: 0 })
})

it('silent-loss 2: the next run takes up what failed, though later recordings were kept', async () => {
  const { run, server, clip } = await toy()
  for (const id of ['a', 'b', 'c']) clip(id)
  server.faults.refuse.set('a', 503)
  expect((await run()).summary).toMatchObject({ kept: 2, failed: 1 })
  server.faults.refuse.clear()
  const retried = await run({ onlyFailed: true })
  expect(retried.summary).toMatchObject({ planned: 1, kept: 1 })
  expect((await run()).summary).toMatchObject({ planned: 3, alreadyKept: 3 })
})

it('silent-loss 3: exists is not done', async () => {
  const { run, server, into, clip, rows, files } = await toy()
  clip('a')
  const path = join(into, only)
  await mkdir(dirname(path), { recursive: true })
  // A killed process of some other tool left the first half under the final name.
  const half = server.clips[0]!.bytes.subarray(0, 10_000)
  await writeFile(path, half)
  const ran = await run()
  expect(ran.summary).toMatchObject({ kept: 1 })
  expect(ran.events.some((event) => event.type === 'notice' && event.text.includes('left alone'))).toBe(true)
  expect(await readFile(path)).toEqual(Buffer.from(half))
  const kept = (await rows())[0]?.outcome
  if (kept?.outcome !== 'kept') throw new Error('not kept')
  expect(kept.path).toBe('Yard/2026/03/01/12-00-00+0000 (2).mp4')
  expect(sha256(await readFile(join(into, kept.path)))).toBe(sha256(server.clips[0]!.bytes))
  expect(await files()).toHaveLength(2)
})

it('silent-loss 3: a file of the same size that is not the recording is not taken for it', async () => {
  const { run, server, into, clip, rows } = await toy()
  clip('a')
  const path = join(into, only)
  await mkdir(dirname(path), { recursive: true })
  const zeros = Buffer.alloc(server.clips[0]!.bytes.length)
  await writeFile(path, zeros)
  await run()
  expect(await readFile(path)).toEqual(zeros)
  expect((await rows())[0]?.outcome).toMatchObject({ outcome: 'kept', path: expect.stringContaining(' (2)') })
})

it('silent-loss 4: a short read is not accepted, and no later run takes it for done', async () => {
  const { run, server, clip, rows, files } = await toy()
  clip('a')
  server.faults.cuts = 100
  server.faults.cutAt = 0
  expect((await run()).summary).toMatchObject({ kept: 0, failed: 1 })
  expect(await files()).toEqual([])
  server.faults.cuts = 0
  server.faults.truncates = true
  expect((await run()).summary).toMatchObject({ kept: 0, failed: 1 })
  expect((await rows())[0]?.outcome).toMatchObject({ outcome: 'failed' })
  expect(await files()).toEqual([])
  server.faults.truncates = false
  expect((await run()).summary).toMatchObject({ kept: 1 })
})

it('silent-loss 5: what a cut left over is continued only by bytes of the same version', async () => {
  const { run, server, clip, into } = await toy()
  clip('a', { size: 3_000_000 })
  server.faults.cuts = 1
  const gentle = { retry: { retries: 0 } }
  expect((await run(gentle)).summary).toMatchObject({ kept: 0, failed: 1 })
  // The clip was rendered anew between the runs: same size, other bytes, and the server honours If-Range.
  server.clips[0]!.bytes = video(3_000_000, 'another rendering')
  expect((await run(gentle)).summary).toMatchObject({ kept: 1 })
  expect(sha256(await readFile(join(into, only)))).toBe(sha256(server.clips[0]!.bytes))
})

it('silent-loss 7: a long list is planned to its end', async () => {
  const { run, server, source } = await toy()
  const many = Array.from({ length: 2345 }, (_, index) => ({
    id: `clip-${index}`,
    cameraId: 'cam-1',
    windowFrom: 'source' as const,
    window: { start: noon + index * 1000, end: noon + index * 1000 + 1000 },
    extension: 'mp4',
    resume: 'never' as const,
    settled: false,
  }))
  const all = source({
    change: {
      recordings: async function* () {
        yield* many
      },
    },
  })
  const ran = await run({ source: all })
  expect(ran.summary).toMatchObject({ planned: 2345, pending: 2345 })
  expect(server.media()).toEqual([])
})

it('silent-loss 14: an archive whose disk is not mounted is not begun anew on the disk below', async () => {
  const { run, into, clip, server } = await toy()
  clip('a')
  const known = new Map<string, string>()
  const registry: ArchiveRegistry = {
    get: async (path) => known.get(path),
    set: async (path, id) => void known.set(path, id),
  }
  expect((await run({ registry })).summary).toMatchObject({ kept: 1 })
  await rm(into, { recursive: true })
  await mkdir(into)
  const before = server.requests.length
  const { error } = await run({ registry, ledger: memoryLedger() })
  expect(error).toBeInstanceOf(ArchiveMissingError)
  expect(String(error)).toMatch(/mount it.*--new-archive/s)
  expect(await readdir(into)).toEqual([])
  expect(server.requests.length).toBe(before)
  expect((await run({ registry, ledger: memoryLedger(), acceptNewArchive: true })).summary).toMatchObject({ kept: 1 })
})

it('silent-loss 14: where nothing was ever archived, no disk is missed', async () => {
  const { run, into, clip, source } = await toy()
  clip('a')
  const known = new Map<string, string>()
  const registry: ArchiveRegistry = {
    get: async (path) => known.get(path),
    set: async (path, id) => void known.set(path, id),
  }
  const refused = Object.assign(source(), {
    identify: () => Promise.reject(new AuthenticationError('Wrong password.')),
  })
  expect((await run({ registry, source: refused })).error).toBeInstanceOf(AuthenticationError)
  await rm(into, { recursive: true })
  await mkdir(into)
  expect((await run({ registry, ledger: memoryLedger() })).summary).toMatchObject({ kept: 1 })
  expect(known.size).toBe(1)
})

it('silent-loss 14: a disk that goes away in mid-run ends the run, and nothing is written in its place', async () => {
  const { run, into, clip, server, rows } = await toy()
  for (const id of ['a', 'b', 'c']) clip(id)
  const elsewhere = join(await temporaryFolder(), 'unmounted')
  server.onMedia = () => {
    if (existsSync(elsewhere)) return
    server.onMedia = () => {}
    void rename(join(into, '.cam', 'archive.json'), elsewhere)
  }
  const ran = await run({ concurrency: 1 })
  expect(ran.summary).toMatchObject({ planned: 3, kept: 0, failed: 3 })
  expect(ran.events.find((event) => event.type === 'stopping')).toMatchObject({ error: { code: 'ARCHIVE_MISSING' } })
  expect(server.media().length).toBe(1)
  expect((await rows()).map((row) => row.outcome)).toMatchObject(
    Array(3).fill({ outcome: 'failed', code: 'ARCHIVE_MISSING' }),
  )
})

it('silent-loss 22: two recordings with one name are both kept', async () => {
  const { run, server, into, clip, rows } = await toy()
  clip('a', { name: 'archive.mp4' })
  clip('b', { name: 'archive.mp4' })
  clip('c', { name: 'ARCHIVE.MP4' })
  expect((await run({ layout: '{name}' })).summary).toMatchObject({ planned: 3, kept: 3 })
  const paths = (await rows()).map((row) => row.file!.path)
  expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(3)
  for (const [index, path] of paths.entries()) {
    expect(sha256(await readFile(join(into, path)))).toBe(sha256(server.clips[index]!.bytes))
  }
  // The other way round, into another archive: each name that has a suffix has the same one.
  const other = await toy()
  other.server.clips.push(...server.clips.toReversed())
  await other.run({ layout: '{name}' })
  const again = (await other.rows()).map((row) => row.file!.path)
  const suffixed = (list: string[]) => list.filter((path) => path.toLowerCase() !== 'archive.mp4')
  expect(suffixed(again).length).toBe(2)
  expect(again[0]).not.toBe(paths[0])
  expect(again[1]).toBe(paths[1])
})

it('silent-loss 27: equal times of two cameras with equal names do not collide', async () => {
  const { run, server, clip, rows, into } = await toy()
  server.cameras.push({ id: 'cam-2', name: 'Yard', timeZone: 'UTC' })
  clip('a', { at: 0 })
  clip('b', { at: 0, cameraId: 'cam-2' })
  const { summary, events } = await run()
  expect(summary).toMatchObject({ planned: 2, kept: 2 })
  const text = '1 recording has a name that another one has; it gets a suffix of its own.'
  expect(events).toContainEqual({ type: 'notice', text })
  const found = await Promise.all((await rows()).map(async (row) => sha256(await readFile(join(into, row.file!.path)))))
  expect(found).toEqual(server.clips.map(({ bytes }) => sha256(bytes)))
})

it('silent-loss 27: equal recording ids of two cameras do not hide each other', async () => {
  const { run, server, clip, rows, into } = await toy()
  server.cameras.push({ id: 'cam-2', name: 'Gate', timeZone: 'UTC' })
  clip('2026-03-01T12:00Z', { at: 0 })
  clip('2026-03-01T12:00Z', { at: 0, cameraId: 'cam-2', size: 25_000 })
  expect((await run()).summary).toMatchObject({ planned: 2, kept: 2 })
  const kept = await rows()
  expect(kept.map((row) => row.key.cameraId)).toEqual(['cam-1', 'cam-2'])
  const found = await Promise.all(kept.map(async (row) => sha256(await readFile(join(into, row.file!.path)))))
  expect(found).toEqual(server.clips.map(({ bytes }) => sha256(bytes)))
  expect((await run()).summary).toMatchObject({ planned: 2, alreadyKept: 2 })
})

it('silent-loss 33: a camera whose list failed is in the report, and planned again', async () => {
  const { run, server, clip, rows } = await toy()
  server.cameras.push({ id: 'cam-2', name: 'Gate', timeZone: 'UTC' })
  clip('a')
  clip('b', { cameraId: 'cam-2' })
  server.faults.failListing.add('cam-2')
  const window = { start: noon, end: noon + 3_600_000 }
  const first = await run({ window })
  expect(first.summary).toMatchObject({ planned: 2, kept: 1, failed: 1 })
  expect(sumOf(first.summary)).toBe(2)
  expect(first.events.find((event) => event.type === 'listing-failed')).toMatchObject({ camera: { id: 'cam-2' } })
  expect(await rows({ kind: 'listing' })).toMatchObject([
    {
      camera: { id: 'cam-2' },
      window,
      outcome: { outcome: 'failed', code: 'SERVER', retryable: true, httpStatus: 500 },
    },
  ])
  server.faults.failListing.clear()
  expect((await run({ onlyFailed: true })).summary).toMatchObject({ planned: 1, kept: 1 })
  expect(await rows({ kind: 'listing' })).toEqual([])
})

it('silent-loss 34: two devices with equal camera and recording ids do not hide each other', async () => {
  const { run, server, clip, rows, into, source } = await toy()
  clip('a')
  await using other = await toyServer()
  other.cameras.push(...server.cameras)
  other.clips.push({ ...server.clips[0]!, bytes: video(30_000, 'the other device') })
  const { bytes: _, ...recording } = other.clips[0]!.recording
  other.clips[0] = { ...other.clips[0]!, recording }
  expect((await run({ source: source() })).summary).toMatchObject({ kept: 1 })
  const second = toySource({ url: other.url, change: { identify: async () => ({ id: 'TOY-2', name: 'Toy' }) } })
  expect((await run({ source: second })).summary).toMatchObject({ kept: 1, alreadyKept: 0 })
  await second[Symbol.asyncDispose]()
  const kept = await rows()
  expect(kept.map((row) => row.key.sourceId)).toEqual(['TOY-1', 'TOY-2'])
  const found = await Promise.all(kept.map(async (row) => sha256(await readFile(join(into, row.file!.path)))))
  expect(found).toEqual([sha256(server.clips[0]!.bytes), sha256(other.clips[0]!.bytes)])
})
