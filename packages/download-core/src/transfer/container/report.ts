import type { ContainerFormat } from '../../footage/outcome.ts'
import type { EpochMs } from '../../footage/time-window.ts'

/** Random access to the bytes of a file. */
export interface ByteSource {
  /** Bytes there are. */
  readonly size: number
  /** The bytes from `offset` on: `length` of them, fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** What a video or picture says of itself. Absent where its format does not tell. */
export interface MediaFacts {
  /** Length when played. A time lapse plays in seconds what took hours. */
  readonly durationMs?: number
  /** Pixels. */
  readonly width?: number
  readonly height?: number
  /** The container's own name for it: `avc1`, `hvc1`, `MJPG`, `h264`, `jpeg`. */
  readonly codec?: string
  /** Pictures of the video track. */
  readonly frames?: number
}

/** What a walk through a file's structure found. */
export interface ContainerReport {
  readonly format: ContainerFormat
  /** The structure ends where the file ends, and nothing it speaks of is missing. */
  readonly complete: boolean
  /** Why it is not complete, in words. */
  readonly problem?: string
  /** Pictures or the index are certainly gone: the structure points behind the file's end. */
  readonly missing: boolean
  /** The format has no end mark (FLV, fragmented MP4): `complete` then only says that it does not end inside a picture. */
  readonly openEnded: boolean
  readonly facts: MediaFacts
  /** Length the file must have, where its header tells. */
  readonly exactBytes?: number
  /** Time between the first and the end of the last picture or sound. */
  readonly samplesEndMs?: number
  /**
   * The stretches of the film that really hold pictures, in order, apart. Absent where the format does not tell (anything but an
   * MP4 with an index for the whole film).
   */
  readonly runs?: readonly PictureRun[]
  /** It certainly holds not one picture. */
  readonly empty?: true
  /** When recording began, by the device's own clock. */
  readonly createdAt?: EpochMs
}

/** A stretch of film without a hole, in milliseconds from its beginning. */
export interface PictureRun {
  readonly startMs: number
  readonly endMs: number
}

/** Thrown inside the readers where a file breaks its own format; becomes the report's `problem`. */
export class Malformed extends Error {}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    read: async (offset, length) => bytes.subarray(Math.min(offset, bytes.byteLength), offset + length),
  }
}

/** Four characters at `offset`, one per byte. */
export function fourCc(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4))
}

/** Many small reads that move forward, out of one window of the file. Throws Malformed behind the end. */
export class Cursor {
  #source: ByteSource
  #windowBytes: number
  #start = 0
  #window: Uint8Array = new Uint8Array(0)

  constructor(source: ByteSource, windowBytes = 65_536) {
    this.#source = source
    this.#windowBytes = windowBytes
  }

  /** Exactly `length` bytes from `offset`, valid until the next call. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || !Number.isSafeInteger(offset + length) || offset + length > this.#source.size) {
      throw new Malformed(`needs ${length} bytes at ${offset}, behind the end of the file`)
    }
    if (offset < this.#start || offset + length > this.#start + this.#window.byteLength) {
      this.#window = await this.#source.read(offset, Math.max(length, this.#windowBytes))
      this.#start = offset
      if (this.#window.byteLength < length) throw new Malformed(`the file ends before ${offset + length}`)
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length)
  }

  /** Big-endian. */
  async u32(offset: number): Promise<number> {
    return u32(await this.at(offset, 4), 0)
  }
}

/** Big-endian. */
export function u32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
}

/** Big-endian; not exact above 2^53, where nothing in a file can be. */
export function u64(bytes: Uint8Array, offset: number): number {
  return u32(bytes, offset) * 2 ** 32 + u32(bytes, offset + 4)
}

/** Little-endian. */
export function u32le(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>> 0
}

/** The facts that are finite and positive: a header may say anything. */
export function plausible(facts: {
  readonly durationMs?: number | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly frames?: number | undefined
  readonly codec?: string | undefined
}): MediaFacts {
  const clean: { -readonly [K in keyof MediaFacts]: MediaFacts[K] } = {}
  for (const name of ['durationMs', 'width', 'height', 'frames'] as const) {
    const value = Math.round(facts[name] ?? 0)
    if (Number.isSafeInteger(value) && value > 0) clean[name] = value
  }
  const codec = facts.codec?.replace(/[^\x21-\x7e]/g, '')
  if (codec) clean.codec = codec
  return clean
}
