import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { errnoOf } from '../transfer/disk-error.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import { openIfThere } from '../transfer/file-system-bytes.ts'

const longest = 64 * 1024

/** The text of a small file; undefined where there is none. Does not ask for its size: files of /proc have none. */
export async function readSmall(fileSystem: FileSystem, path: string): Promise<string | undefined> {
  const file = await openIfThere(fileSystem, path, 'read')
  if (!file) return undefined
  try {
    const buffer = new Uint8Array(longest)
    return new TextDecoder().decode(buffer.subarray(0, await file.read(buffer, 0)))
  } finally {
    await file.close()
  }
}

/** What a small file of ours holds as JSON; undefined where there is none, or where it is not JSON (a power failure). */
export async function readSmallJson(fileSystem: FileSystem, path: string): Promise<unknown> {
  try {
    return JSON.parse((await readSmall(fileSystem, path)) ?? '')
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * Creates a small durable file that nobody ever sees half written. False where one is there already.
 * `replace` puts it in the place of whatever is there.
 */
export async function createSmall(
  fileSystem: FileSystem,
  path: string,
  text: string,
  how: 'new' | 'replace' = 'new',
): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`
  await writeWhole(fileSystem, temporary, 'create-exclusive', text)
  try {
    if (how === 'replace') await fileSystem.rename(temporary, path)
    else if (!(await linked(fileSystem, temporary, path, text))) return false
  } finally {
    await fileSystem.remove(temporary)
  }
  await fileSystem.syncFolder(dirname(path))
  return true
}

async function linked(fileSystem: FileSystem, from: string, to: string, text: string): Promise<boolean> {
  try {
    await fileSystem.link(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
  }
  // Some shares have no links; there the name is claimed first and filled a moment later.
  try {
    await writeWhole(fileSystem, to, 'create-exclusive', text)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

async function writeWhole(
  fileSystem: FileSystem,
  path: string,
  mode: 'create-exclusive' | 'read-write',
  text: string,
): Promise<void> {
  const file = await fileSystem.open(path, mode)
  try {
    await file.write([new TextEncoder().encode(text)], 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Writes the same bytes again, so that the file's date, as its own disk counts, is now. */
export async function touchSmall(fileSystem: FileSystem, path: string, text: string): Promise<void> {
  await writeWhole(fileSystem, path, 'read-write', text)
}
