import { execFileSync } from 'node:child_process'
import fs, { type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDisk, disk } from '../../src/transfer/disk.ts'
import { toDiskError } from '../../src/transfer/disk-error.ts'
import { fakeClock } from './fake-clock.ts'
import { temporaryFolder } from './fixture.ts'

/** Changes what the handles of node:fs do, as a preloaded script would. */
async function withHandles(change: (handle: FileHandle) => void): Promise<void> {
  const open = fs.open
  const spy = vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
    const handle = await open(...args)
    change(handle)
    return handle
  })
  onTestFinished(() => spy.mockRestore())
}

describe('the real file system', () => {
  test('writes, reads, shortens, links and moves', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'a')
    const file = await disk.open(path, 'create-exclusive')
    await file.write([Buffer.from('hello '), new Uint8Array(0), Buffer.from('world')], 0)
    await file.write([Buffer.from('W')], 6)
    await file.sync()
    expect(await file.size()).toBe(11)
    const into = new Uint8Array(20)
    expect(await file.read(into, 6)).toBe(5)
    expect(Buffer.from(into).toString('latin1', 0, 5)).toBe('World')
    await file.truncate(5)
    await file.close()
    await disk.link(path, join(folder, 'b'))
    await disk.setModified(path, 1_700_000_000_000)
    await disk.rename(path, join(folder, 'c'))
    expect((await disk.list(folder)).sort()).toEqual(['b', 'c'])
    expect(await disk.stat(join(folder, 'c'))).toMatchObject({ kind: 'file', bytes: 5, modifiedMs: 1_700_000_000_000 })
    expect(await disk.stat(path)).toBeUndefined()
    await disk.remove(join(folder, 'b'))
    await disk.remove(join(folder, 'b'))
    await disk.syncFolder(folder)
    expect((await disk.space(join(folder, 'not', 'yet', 'there'))).freeBytes).toBeGreaterThan(0)
  })

  test('says which folders it made, outermost first', async () => {
    const folder = await temporaryFolder()
    expect(await disk.mkdir(join(folder, 'x', 'y', 'z'))).toEqual([
      join(folder, 'x'),
      join(folder, 'x', 'y'),
      join(folder, 'x', 'y', 'z'),
    ])
    expect(await disk.mkdir(join(folder, 'x', 'y'))).toEqual([])
    expect(await disk.mkdir(join(folder, 'x', 'y', 'w'))).toEqual([join(folder, 'x', 'y', 'w')])
  })

  test('makes no folder where a file stands', async () => {
    const folder = await temporaryFolder()
    await fs.writeFile(join(folder, 'a'), 'a')
    for (const path of ['a', join('a', 'b'), join('a', 'b', 'c')]) {
      await expect(disk.mkdir(join(folder, path))).rejects.toMatchObject({ code: 'DISK_DENIED' })
    }
  })

  test('tells a link from what it leads to', async () => {
    const folder = await temporaryFolder()
    await fs.symlink(folder, join(folder, 'loop'))
    expect((await disk.lstat(join(folder, 'loop')))?.kind).toBe('link')
    expect((await disk.stat(join(folder, 'loop')))?.kind).toBe('folder')
  })

  test('leaves "exists" and "is missing" to its caller', async () => {
    const folder = await temporaryFolder()
    await fs.writeFile(join(folder, 'a'), 'a')
    await expect(disk.open(join(folder, 'a'), 'create-exclusive')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(disk.link(join(folder, 'a'), join(folder, 'a'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(disk.open(join(folder, 'b'), 'read')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(disk.open(join(folder, 'b'), 'read-write')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('finishes what a short write left over', async () => {
    const sizes: number[] = []
    await withHandles((handle) => {
      const writev = handle.writev.bind(handle)
      handle.writev = (async (buffers: Uint8Array[], position: number) => {
        const all = Buffer.concat(buffers)
        const some = all.subarray(0, Math.max(1, Math.floor(all.length / 3)))
        sizes.push(some.length)
        return writev([some], position)
      }) as never
    })
    const path = join(await temporaryFolder(), 'short')
    const file = await disk.open(path, 'write')
    const chunks = [1000, 1, 777].map((length, seed) => Buffer.alloc(length, seed + 65))
    await file.write(chunks, 0)
    await file.close()
    expect(sizes.length).toBeGreaterThan(5)
    expect((await fs.readFile(path)).equals(Buffer.concat(chunks))).toBe(true)
  })

  test('takes a write of nothing for a broken disk', async () => {
    await withHandles((handle) => {
      handle.writev = (async () => ({ bytesWritten: 0, buffers: [] })) as never
    })
    const file = await disk.open(join(await temporaryFolder(), 'none'), 'write')
    await expect(file.write([Buffer.from('x')], 0)).rejects.toMatchObject({ code: 'DISK_IO' })
    await file.close()
  })

  test('waits for a free file handle, but not for ever', async () => {
    const path = join(await temporaryFolder(), 'busy')
    const clock = fakeClock()
    const real = fs.open
    let refusals = 3
    const spy = vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
      if (refusals-- > 0) throw Object.assign(new Error('too many'), { code: 'EMFILE' })
      return real(...args)
    })
    onTestFinished(() => spy.mockRestore())
    const patient = createDisk({ ...clock, wait: async () => {} })
    await (await patient.open(path, 'write')).close()
    refusals = Number.POSITIVE_INFINITY
    await expect(patient.open(path, 'write')).rejects.toMatchObject({
      code: 'DISK_IO',
      message: expect.stringContaining('ulimit'),
    })
  })

  test.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EROFS', 'DISK_READ_ONLY'],
    ['EACCES', 'DISK_DENIED'],
    ['EPERM', 'DISK_DENIED'],
    ['EIO', 'DISK_IO'],
    ['EXDEV', 'DISK_IO'],
  ])('calls %s %s, and names the path', (errno, code) => {
    const error = toDiskError(Object.assign(new Error('x'), { code: errno }), 'write', '/footage/a.part')
    expect(error).toMatchObject({ code, stops: 'run', retryable: false })
    expect(error.message).toContain('/footage/a.part')
    expect(error.message).toContain(errno)
  })

  test('meets a real full disk and a real read-only one', async () => {
    const folder = await temporaryFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    } catch {
      console.log('A disk of 1 MiB cannot be mounted here: not tested against a real one.')
      return
    }
    onTestFinished(() => void execFileSync('umount', [folder]))
    const file = await disk.open(join(folder, 'big'), 'write')
    await expect(file.write([new Uint8Array(2 * 1024 * 1024)], 0)).rejects.toMatchObject({ code: 'DISK_FULL' })
    await file.close()
    execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' })
    await expect(disk.open(join(folder, 'other'), 'write')).rejects.toMatchObject({ code: 'DISK_READ_ONLY' })
    await expect(disk.mkdir(join(folder, 'sub'))).rejects.toMatchObject({ code: 'DISK_READ_ONLY' })
  })
})
