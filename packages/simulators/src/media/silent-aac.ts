import { box, fullBox, u32 } from './mp4-boxes.ts'

/** A sound track in which nothing is heard: AAC-LC, one channel. */
export interface SilentTrack {
  readonly sampleRate: number
  /** Frames of 1024 samples; the last one sticks out, as with real encoders. */
  readonly frames: number
  /** All frames, one after the other. */
  readonly data: Buffer
  /** The `trak` box for frames that stand at `at` in the file. */
  trak(at: number, createdAt: number): Buffer
}

const rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000]
const samplesPerFrame = 1024
/** One channel element with gain 0 and no bands, then the end: 32 bits. */
const frame = Buffer.from([0x00, 0x00, 0x00, 0x07])

/** `sampleRate` is one of those that AAC has an index for. */
export function silentTrack(sampleRate: number, durationMs: number): SilentTrack {
  const index = rates.indexOf(sampleRate)
  if (index < 0) throw new RangeError(`AAC has no sample rate ${sampleRate}`)
  const frames = Math.ceil((durationMs * sampleRate) / 1000 / samplesPerFrame)
  const ticks = frames * samplesPerFrame
  const movieMs = Math.round((ticks * 1000) / sampleRate)
  return {
    ...{ sampleRate, frames, data: Buffer.concat(Array.from({ length: frames }, () => frame)) },
    trak(at, createdAt) {
      const time = createdAt
      return box(
        'trak',
        fullBox('tkhd', 0, 3, u32(time, time, 2, 0, movieMs, 0, 0, 0x1, 0x1000000), matrix, u32(0, 0)),
        box(
          'mdia',
          fullBox('mdhd', 0, 0, u32(time, time, sampleRate, ticks), u32(0x55c40000)),
          fullBox('hdlr', 0, 0, u32(0), Buffer.from('soun'), Buffer.alloc(12), Buffer.from('Sound\0')),
          box(
            'minf',
            fullBox('smhd', 0, 0, u32(0)),
            box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
            box(
              'stbl',
              fullBox('stsd', 0, 0, u32(1), sampleEntry(sampleRate, index)),
              fullBox('stts', 0, 0, u32(1, frames, samplesPerFrame)),
              fullBox('stsc', 0, 0, u32(1, 1, frames, 1)),
              fullBox('stsz', 0, 0, u32(frame.length, frames)),
              fullBox('stco', 0, 0, u32(1, at)),
            ),
          ),
        ),
      )
    },
  }
}

const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

function sampleEntry(sampleRate: number, index: number): Buffer {
  // Object type 2 (LC), rate index, one channel, frames of 1024 samples.
  const config = (2 << 11) | (index << 7) | (1 << 3)
  const specific = descriptor(5, Buffer.from([config >> 8, config & 255]))
  const bitRate = Math.ceil((frame.length * 8 * sampleRate) / samplesPerFrame)
  const decoder = descriptor(4, Buffer.concat([Buffer.from([0x40, 0x15, 0, 0, 0]), u32(bitRate, bitRate), specific]))
  const stream = descriptor(3, Buffer.concat([Buffer.from([0, 0, 0]), decoder, descriptor(6, Buffer.from([2]))]))
  const head = Buffer.concat([Buffer.alloc(6), Buffer.from([0, 1]), Buffer.alloc(8), Buffer.from([0, 1, 0, 16])])
  return box('mp4a', head, u32(0), u32(sampleRate * 65536), fullBox('esds', 0, 0, stream))
}

const descriptor = (tag: number, content: Uint8Array) => Buffer.concat([Buffer.from([tag, content.length]), content])
