import type { ByteSource } from './container/report.ts'
import { errnoOf } from './disk-error.ts'
import type { FileSystem, OpenFile } from './file-system.ts'

/** Opens a file that may have gone; `undefined` where it has. */
export async function openIfThere(
  fileSystem: FileSystem,
  path: string,
  mode: 'read' | 'read-write',
): Promise<OpenFile | undefined> {
  try {
    return await fileSystem.open(path, mode)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The whole of a small file; `undefined` where there is none or it is larger than `limit`. */
export async function readSmall(fileSystem: FileSystem, path: string, limit: number): Promise<Uint8Array | undefined> {
  const file = await openIfThere(fileSystem, path, 'read')
  if (!file) return undefined
  try {
    const bytes = await file.size()
    if (bytes > limit) return undefined
    const content = new Uint8Array(bytes)
    return content.subarray(0, await file.read(content, 0))
  } finally {
    await file.close()
  }
}

/** An open file as the container readers want it. */
export function fileSource(file: OpenFile, size: number): ByteSource {
  return {
    size,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset))
      const bytes = new Uint8Array(wanted)
      return wanted === 0 ? bytes : bytes.subarray(0, await file.read(bytes, offset))
    },
  }
}

/** The bytes of a file from `from` to `to`, in pieces of at most `piece` that are valid until the next one. */
export async function* pieces(
  file: OpenFile,
  from: number,
  to: number,
  piece: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(Math.min(piece, Math.max(0, to - from)))
  for (let at = from; at < to; ) {
    const filled = await file.read(buffer.subarray(0, Math.min(piece, to - at)), at)
    if (filled === 0) return
    yield buffer.subarray(0, filled)
    at += filled
  }
}
