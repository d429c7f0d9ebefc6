import { type SyncVirtualFile, sha256Of } from '../kit/virtual-file.ts'

/** What is true of a generated file. */
export interface MediaFacts {
  readonly frames: number
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly durationMs: number
  /** Lower-case hex; computed when first asked for. */
  readonly sha256: string
}

/** A generated file: real, playable, the same for the same options. */
export interface Media extends SyncVirtualFile {
  readonly container: 'mp4' | 'avi' | 'flv' | 'jpeg'
  readonly facts: MediaFacts
  /** The whole file in memory; RangeError above 256 MiB. */
  bytes(): Uint8Array
}

const heldInMemory = 256 * 1024 * 1024

/** Gives a file its facts. */
export function media(
  container: Media['container'],
  file: SyncVirtualFile,
  facts: Omit<MediaFacts, 'sha256' | 'durationMs'>,
): Media {
  let sum: string | undefined
  return {
    container,
    size: file.size,
    read: (offset, length) => file.read(offset, length),
    facts: {
      ...facts,
      durationMs: Math.round((facts.frames * 1000) / facts.fps),
      get sha256() {
        sum ??= sha256Of(file)
        return sum
      },
    },
    bytes() {
      if (file.size > heldInMemory) throw new RangeError(`a file of ${file.size} bytes is served by read(), not held`)
      return file.read(0, file.size)
    },
  }
}

/** Frames of any size, one after the other, built when they are read. */
export function framesFile(
  count: number,
  sizeOf: (frame: number) => number,
  build: (frame: number) => Uint8Array,
): SyncVirtualFile {
  const ends = new Float64Array(count)
  let size = 0
  for (let frame = 0; frame < count; frame++) {
    size += sizeOf(frame)
    ends[frame] = size
  }
  // Files are mostly read from front to back, and a read seldom ends where a frame ends.
  let last: { frame: number; bytes: Uint8Array } | undefined
  const built = (frame: number) => {
    if (last?.frame !== frame) last = { frame, bytes: build(frame) }
    return last.bytes
  }
  return {
    size,
    read(offset, length) {
      const out = new Uint8Array(length)
      let done = 0
      for (let frame = firstEndAfter(ends, offset); frame < count && done < length; frame++) {
        const start = frame === 0 ? 0 : ends[frame - 1]!
        const bytes = built(frame).subarray(offset + done - start)
        const taken = bytes.subarray(0, length - done)
        out.set(taken, done)
        done += taken.length
      }
      return out
    },
  }
}

function firstEndAfter(ends: Float64Array, offset: number): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ends[middle]! > offset) high = middle
    else low = middle + 1
  }
  return low
}
