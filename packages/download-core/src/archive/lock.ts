import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '../clock.ts'
import { LockedError } from '../footage/errors.ts'
import { errnoOf } from '../transfer/disk-error.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import { livenessOf, type ProcessIdentity, thisProcess } from './process-identity.ts'
import { createSmall, readSmallJson, touchSmall } from './small-file.ts'

/** Held by one run on one (archive, source). */
export interface ArchiveLock {
  /** Throws LockedError where another run took the lock over, because this one seemed dead. */
  check(): Promise<void>
  /** Never throws. */
  release(): Promise<void>
}

interface Owner extends ProcessIdentity {
  readonly token: string
  readonly source: string
}

const beatMs = 60_000
const staleMs = 300_000

/**
 * Takes the lock of a source in an archive. A lock whose owner died on this host is taken over at once; one of another host
 * after five minutes without a sign of life. Throws LockedError where its owner lives.
 */
export async function lockArchive(root: string, sourceId: string, fileSystem: FileSystem): Promise<ArchiveLock> {
  const name = createHash('sha256').update(sourceId).digest('hex').slice(0, 24)
  const path = join(root, '.cam', 'locks', `${name}.lock`)
  const us = await thisProcess()
  const owner: Owner = { ...us, token: randomUUID(), source: sourceId }
  const text = `${JSON.stringify(owner)}\n`
  for (let tries = 0; tries < 5; tries++) {
    if (await createSmall(fileSystem, path, text)) return hold(path, text, owner, fileSystem)
    await removeDead(path, us, fileSystem)
  }
  throw new LockedError(`Another run works on this archive and source; its lock is ${path}.`)
}

/** Removes the lock if its owner is dead; throws LockedError if it lives. */
async function removeDead(path: string, us: ProcessIdentity, fileSystem: FileSystem): Promise<void> {
  const stat = await fileSystem.lstat(path)
  if (!stat) return
  const owner = asOwner(await readSmallJson(fileSystem, path))
  const liveness = owner ? await livenessOf(owner, us) : 'unknown'
  if (liveness === 'alive' || (liveness === 'unknown' && (await ageMs(path, stat.modifiedMs, fileSystem)) < staleMs)) {
    throw new LockedError(
      `Another run works on this archive and source${
        owner ? ` (process ${owner.pid} on ${owner.host.split('/')[0]})` : ''
      }. Wait for it, or end it first. Its lock is ${path}.`,
    )
  }
  const aside = `${path}.dead.${randomUUID()}`
  try {
    await fileSystem.rename(path, aside)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw error
  }
  // Between reading and renaming, a third run may have taken over: what was moved aside is then its lock, and goes back.
  if (asOwner(await readSmallJson(fileSystem, aside))?.token !== owner?.token) {
    await fileSystem.link(aside, path).catch(() => {})
  }
  await fileSystem.remove(aside)
}

/** By the disk's own clock: two hosts seldom agree on the time. */
async function ageMs(path: string, modifiedMs: number, fileSystem: FileSystem): Promise<number> {
  const probe = `${path}.now.${randomUUID()}`
  await touchNew(fileSystem, probe)
  const now = (await fileSystem.lstat(probe))?.modifiedMs ?? modifiedMs
  await fileSystem.remove(probe)
  return now - modifiedMs
}

async function touchNew(fileSystem: FileSystem, path: string): Promise<void> {
  const file = await fileSystem.open(path, 'create-exclusive')
  await file.close()
}

function hold(path: string, text: string, owner: Owner, fileSystem: FileSystem): ArchiveLock {
  const ended = new AbortController()
  const isOurs = async () => asOwner(await readSmallJson(fileSystem, path))?.token === owner.token
  const beating = (async () => {
    // The machine's own clock: other hosts judge this lock by real time, whatever clock the run is given.
    for (;;) {
      await systemClock.wait(beatMs, ended.signal)
      if (!(await isOurs())) return
      await touchSmall(fileSystem, path, text)
    }
  })().catch(() => {})
  return {
    async check() {
      if (await isOurs()) return
      throw new LockedError(
        `The lock ${path} was taken over by another run, which held this one for dead. Nothing was overwritten; run again.`,
      )
    },
    async release() {
      ended.abort()
      await beating
      try {
        if (await isOurs()) await fileSystem.remove(path)
      } catch {
        // A disk that went away took the lock with it.
      }
    },
  }
}

function asOwner(value: unknown): Owner | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { host, pid, token } = value as Partial<Owner>
  if (typeof host !== 'string' || typeof token !== 'string' || !Number.isInteger(pid) || pid! <= 0) return undefined
  return value as Owner
}
