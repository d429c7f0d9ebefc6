import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openArchiveFolder } from '../../src/archive/folder.ts'
import { lockArchive } from '../../src/archive/lock.ts'
import { thisProcess } from '../../src/archive/process-identity.ts'
import { ArchiveMissingError, LockedError } from '../../src/footage/errors.ts'
import { disk } from '../../src/transfer/disk.ts'
import { temporaryFolder } from './fixture.ts'

async function root(): Promise<string> {
  return (await openArchiveFolder(await temporaryFolder())).root
}

/** Puts a lock there as its owner would have left it. */
async function leave(folder: string, owner: object | string): Promise<string> {
  const lock = await lockArchive(folder, 'source', disk)
  const [name] = await readdir(join(folder, '.cam', 'locks'))
  await lock.release()
  const path = join(folder, '.cam', 'locks', name!)
  await writeFile(
    path,
    typeof owner === 'string' ? owner : JSON.stringify({ token: 'theirs', source: 'source', ...owner }),
  )
  return path
}

describe('a lock', () => {
  it('is held by one at a time, per source', async () => {
    const folder = await root()
    const lock = await lockArchive(folder, 'source', disk)
    await expect(lockArchive(folder, 'source', disk)).rejects.toBeInstanceOf(LockedError)
    const other = await lockArchive(folder, 'another source', disk)
    await lock.check()
    await lock.release()
    await (await lockArchive(folder, 'source', disk)).release()
    await other.release()
    expect(await readdir(join(folder, '.cam', 'locks'))).toEqual([])
  })

  it('goes to exactly one of many who want it', async () => {
    const folder = await root()
    await leave(folder, { ...(await thisProcess()), pid: await deadPid() })
    const wanting = await Promise.allSettled(Array.from({ length: 12 }, () => lockArchive(folder, 'source', disk)))
    const won = wanting.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    const valid = await Promise.allSettled(won.map((lock) => lock.check()))
    expect(valid.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const each of wanting) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(LockedError)
  })

  it('of a process that is dead is taken over at once', async () => {
    const folder = await root()
    await leave(folder, { ...(await thisProcess()), pid: await deadPid() })
    await (await lockArchive(folder, 'source', disk)).release()
  })

  it('of a living process is not; nor is its age a reason', async () => {
    const folder = await root()
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    try {
      await once(child, 'spawn')
      const us = await thisProcess()
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '')
      const started = stat ? { started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] } : {}
      const { started: _, ...host } = us
      const path = await leave(folder, { ...host, ...started, pid: child.pid })
      if (stat) await utimes(path, 0, 0)
      await expect(lockArchive(folder, 'source', disk)).rejects.toThrow(new RegExp(`process ${child.pid} .*${path}`))
    } finally {
      child.kill('SIGKILL')
    }
  })

  it.runIf(process.platform === 'linux')('of an earlier process with the same number is taken over', async () => {
    const folder = await root()
    await leave(folder, { ...(await thisProcess()), started: '1' })
    await (await lockArchive(folder, 'source', disk)).release()
  })

  it.runIf(process.platform === 'linux')('of another container is left until it shows no sign of life', async () => {
    const folder = await root()
    // It shares name and kernel with us, and its process number is free here.
    const path = await leave(folder, { ...(await thisProcess()), pid: await deadPid(), init: 'of another container' })
    await expect(lockArchive(folder, 'source', disk)).rejects.toBeInstanceOf(LockedError)
    const sixMinutesAgo = Date.now() / 1000 - 360
    await utimes(path, sixMinutesAgo, sixMinutesAgo)
    await (await lockArchive(folder, 'source', disk)).release()
  })

  it('from before the machine was started again is taken over', async () => {
    const folder = await root()
    await leave(folder, { ...(await thisProcess()), boot: 'an earlier one' })
    await (await lockArchive(folder, 'source', disk)).release()
  })

  it.each([
    ['of another host', { host: 'elsewhere', pid: 1 }],
    ['that cannot be read', 'zeros: \0\0\0'],
  ])('%s is taken over after five minutes without a sign of life', async (_, owner) => {
    const folder = await root()
    const path = await leave(folder, owner)
    const ago = (minutes: number) => Date.now() / 1000 - minutes * 60
    await utimes(path, ago(4), ago(4))
    await expect(lockArchive(folder, 'source', disk)).rejects.toBeInstanceOf(LockedError)
    await utimes(path, ago(6), ago(6))
    await (await lockArchive(folder, 'source', disk)).release()
  })

  it('knows when it was taken over, and does not remove what is not its own', async () => {
    const folder = await root()
    const lock = await lockArchive(folder, 'source', disk)
    const [name] = await readdir(join(folder, '.cam', 'locks'))
    const path = join(folder, '.cam', 'locks', name!)
    await writeFile(path, JSON.stringify({ ...(await thisProcess()), token: 'theirs', source: 'source' }))
    await expect(lock.check()).rejects.toBeInstanceOf(LockedError)
    await lock.release()
    expect(JSON.parse(await readFile(path, 'utf8')).token).toBe('theirs')
  })
})

describe('the archive folder', () => {
  it('is made where it is missing, and keeps its id', async () => {
    const into = join(await temporaryFolder(), 'a', 'b')
    const first = await openArchiveFolder(into)
    expect((await openArchiveFolder(into)).id).toBe(first.id)
    await first.check()
    expect((await readdir(join(into, '.cam'))).sort()).toEqual(['archive.json', 'locks', 'parts'])
  })

  it('gets one id, however many begin it at once', async () => {
    const into = await temporaryFolder()
    const opened = await Promise.all(Array.from({ length: 8 }, () => openArchiveFolder(into)))
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
  })

  it('is not taken for another one that lies at its path', async () => {
    const into = await temporaryFolder()
    const known = new Map<string, string>()
    const registry = {
      get: async (path: string) => known.get(path),
      set: async (path: string, id: string) => void known.set(path, id),
    }
    const folder = await openArchiveFolder(into, { registry })
    await folder.register()
    await writeFile(join(into, '.cam', 'archive.json'), JSON.stringify({ v: 1, id: 'another' }))
    await expect(folder.check()).rejects.toBeInstanceOf(ArchiveMissingError)
    await expect(openArchiveFolder(into, { registry })).rejects.toThrow(/another one/)
    await (await openArchiveFolder(into, { registry, acceptNewArchive: true })).register()
    expect([...known.values()]).toEqual(['another'])
  })

  it('gets a new marker where a power failure emptied it', async () => {
    const into = await temporaryFolder()
    await mkdir(join(into, '.cam'))
    await writeFile(join(into, '.cam', 'archive.json'), '')
    const { id } = await openArchiveFolder(into)
    expect(JSON.parse(await readFile(join(into, '.cam', 'archive.json'), 'utf8')).id).toBe(id)
  })

  it('that cannot be written says so, with its path', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    await expect(openArchiveFolder(join(file, 'archive'))).rejects.toMatchObject({
      code: expect.stringMatching(/^DISK_/),
      message: expect.stringContaining(file),
    })
  })
})

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'close')
  return child.pid!
}
