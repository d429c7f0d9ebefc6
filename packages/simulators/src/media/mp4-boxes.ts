import type { H264Stream } from './h264.ts'

/** Seconds between 1904-01-01, where MP4 counts from, and 1970-01-01. */
const epoch1904 = 2_082_844_800

/** A box: size, type, content. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(content.reduce((sum, part) => sum + part.length, 8))
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, ...content])
}

/** A box with version and flags. */
export function fullBox(type: string, version: number, flags: number, ...content: readonly Uint8Array[]): Buffer {
  return box(type, u32((version << 24) | flags), ...content)
}

/** Big-endian 32-bit words. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value >>> 0, at * 4)
  })
  return bytes
}

/** Big-endian 16-bit words. */
function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, at) => {
    bytes.writeUInt16BE(value & 0xffff, at * 2)
  })
  return bytes
}

/** A 64-bit word. */
export function u64(value: number): Buffer {
  return u32(Math.floor(value / 2 ** 32), value % 2 ** 32)
}

/** What a movie header needs to know. */
export interface Movie {
  readonly width: number
  readonly height: number
  /** Ticks per second of the media. */
  readonly timescale: number
  /** In ticks of the media; 0 where fragments carry the samples. */
  readonly durationTicks: number
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly stream: Pick<H264Stream, 'sps' | 'pps'>
  /** Milliseconds of nothing before the first picture, as an empty edit. Default 0: no edit list. */
  readonly emptyMs?: number
  /** Tracks there are, with those in `extra`. Default 1. */
  readonly tracks?: number
}

const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** The `moov` box around a sample table; `extra` boxes go to its end. */
export function moov(movie: Movie, tables: readonly Uint8Array[], ...extra: readonly Uint8Array[]): Buffer {
  const { width, height, timescale, durationTicks, stream, emptyMs = 0, tracks = 1 } = movie
  const time = Math.floor(movie.createdAt / 1000) + epoch1904
  const mediaMs = Math.round((durationTicks * 1000) / timescale)
  const durationMs = emptyMs + mediaMs
  const edits = emptyMs === 0 ? [] : [editList(emptyMs, mediaMs)]
  const stsd = fullBox('stsd', 0, 0, u32(1), avc1(width, height, stream))
  return box(
    'moov',
    fullBox(
      'mvhd',
      0,
      0,
      u32(time, time, 1000, durationMs, 0x10000),
      u16(0x100, 0),
      u32(0, 0),
      matrix,
      Buffer.alloc(24),
      u32(tracks + 1),
    ),
    box(
      'trak',
      fullBox('tkhd', 0, 3, u32(time, time, 1, 0, durationMs, 0, 0, 0, 0), matrix, u32(width << 16, height << 16)),
      ...edits,
      box(
        'mdia',
        fullBox('mdhd', 0, 0, u32(time, time, timescale, durationTicks), u16(0x55c4, 0)),
        fullBox('hdlr', 0, 0, u32(0), Buffer.from('vide'), Buffer.alloc(12), Buffer.from('Timelapse\0')),
        box(
          'minf',
          fullBox('vmhd', 0, 1, Buffer.alloc(8)),
          box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
          box('stbl', stsd, ...tables),
        ),
      ),
    ),
    ...extra,
  )
}

/** Nothing for `emptyMs`, then the whole track. */
function editList(emptyMs: number, mediaMs: number): Buffer {
  return box('edts', fullBox('elst', 0, 0, u32(2), u32(emptyMs, 0xffffffff, 0x10000), u32(mediaMs, 0, 0x10000)))
}

function avc1(width: number, height: number, { sps, pps }: Movie['stream']): Buffer {
  const avcC = box(
    'avcC',
    Buffer.from([1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1]),
    u16(sps.length),
    sps,
    Buffer.from([1]),
    u16(pps.length),
    pps,
  )
  return box(
    'avc1',
    Buffer.alloc(6),
    u16(1, 0, 0, 0, 0, 0, 0, 0, 0, width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    avcC,
  )
}
