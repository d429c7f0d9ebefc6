import { bytesFile, joinFiles, type SyncVirtualFile } from '../kit/virtual-file.ts'
import { type H264Stream, h264Stream } from './h264.ts'
import { framesFile, type Media, media } from './media.ts'
import { box, fullBox, moov, u32, u64 } from './mp4-boxes.ts'

export interface Mp4Options {
  readonly seed?: number | string
  /** Default 24. */
  readonly frames?: number
  /** Even. Default 64. */
  readonly width?: number
  /** Even. Default 48. */
  readonly height?: number
  /** Default 10. */
  readonly fps?: number
  /** Where the `moov` box stands. Default `last`, as ffmpeg writes without faststart. */
  readonly moov?: 'first' | 'last'
  /** Epoch milliseconds in the headers. Default 2026-03-01T00:00:00Z. */
  readonly createdAt?: number
  /** Size of a `free` box at the end: 0 for none, else at least 8. Default 0. */
  readonly freeBytes?: number
}

export const defaultCreatedAt = Date.UTC(2026, 2, 1)

/** A playable H.264 MP4 of `frames` pictures. */
export function mp4(options: Mp4Options = {}): Media {
  const {
    seed = 1,
    frames = 24,
    width = 64,
    height = 48,
    fps = 10,
    createdAt = defaultCreatedAt,
    freeBytes = 0,
  } = options
  if (freeBytes !== 0 && freeBytes < 8) throw new RangeError(`freeBytes is 0 or at least 8, got ${freeBytes}`)
  const stream = h264Stream(seed, width, height)
  const timescale = fps * 1000
  const movie = { width, height, timescale, durationTicks: frames * 1000, createdAt, stream }
  const dataBytes = frames * stream.frameBytes
  const wide = needsWideOffsets(dataBytes)
  const mdatHead = wide
    ? Buffer.concat([u32(1), Buffer.from('mdat'), u64(dataBytes + 16)])
    : Buffer.concat([u32(dataBytes + 8), Buffer.from('mdat')])
  const movieBox = (firstSampleAt: number) => moov(movie, sampleTables(frames, stream.frameBytes, firstSampleAt, wide))
  const movieBytes = movieBytesOf(frames, wide, stream)
  const first = options.moov === 'first'
  const movieAt = bytesFile(movieBox(ftyp.length + (first ? movieBytes : 0) + mdatHead.length))
  const pieces: SyncVirtualFile[] = [
    bytesFile(ftyp),
    ...(first ? [movieAt] : []),
    bytesFile(mdatHead),
    framesFile(frames, () => stream.frameBytes, stream.frame),
    ...(first ? [] : [movieAt]),
    ...(freeBytes === 0 ? [] : [bytesFile(u32(freeBytes)), bytesFile(Buffer.from('free')), zeros(freeBytes - 8)]),
  ]
  return media('mp4', joinFiles(pieces), { frames, width, height, fps })
}

/**
 * A playable MP4 of exactly `bytes` bytes (at least 16 KiB), of which nothing but its headers is ever held: as many
 * frames as fit, and a `free` box for the rest.
 */
export function sizedMp4(
  bytes: number,
  seed: number | string = 1,
  options: Omit<Mp4Options, 'frames' | 'freeBytes' | 'seed'> = {},
): Media {
  if (!Number.isSafeInteger(bytes) || bytes < 16 * 1024)
    throw new RangeError(`a sized MP4 has at least 16384 bytes, got ${bytes}`)
  const [width, height] = bytes < 512 * 1024 ? [64, 48] : bytes < 8 * 1024 * 1024 ? [160, 112] : [320, 240]
  const size = { width, height, ...options }
  const stream = h264Stream(seed, size.width, size.height)
  const wide = needsWideOffsets(bytes)
  const fixed = ftyp.length + (wide ? 16 : 8)
  let frames = Math.floor((bytes - fixed) / stream.frameBytes)
  let rest = -1
  for (; frames > 0; frames--) {
    rest = bytes - fixed - frames * stream.frameBytes - movieBytesOf(frames, wide, stream)
    if (rest === 0 || rest >= 8) break
  }
  if (frames < 1) throw new RangeError(`${bytes} bytes do not hold one frame of ${size.width}x${size.height}`)
  return mp4({ ...size, seed, frames, freeBytes: rest })
}

const ftyp = box('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomiso2avc1mp41'))

/** Headers and tables come on top of the data; a gigabyte is more than they ever take. */
function needsWideOffsets(dataBytes: number): boolean {
  return dataBytes >= 2 ** 32 - 2 ** 30
}

/** Size of the `moov` box: the headers, and each frame's row in four tables. */
function movieBytesOf(frames: number, wide: boolean, stream: H264Stream): number {
  const none = { width: 16, height: 16, timescale: 1, durationTicks: 0, createdAt: 0, stream }
  return moov(none, sampleTables(0, 0, 0, false)).length + frames * (4 + 4 + (wide ? 8 : 4))
}

function sampleTables(frames: number, frameBytes: number, firstSampleAt: number, wide: boolean): Buffer[] {
  const each = Array.from({ length: frames }, (_, frame) => frame)
  const offsets = each.map((frame) => firstSampleAt + frame * frameBytes)
  return [
    fullBox('stts', 0, 0, u32(1, frames, 1000)),
    fullBox('stss', 0, 0, u32(frames, ...each.map((frame) => frame + 1))),
    fullBox('stsc', 0, 0, u32(1, 1, 1, 1)),
    fullBox('stsz', 0, 0, u32(0, frames, ...each.map(() => frameBytes))),
    wide ? fullBox('co64', 0, 0, u32(frames), ...offsets.map(u64)) : fullBox('stco', 0, 0, u32(frames, ...offsets)),
  ]
}

function zeros(size: number): SyncVirtualFile {
  return { size, read: (_, length) => new Uint8Array(length) }
}
