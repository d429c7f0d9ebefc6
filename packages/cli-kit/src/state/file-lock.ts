import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Clock } from '@cam/download-core'
import { isErrno } from './durable-file.ts'

const lookAgainMs = 100
const touchMs = 20_000
/** A holder that has not touched its lock for this long is gone, whatever its process number says. */
const abandonedMs = 120_000

/** A lock that is written in place may be seen before its text is there: so old it must be at least to count as damaged. */
const writtenMs = 5000

/** How a lock is put in its place; a parameter for tests. Default: as a link, where the disk has links. */
type Place = (prepared: string, path: string) => Promise<void>

/** One holder at a time across processes. A lock whose process died is taken over. Rejects with the signal's reason. */
export async function lockFile(
  path: string,
  clock: Clock,
  signal: AbortSignal,
  place: Place = link,
): Promise<AsyncDisposable> {
  const token = randomUUID()
  for (;;) {
    signal.throwIfAborted()
    if (await create(path, token, clock, place)) break
    if (await isAbandoned(path, clock)) await takeAway(path)
    else await clock.wait(lookAgainMs, signal)
  }
  const released = new AbortController()
  void keepFresh(path, clock, released.signal)
  return {
    async [Symbol.asyncDispose]() {
      released.abort()
      if ((await tokenIn(path)) === token) await rm(path, { force: true })
    },
  }
}

async function create(path: string, token: string, clock: Clock, place: Place): Promise<boolean> {
  const text = JSON.stringify({ token, pid: process.pid, host: hostname() })
  // Written beside and linked into place: nobody ever reads a lock that is still empty.
  const prepared = `${path}.${token}`
  const file = await open(prepared, 'wx', 0o600)
  try {
    await file.writeFile(text)
    // Its age is read by our clock, and a network disk has another one.
    const now = new Date(clock.now())
    await file.utimes(now, now)
  } finally {
    await file.close()
  }
  try {
    await place(prepared, path)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    // exFAT, and some network disks.
    if (isErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) return createInPlace(path, text, clock)
    throw error
  } finally {
    await rm(prepared, { force: true })
  }
}

async function createInPlace(path: string, text: string, clock: Clock): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
    const now = new Date(clock.now())
    await utimes(path, now, now)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

async function isAbandoned(path: string, clock: Clock): Promise<boolean> {
  let age = 0
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    age = clock.now() - mtimeMs
    if (age > abandonedMs) return true
    const { pid, host } = JSON.parse(text) as { pid: number; host: string }
    return host === hostname() && !isAlive(pid)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    return error instanceof SyntaxError && age > writtenMs
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !isErrno(error, 'ESRCH')
  }
}

async function takeAway(path: string): Promise<void> {
  const before = await tokenIn(path)
  const aside = `${path}.${randomUUID()}.gone`
  try {
    await rename(path, aside)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw error
  }
  // Two waiters may judge the same dead lock: the slower one must not take away the lock the faster one made since.
  if ((await tokenIn(aside)) !== before) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

async function tokenIn(path: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { token: string }).token
  } catch {
    return undefined
  }
}

async function keepFresh(path: string, clock: Clock, released: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.wait(touchMs, released)
      const now = new Date(clock.now())
      await utimes(path, now, now)
    }
  } catch {
    // Released, or the lock is gone: either way nothing is left to keep fresh.
  }
}
