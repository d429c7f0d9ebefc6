import { bytesFile, joinFiles } from '../kit/virtual-file.ts'
import { h264Stream } from './h264.ts'
import { framesFile, type Media, media } from './media.ts'
import { defaultCreatedAt, type Mp4Options } from './mp4.ts'
import { box, fullBox, moov, u32, u64 } from './mp4-boxes.ts'

export interface FragmentedMp4Options extends Omit<Mp4Options, 'moov' | 'freeBytes'> {
  /** Frames in each fragment. Default 8. */
  readonly framesPerFragment?: number
}

/** A playable fragmented MP4: an initialisation segment, then `moof` and `mdat` pairs. Nothing in it states how many. */
export function fragmentedMp4(options: FragmentedMp4Options = {}): Media {
  const { seed = 1, frames = 24, width = 64, height = 48, fps = 10, createdAt = defaultCreatedAt } = options
  const { framesPerFragment = 8 } = options
  const stream = h264Stream(seed, width, height)
  const empty = [
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  ]
  const mvex = box('mvex', fullBox('trex', 0, 0, u32(1, 1, 0, 0, 0)))
  const movie = { width, height, timescale: fps * 1000, durationTicks: 0, createdAt, stream }
  const pieces = [
    bytesFile(box('ftyp', Buffer.from('iso5'), u32(0x200), Buffer.from('iso5iso6avc1mp41'))),
    bytesFile(moov(movie, empty, mvex)),
  ]
  for (let from = 0; from < frames; from += framesPerFragment) {
    const count = Math.min(framesPerFragment, frames - from)
    pieces.push(bytesFile(moof(from / framesPerFragment + 1, from * 1000, count, stream.frameBytes)))
    pieces.push(bytesFile(Buffer.concat([u32(8 + count * stream.frameBytes), Buffer.from('mdat')])))
    pieces.push(
      framesFile(
        count,
        () => stream.frameBytes,
        (frame) => stream.frame(from + frame),
      ),
    )
  }
  return media('mp4', joinFiles(pieces), { frames, width, height, fps })
}

function moof(sequence: number, decodeTime: number, count: number, frameBytes: number): Buffer {
  const build = (dataOffset: number) => {
    const samples = Array.from({ length: count }, () => [1000, frameBytes]).flat()
    return box(
      'moof',
      fullBox('mfhd', 0, 0, u32(sequence)),
      box(
        'traf',
        fullBox('tfhd', 0, 0x020020, u32(1, 0x02000000)), // offsets count from moof; every sample is a sync sample
        fullBox('tfdt', 1, 0, u64(decodeTime)),
        fullBox('trun', 0, 0x000301, u32(count, dataOffset, ...samples)),
      ),
    )
  }
  return build(build(0).length + 8)
}
