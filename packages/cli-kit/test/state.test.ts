import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@cam/download-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reasonOf } from '../src/state/durable-file.ts'
import { lockFile } from '../src/state/file-lock.ts'
import { knownArchives } from '../src/state/known-archives.ts'
import { fileSessionStore } from '../src/state/session-store.ts'
import { stateFolder } from '../src/state/state-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-state-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const never = new AbortController().signal

describe('the state folder', () => {
  it('is the platform’s own unless CAM_STATE_DIR says otherwise', () => {
    expect(stateFolder({ CAM_STATE_DIR: '/s' }, 'linux', '/h')).toBe('/s')
    expect(stateFolder({ XDG_STATE_HOME: '/x' }, 'linux', '/h')).toBe('/x/cam')
    expect(stateFolder({}, 'linux', '/h')).toBe('/h/.local/state/cam')
    expect(stateFolder({}, 'darwin', '/h')).toBe('/h/Library/Application Support/cam')
    expect(stateFolder({ LOCALAPPDATA: '/l' }, 'win32', '/h')).toBe('/l/cam')
  })
})

describe('the session store', () => {
  it('gives back what was saved, and nothing once it is removed', async () => {
    const store = fileSessionStore(join(folder, 'state'))
    expect(await store.load('een:user@example.org')).toBeUndefined()
    await store.save('een:user@example.org', '{"cookie":"first"}')
    await store.save('een:user@example.org', '{"cookie":"second"}')
    await store.save('EEN:user@example.org', 'another')
    expect(await store.load('een:user@example.org')).toBe('{"cookie":"second"}')
    await store.remove('een:user@example.org')
    await store.remove('een:user@example.org')
    expect(await store.load('een:user@example.org')).toBeUndefined()
    expect(await store.load('EEN:user@example.org')).toBe('another')
  })

  it('lets only its owner in, and leaves no temporary file', async () => {
    const place = join(folder, 'state')
    await mkdir(place, { mode: 0o755 })
    await fileSessionStore(place).save('../../etc/passwd', 'x')
    const [name, ...others] = await readdir(join(place, 'sessions'))
    expect(others).toEqual([])
    expect(await readdir(folder)).toEqual(['state'])
    const modes = await Promise.all(
      [place, join(place, 'sessions'), join(place, 'sessions', name!)].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o700, 0o600])
  })

  it('has one holder of a lock at a time, in turn', async () => {
    const store = fileSessionStore(folder)
    const seen: string[] = []
    const hold = async (name: string) => {
      await using _lock = await store.lock('key', never)
      seen.push(`${name} in`)
      await systemClock.wait(5)
      seen.push(`${name} out`)
    }
    await Promise.all([hold('a'), hold('b'), hold('c')])
    expect(seen.map((entry) => entry.split(' ')[1])).toEqual(['in', 'out', 'in', 'out', 'in', 'out'])
    expect(await readdir(join(folder, 'sessions'))).toEqual([])
  })

  it('takes over the lock of a process that died, and waits for one that lives', async () => {
    const store = fileSessionStore(folder)
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
    await new Promise((resolve) => child.once('exit', resolve))
    {
      await using _lock = await store.lock('key', never)
      const [name] = await readdir(join(folder, 'sessions'))
      const path = join(folder, 'sessions', name!)
      const held = JSON.parse(await readFile(path, 'utf8'))
      expect(held.pid).toBe(process.pid)
      await expect(store.lock('key', AbortSignal.timeout(250))).rejects.toThrow(/timeout/i)
      await writeFile(path, JSON.stringify({ ...held, token: 'dead', pid: child.pid }))
    }
    await using _again = await store.lock('key', AbortSignal.timeout(5000))
    expect(await readdir(join(folder, 'sessions'))).toHaveLength(1)
  })
})

it('why a file cannot be used is said by its code, or in words where the code is a number', async () => {
  const missing = await readFile(join(folder, 'no-such-file')).catch((error: unknown) => error)
  const late = new DOMException('Too late.', 'TimeoutError')
  expect([reasonOf(missing), reasonOf(late), reasonOf(new Error('No.'))]).toEqual(['ENOENT', 'Too late.', 'No.'])
})

it('a lock is no older than it is where the disk has another clock than the machine', async () => {
  const ahead = { ...systemClock, now: () => systemClock.now() + 600_000 }
  const lock = () => lockFile(join(folder, 'lock'), ahead, AbortSignal.timeout(250))
  await using _lock = await lock()
  await expect(lock()).rejects.toThrow(/timeout/i)
})

describe('a lock on a disk without links', () => {
  const noLinks = () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' }))

  it('has one holder at a time, and is not taken for damaged before its text is there', async () => {
    const path = join(folder, 'lock')
    const lock = (signal: AbortSignal) => lockFile(path, systemClock, signal, noLinks)
    {
      await using _lock = await lock(never)
      await expect(lock(AbortSignal.timeout(250))).rejects.toThrow(/timeout/i)
      await writeFile(path, '')
      await expect(lock(AbortSignal.timeout(250))).rejects.toThrow(/timeout/i)
      await utimes(path, new Date(0), systemClock.now() / 1000 - 10)
      await using _over = await lock(AbortSignal.timeout(5000))
    }
    expect(await readdir(folder)).toEqual([])
  })
})

describe('the list of known archives', () => {
  it('remembers across runs, also when two runs write at once', async () => {
    const warnings: string[] = []
    const open = () => knownArchives(join(folder, 'state'), systemClock, (text) => warnings.push(text))
    expect(await open().get('/mnt/nas')).toBeUndefined()
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => open().set(`/mnt/${name}`, name)))
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((name) => open().get(`/mnt/${name}`)))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
    expect(warnings).toEqual([])
  })

  it('warns once and goes on where the folder cannot be used', async () => {
    const place = join(folder, 'file')
    await writeFile(place, 'this is no folder')
    const warnings: string[] = []
    const registry = knownArchives(place, systemClock, (text) => warnings.push(text))
    expect(await registry.get('/mnt/nas')).toBeUndefined()
    await registry.set('/mnt/nas', 'id')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('CAM_STATE_DIR')
  })

  it('does not take a damaged list for an empty one without saying so', async () => {
    await writeFile(join(folder, 'known-archives.json'), '{"archives":')
    const warnings: string[] = []
    expect(await knownArchives(folder, systemClock, (text) => warnings.push(text)).get('/mnt/nas')).toBeUndefined()
    expect(warnings).toHaveLength(1)
  })
})
