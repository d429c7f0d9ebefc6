import { noise } from '@cam/simulators/media'

/** What an MP4 of these tests says about its time line. */
export interface HoleyOptions {
  /** Runs of equal sample durations, in ticks of the media: `[count, delta]`. */
  readonly times: readonly (readonly [count: number, delta: number])[]
  /** Ticks per second of the media. Default 1000. */
  readonly timescale?: number
  /** Ticks per second of the movie, in which edits are counted. Default 1000. */
  readonly movieTimescale?: number
  /** `[duration in the movie's ticks, media time or -1]`. */
  readonly edits?: readonly (readonly [duration: number, mediaTime: number])[]
  /** Of the edit list. Default 0. */
  readonly version?: 0 | 1
  /** Samples that the size table speaks of. Default: as many as `times` does. */
  readonly samples?: number
  /** Epoch milliseconds; default none. */
  readonly createdAt?: number
  /** Of each picture. Default 1. */
  readonly sampleBytes?: number
  /** Other seeds, other bytes. Default 1. */
  readonly seed?: number | string
  /** Default `vide`. */
  readonly handler?: string
  /** Default 1280 x 720. */
  readonly width?: number
  readonly height?: number
}

const epoch1904 = 2_082_844_800

/** An MP4 with one track, index last, whose sample table and edit list say what a test wants. */
export function mp4WithHoles(options: HoleyOptions): Uint8Array {
  const { times, timescale = 1000, movieTimescale = 1000, edits, version = 0, createdAt, handler = 'vide' } = options
  const counted = times.reduce((sum, [count]) => sum + count, 0)
  const samples = options.samples ?? counted
  const ticks = times.reduce((sum, [count, delta]) => sum + count * delta, 0)
  const { width = 1280, height = 720, sampleBytes = 1, seed = 1 } = options
  const created = createdAt === undefined ? 0 : Math.floor(createdAt / 1000) + epoch1904
  const empty = edits?.filter(([, at]) => at < 0).reduce((sum, [duration]) => sum + duration, 0) ?? 0
  const duration = Math.round((ticks / timescale) * movieTimescale) + empty
  const ftyp = box('ftyp', Buffer.from('isom'), words(0x200), Buffer.from('isommp41'))
  const mdat = box('mdat', noise(seed, samples * sampleBytes))
  const stsd = full('stsd', words(1), box('avc1', Buffer.alloc(24), halves(width, height), Buffer.alloc(50)))
  const elst =
    edits === undefined
      ? []
      : [
          box(
            'edts',
            full(
              'elst',
              words(edits.length),
              ...edits.map(([length, at]) =>
                version === 1 ? Buffer.concat([long(length), long(at), words(0x10000)]) : words(length, at, 0x10000),
              ),
            ).fill(version, 8, 9),
          ),
        ]
  const moov = box(
    'moov',
    full('mvhd', words(created, created, movieTimescale, duration), Buffer.alloc(80)),
    box(
      'trak',
      full('tkhd', words(created, created, 1, 0, duration), Buffer.alloc(52), words(width * 65_536, height * 65_536)),
      ...elst,
      box(
        'mdia',
        full('mdhd', words(created, created, timescale, ticks), Buffer.alloc(4)),
        full('hdlr', words(0), Buffer.from(handler), Buffer.alloc(13)),
        box(
          'minf',
          box(
            'stbl',
            stsd,
            full('stts', words(times.length, ...times.flat())),
            full('stsc', samples === 0 ? words(0) : words(1, 1, samples, 1)),
            full('stsz', words(sampleBytes, samples)),
            full('stco', samples === 0 ? words(0) : words(1, ftyp.length + 8)),
          ),
        ),
      ),
    ),
  )
  return Buffer.concat([ftyp, mdat, moov])
}

/** `[count, delta]` of one picture a second: `on` seconds of film, then `off` seconds without any, and so on. */
export function seconds(...stretches: readonly number[]): [number, number][] {
  return stretches.flatMap((length, index): [number, number][] => {
    if (index % 2 === 1) return []
    const off = stretches[index + 1]
    if (off === undefined) return [[length, 1000]]
    return [
      [length - 1, 1000],
      [1, 1000 + off * 1000],
    ]
  })
}

function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content)
  return Buffer.concat([words(bytes.length + 8), Buffer.from(type, 'latin1'), bytes])
}

function full(type: string, ...content: readonly Uint8Array[]): Buffer {
  return box(type, words(0), ...content)
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4)
  return bytes
}

function halves(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2)
  return bytes
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
