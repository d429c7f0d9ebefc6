import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type VerifyEvent, type VerifySummary, verify } from '../../src/archive/verify-archive.ts'
import { ArchiveMissingError } from '../../src/footage/errors.ts'
import { disk } from '../../src/transfer/disk.ts'
import { toDiskError } from '../../src/transfer/disk-error.ts'
import type { FileSystem } from '../../src/transfer/file-system.ts'
import { temporaryFolder, toy } from './fixture.ts'

async function all(checking: AsyncGenerator<VerifyEvent, VerifySummary>) {
  const events: VerifyEvent[] = []
  for (;;) {
    const { done, value } = await checking.next()
    if (done) return { events, summary: value }
    events.push(value)
  }
}

const path = (index: number) => `Yard/2026/03/01/12-0${index}-00+0000.mp4`

async function archived() {
  const it = await toy()
  for (const id of ['a', 'b', 'c']) it.clip(id)
  await it.run()
  return it
}

it('finds everything intact, and whose files are nobody’s', async () => {
  const { into, ledger } = await archived()
  await writeFile(join(into, 'notes.txt'), 'mine')
  await mkdir(join(into, 'sub'))
  await symlink('/etc', join(into, 'sub', 'link'))
  const { events, summary } = await all(verify({ into, ledger, deep: true }))
  expect(summary).toEqual({
    checked: 3,
    intact: 3,
    missing: 0,
    altered: 0,
    handedOver: 0,
    foundAgain: 0,
    untracked: 1,
    bytes: 60_000,
  })
  expect(events.filter(({ type }) => type === 'untracked')).toEqual([
    { type: 'untracked', path: 'notes.txt', bytes: 4 },
  ])
})

it('records what is gone or altered as lost, and what came back as kept', async () => {
  const { into, ledger, rows, run } = await archived()
  const original = await readFile(join(into, path(1)))
  await rename(join(into, path(0)), join(into, 'elsewhere'))
  const flipped = Buffer.from(original)
  flipped[12_345]! ^= 1
  await writeFile(join(into, path(1)), flipped)
  // A changed bit has no other size: only a deep look finds it.
  expect((await all(verify({ into, ledger }))).summary).toMatchObject({ checked: 3, intact: 2, missing: 1, altered: 0 })
  expect((await all(verify({ into, ledger, deep: true }))).summary).toMatchObject({ intact: 1, missing: 1, altered: 1 })
  expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['lost', 'lost', 'kept'])
  await rename(join(into, 'elsewhere'), join(into, path(0)))
  const again = await all(verify({ into, ledger }))
  expect(again.summary).toMatchObject({ intact: 1, foundAgain: 1, altered: 1, untracked: 0 })
  expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['kept', 'lost', 'kept'])
  expect((await run()).summary).toMatchObject({ planned: 3, alreadyKept: 2, kept: 1 })
  expect((await all(verify({ into, ledger, deep: true }))).summary).toMatchObject({ intact: 3 })
  expect(await readFile(join(into, path(1)))).toEqual(original)
})

it('does not call lost what a sync job took away, as declared', async () => {
  const { into, ledger, rows } = await archived()
  await rm(join(into, path(0)))
  expect((await all(verify({ into, ledger, handedOver: true }))).summary).toMatchObject({
    intact: 2,
    handedOver: 1,
    missing: 0,
  })
  expect((await rows())[0]?.outcome?.outcome).toBe('handed-over')
  expect((await all(verify({ into, ledger }))).summary).toMatchObject({ intact: 2, handedOver: 1, missing: 0 })
})

it('does not make everything lost because a disk is not mounted', async () => {
  const { ledger, rows } = await archived()
  const empty = await temporaryFolder()
  await expect(all(verify({ into: empty, ledger }))).rejects.toBeInstanceOf(ArchiveMissingError)
  expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['kept', 'kept', 'kept'])
})

it('ends with the signal’s own reason', async () => {
  const { into, ledger } = await archived()
  const reason = new Error('enough')
  await expect(all(verify({ into, ledger, signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
})

it('goes on where a disk cannot read a file any more, and where a folder is not ours to read', async () => {
  const { run, into, clip, ledger, rows } = await toy()
  for (const id of ['a', 'b', 'c']) clip(id)
  await run()
  await mkdir(join(into, 'lost+found'))
  const [bad] = (await rows()).map((row) => join(into, row.file!.path))
  const failing = (code: string) => Object.assign(new Error(code), { code })
  const fileSystem: FileSystem = {
    ...disk,
    async open(path, mode) {
      const file = await disk.open(path, mode)
      if (path !== bad) return file
      const read = () => Promise.reject(toDiskError(failing('EIO'), 'read', path))
      return { ...file, read }
    },
    list: async (path) =>
      path.endsWith('lost+found') ? Promise.reject(toDiskError(failing('EACCES'), 'list', path)) : disk.list(path),
  }
  const { summary } = await all(verify({ into, ledger, deep: true, fileSystem }))
  expect(summary).toMatchObject({ checked: 3, intact: 2, altered: 1, untracked: 0 })
  expect((await rows())[0]?.outcome).toMatchObject({ outcome: 'lost' })
  expect((await run({ fileSystem: { ...fileSystem, list: disk.list } })).summary).toMatchObject({
    alreadyKept: 2,
    kept: 1,
  })
})
