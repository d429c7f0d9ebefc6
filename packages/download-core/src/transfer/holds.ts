import { digests } from './digest.ts'
import type { FileSystem } from './file-system.ts'
import { openIfThere } from './file-system-bytes.ts'

/** Whether these very bytes stand under a name. Where they do, they are flushed as well. */
export async function holds(fileSystem: FileSystem, path: string, bytes: number, sha256: string): Promise<boolean> {
  const found = await fileSystem.lstat(path)
  if (found?.kind !== 'file' || found.bytes !== bytes) return false
  const file = await openIfThere(fileSystem, path, 'read-write')
  if (!file) return false
  try {
    if ((await digests(file, bytes, ['sha256'])).get('sha256') !== sha256) return false
    // Read back correctly does not mean that it survives a power failure: whoever wrote it may have died before its flush.
    await file.sync()
    return true
  } finally {
    await file.close()
  }
}
