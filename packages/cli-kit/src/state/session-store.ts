import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, type SessionStore, systemClock } from '@cam/download-core'
import { readIfThere, syncFolder, writeDurably } from './durable-file.ts'
import { lockFile } from './file-lock.ts'
import { privateFolder, stateFolder } from './state-folder.ts'

/** Keeps a vendor's sessions between runs as files that only their owner can read. */
export function fileSessionStore(folder: string, clock: Clock = systemClock): SessionStore {
  const sessions = join(folder, 'sessions')
  const fileOf = (key: string) =>
    join(sessions, `${readable(key)}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`)
  const ready = async () => {
    await privateFolder(folder)
    await privateFolder(sessions)
  }
  return {
    load: (key) => readIfThere(`${fileOf(key)}.session`),
    async save(key, value) {
      await ready()
      await writeDurably(`${fileOf(key)}.session`, value)
    },
    async remove(key) {
      await ready()
      await rm(`${fileOf(key)}.session`, { force: true })
      await syncFolder(sessions)
    },
    async lock(key, signal) {
      await ready()
      return lockFile(`${fileOf(key)}.lock`, clock, signal)
    },
  }
}

/** The store in the user's state folder. */
export function userSessionStore(env: Readonly<Record<string, string | undefined>>, clock: Clock): SessionStore {
  return fileSessionStore(stateFolder(env), clock)
}

function readable(key: string): string {
  return (
    key
      .toLowerCase()
      .replace(/[^a-z\d]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 40) || 'session'
  )
}
