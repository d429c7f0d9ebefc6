import { randomNumbers } from '@cam/simulators/media'
import { expect, test } from 'vitest'
import { transfer } from '../../src/transfer/transfer.ts'
import { fakeClock } from './fake-clock.ts'
import { MiB, run, video } from './fixture.ts'
import { type MemoryFileSystem, memoryFileSystem, type PowerFailure, type Step } from './memory-file-system.ts'
import { memoryJob, memorySource } from './memory-job.ts'

const content = video(2 * MiB + 200_123, 'power')
const final = '/archive/a/clip.mp4'

class PowerLost extends Error {}

/** What the archive does with a transfer: fetch, sync the folders, commit the ledger, forget the note. */
async function keep(fileSystem: MemoryFileSystem, ledger: Set<string>): Promise<number> {
  const clock = fakeClock()
  const source = memorySource(content, clock)
  const running = transfer(memoryJob(fileSystem, source, clock))
  for (;;) {
    const { done, value } = await running.next()
    if (!done) continue
    if (!('kept' in value)) throw new Error('nothing was published')
    for (const folder of value.folders) await fileSystem.syncFolder(folder)
    ledger.add(value.kept.path)
    await value.forget()
    return source.asked.length
  }
}

/** Where a run stops when the power goes before step `at`; `undefined` when it got to its end. */
async function losePower(at: number): Promise<{ disk: MemoryFileSystem; ledger: Set<string> } | undefined> {
  const disk = memoryFileSystem()
  const ledger = new Set<string>()
  disk.before = (_step, index) => {
    if (index >= at) throw new PowerLost()
  }
  try {
    await keep(disk, ledger)
    return undefined
  } catch (error) {
    if (!(error instanceof PowerLost)) throw error
    return { disk, ledger }
  }
}

function failures(seed: number): PowerFailure[] {
  const random = randomNumbers(seed)
  const fates = ['kept', 'lost', 'zeroed'] as const
  return [
    { keepsName: () => true, data: () => 'kept' },
    { keepsName: () => true, data: () => 'lost' },
    { keepsName: () => true, data: () => 'zeroed' },
    { keepsName: () => false, data: () => 'zeroed' },
    ...[1].map(() => ({ keepsName: () => random() < 0.5, data: () => fates[Math.floor(random() * 3)]! })),
  ]
}

/** What a run finds: for each name which file it is, when it changed, and its bytes as they are now. */
async function pictureOf(disk: MemoryFileSystem): Promise<ReadonlyMap<string, readonly [number, number, Uint8Array]>> {
  const picture = new Map<string, readonly [number, number, Uint8Array]>()
  const files = [...new Set(disk.files.values())]
  for (const [path, bytes] of disk.files) {
    picture.set(path, [files.indexOf(bytes), (await disk.stat(path))!.modifiedMs, bytes.slice()])
  }
  return picture
}

function isSame(one: Awaited<ReturnType<typeof pictureOf>>, other: typeof one): boolean {
  if (one.size !== other.size) return false
  return [...one].every(([path, [file, modifiedMs, bytes]]) => {
    const [otherFile, otherMs, otherBytes] = other.get(path) ?? []
    return file === otherFile && modifiedMs === otherMs && Buffer.compare(bytes, otherBytes!) === 0
  })
}

test('a power failure before any step leaves no wrong file, and the next run ends with exactly the right one', async () => {
  let points = 0
  let savedRequests = 0
  for (let at = 0; ; at++) {
    const stopped = await losePower(at)
    if (!stopped) break
    points++
    const tried: Awaited<ReturnType<typeof pictureOf>>[] = []
    for (const failure of failures(at)) {
      const disk = stopped.disk.afterPowerFailure(failure)
      const found = disk.files.get(final)
      const where = `before step ${at}: ${JSON.stringify(stopped.disk.log[at])}`
      if (found) expect(Buffer.compare(found, content), where).toBe(0)
      // What the ledger says is there, is there.
      if (stopped.ledger.size > 0) expect(found, where).toBeDefined()
      // A run from the very same disk ends in the same way, and costs a lot of hashing.
      const picture = await pictureOf(disk)
      if (tried.some((other) => isSame(picture, other))) continue
      tried.push(picture)
      const requests = await keep(disk, new Set())
      if (requests === 0) savedRequests++
      const left = [...disk.files.keys()].filter((path) => !path.endsWith('.tmp'))
      expect(left, where).toEqual([final])
      expect(Buffer.compare(disk.files.get(final)!, content), where).toBe(0)
    }
  }
  expect(points).toBeGreaterThan(30)
  expect(savedRequests).toBeGreaterThan(0)
})

test('every kind of error from the disk ends the transfer as one, and the next run mends it', async () => {
  const clean = memoryFileSystem()
  await keep(clean, new Set())
  const seen = new Set<string>()
  for (const [index, { call }] of clean.log.entries()) {
    const disk = memoryFileSystem()
    disk.before = (_step, at) => {
      if (at === index) throw Object.assign(new Error('failing'), { code: call === 'write' ? 'ENOSPC' : 'EIO' })
    }
    await expect(keep(disk, new Set()), `${call} at step ${index}`).rejects.toMatchObject({ message: 'failing' })
    seen.add(call)
    const found = disk.files.get(final)
    if (found) expect(Buffer.compare(found, content)).toBe(0)
    disk.before = () => {}
    await keep(disk, new Set())
    expect(Buffer.compare(disk.files.get(final)!, content)).toBe(0)
    expect([...disk.files.keys()].filter((path) => !path.endsWith('.tmp'))).toEqual([final])
  }
  expect([...seen].sort()).toEqual([
    'create',
    'link',
    'mkdir',
    'remove',
    'rename',
    'setModified',
    'sync',
    'syncFolder',
    'truncate',
    'write',
  ])
})

test('data is flushed, then noted, and only then named', async () => {
  const disk = memoryFileSystem()
  const clock = fakeClock()
  await run(memoryJob(disk, memorySource(content, clock), clock))
  const order = disk.log.map(({ call, path, to }: Step) => `${call} ${(to ?? path).replace(/[0-9a-f]{32}/, 'key')}`)
  expect(order.slice(order.lastIndexOf('sync /archive/.cam/parts/key.part'))).toEqual([
    'sync /archive/.cam/parts/key.part',
    'create /archive/.cam/parts/key.json.tmp',
    'write /archive/.cam/parts/key.json.tmp',
    'sync /archive/.cam/parts/key.json.tmp',
    'rename /archive/.cam/parts/key.json',
    'syncFolder /archive/.cam/parts',
    'setModified /archive/.cam/parts/key.part',
    'link /archive/a/clip.mp4',
    'remove /archive/.cam/parts/key.part',
  ])
  const notes = order.flatMap((step, index) => (step === 'rename /archive/.cam/parts/key.json' ? [index] : []))
  for (const note of notes.slice(1)) {
    const since = order.slice(0, note)
    expect(since.lastIndexOf('sync /archive/.cam/parts/key.part')).toBeGreaterThan(
      since.lastIndexOf('write /archive/.cam/parts/key.part'),
    )
  }
  expect(notes.length).toBeGreaterThan(2)
})
