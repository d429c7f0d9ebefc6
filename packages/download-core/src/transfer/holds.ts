import { digests } from './digest.ts'
import { errnoOf } from './disk-error.ts'
import type { FileSystem, OpenFile } from './file-system.ts'

/** Whether these very bytes stand under a name. Where they do, they are flushed as well. */
export async function holds(fileSystem: FileSystem, path: string, bytes: number, sha256: string): Promise<boolean> {
  const found = await fileSystem.lstat(path)
  if (found?.kind !== 'file' || found.bytes !== bytes) return false
  let file: OpenFile
  try {
    file = await fileSystem.open(path, 'read-write')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
  try {
    if ((await digests(file, bytes, ['sha256'])).get('sha256') !== sha256) return false
    // Read back correctly does not mean that it survives a power failure: whoever wrote it may have died before its flush.
    await file.sync()
    return true
  } finally {
    await file.close()
  }
}
