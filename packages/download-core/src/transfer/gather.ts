import type { Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Clock } from '../clock.ts'
import type { OpenFile } from './file-system.ts'
import { blockBytes } from './part-note.ts'

const gatherBytes = 1024 * 1024
const mostQueued = 4 * 1024 * 1024
const checkpointBytes = 64 * 1024 * 1024
const checkpointMs = 5000

/** What is known of the bytes written so far, in step with the file. */
export interface Written {
  bytes: number
  hash: Hash
  /** Of whole blocks, then of the one under way if it has begun. */
  crcs: number[]
}

/** Takes chunks and brings them to the disk: gathered, hashed while they are written, one write at a time. */
export interface Gather {
  /** Resolves at once while there is room, else when the disk has caught up: that is the back-pressure. Keeps the chunk. */
  push(chunk: Uint8Array): Promise<void> | undefined
  /** Everything pushed is written. */
  flush(): Promise<void>
  /** Everything pushed is written, on the disk, and noted. */
  checkpoint(): Promise<void>
}

/**
 * Writes behind `written.bytes` and keeps `written` in step. `note` is called after the data it speaks of was flushed.
 * After an error every later call throws it again: what was hashed and what is on the disk may then differ.
 */
export function createGather(
  file: OpenFile,
  written: Written,
  clock: Clock,
  note: (committed: number, crcs: readonly number[]) => Promise<void>,
): Gather {
  let queue: Uint8Array[] = []
  let queued = 0
  let working: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  let committed = written.bytes
  let committedAt = clock.monotonic()

  function work(): void {
    if (working || failure) return
    working = write().then(
      () => {
        working = undefined
        if (queued >= gatherBytes) work()
      },
      (error) => {
        working = undefined
        queue = []
        queued = 0
        failure = { error }
      },
    )
  }

  async function write(): Promise<void> {
    let end = 0
    let bytes = 0
    while (end < queue.length && bytes < gatherBytes) bytes += queue[end++]!.byteLength
    const batch = queue.splice(0, end)
    queued -= bytes
    const writing = file.write(batch, written.bytes)
    // The thread pool writes while this thread hashes. A failed write is reported below, not as an unhandled rejection.
    writing.catch(() => {})
    count(written, batch)
    await writing
    const due = written.bytes - committed >= checkpointBytes || clock.monotonic() - committedAt >= checkpointMs
    if (due) await commit()
  }

  async function commit(): Promise<void> {
    if (written.bytes !== committed) {
      await file.sync()
      await note(written.bytes, written.crcs)
      committed = written.bytes
    }
    committedAt = clock.monotonic()
  }

  async function flush(): Promise<void> {
    for (;;) {
      if (working) await working
      if (failure) throw failure.error
      if (!working && queued === 0) return
      work()
    }
  }

  async function makeRoom(): Promise<void> {
    while (queued >= mostQueued) {
      work()
      await working
      if (failure) throw failure.error
    }
  }

  return {
    push(chunk) {
      if (failure) return Promise.reject(failure.error)
      if (chunk.byteLength === 0) return undefined
      queue.push(chunk)
      queued += chunk.byteLength
      if (queued >= gatherBytes) work()
      return queued >= mostQueued ? makeRoom() : undefined
    },
    flush,
    async checkpoint() {
      await flush()
      await commit()
    },
  }
}

/** Carries hash, block checksums and position over these bytes. */
function count(written: Written, chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) {
    written.hash.update(chunk)
    for (let at = 0; at < chunk.byteLength; ) {
      const inBlock = written.bytes % blockBytes
      const piece = chunk.subarray(at, at + blockBytes - inBlock)
      if (inBlock === 0) written.crcs.push(crc32(piece))
      else written.crcs[written.crcs.length - 1] = crc32(piece, written.crcs.at(-1)!)
      written.bytes += piece.byteLength
      at += piece.byteLength
    }
  }
}
