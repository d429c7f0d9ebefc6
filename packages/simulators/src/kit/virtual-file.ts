import { createHash } from 'node:crypto'

/** Bytes that can be served without being held in memory: the same offset gives the same bytes, always. */
export interface VirtualFile {
  /** Bytes. */
  readonly size: number
  /** Exactly `length` bytes from `offset`; both lie inside the file. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>
}

/** A virtual file that answers at once. */
export interface SyncVirtualFile extends VirtualFile {
  read(offset: number, length: number): Uint8Array
}

/** A file over bytes held in memory. */
export function bytesFile(bytes: Uint8Array): SyncVirtualFile {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }
}

/** The pieces one after the other, as one file. */
export function joinFiles(pieces: readonly SyncVirtualFile[]): SyncVirtualFile {
  const ends: number[] = []
  let size = 0
  for (const piece of pieces) {
    size += piece.size
    ends.push(size)
  }
  return {
    size,
    read(offset, length) {
      const only = ends.findIndex((end) => offset < end)
      const before = only < 1 ? 0 : ends[only - 1]!
      if (only >= 0 && offset + length <= ends[only]!) return pieces[only]!.read(offset - before, length)
      const out = new Uint8Array(length)
      let done = 0
      for (let index = 0; index < pieces.length && done < length; index++) {
        const piece = pieces[index]!
        const start = ends[index]! - piece.size
        const at = offset + done - start
        if (at >= piece.size) continue
        const take = Math.min(piece.size - at, length - done)
        out.set(piece.read(at, take), done)
        done += take
      }
      return out
    },
  }
}

/** SHA-256 of the whole file, lower-case hex, read in pieces of 1 MiB. */
export function sha256Of(file: SyncVirtualFile): string {
  const hash = createHash('sha256')
  const step = 1024 * 1024
  for (let offset = 0; offset < file.size; offset += step) {
    hash.update(file.read(offset, Math.min(step, file.size - offset)))
  }
  return hash.digest('hex')
}
