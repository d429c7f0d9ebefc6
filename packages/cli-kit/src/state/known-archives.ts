import { join } from 'node:path'
import type { ArchiveRegistry, Clock } from '@cam/download-core'
import { readIfThere, reasonOf, writeDurably } from './durable-file.ts'
import { lockFile } from './file-lock.ts'
import { privateFolder } from './state-folder.ts'

const giveUpMs = 5000

/**
 * Which archive was at which path, so that a disk that is not mounted is told from a new one. A convenience: where the
 * state folder cannot be used, `warn` is called once and the run goes on.
 */
export function knownArchives(folder: string, clock: Clock, warn: (text: string) => void): ArchiveRegistry {
  const file = join(folder, 'known-archives.json')
  let warned = false
  const unusable = (error: unknown) => {
    if (warned) return
    warned = true
    warn(
      `The list of known archives in ${folder} cannot be used (${reasonOf(error)}). A disk that is not mounted will not be noticed; ` +
        'CAM_STATE_DIR names another folder.',
    )
  }
  return {
    async get(path) {
      try {
        return (await read(file)).get(path)
      } catch (error) {
        unusable(error)
        return undefined
      }
    },
    async set(path, id) {
      try {
        await privateFolder(folder)
        await using _lock = await lockFile(`${file}.lock`, clock, AbortSignal.timeout(giveUpMs))
        const known = await read(file).catch(() => new Map<string, string>())
        if (known.get(path) === id) return
        known.set(path, id)
        await writeDurably(file, `${JSON.stringify({ version: 1, archives: Object.fromEntries(known) }, null, 2)}\n`)
      } catch (error) {
        unusable(error)
      }
    },
  }
}

async function read(file: string): Promise<Map<string, string>> {
  const text = await readIfThere(file)
  if (text === undefined) return new Map()
  const { archives } = JSON.parse(text) as { archives?: unknown }
  if (typeof archives !== 'object' || archives === null) throw new Error('it is not a list of archives')
  return new Map(Object.entries(archives).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
