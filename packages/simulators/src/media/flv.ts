import { bytesFile, joinFiles } from '../kit/virtual-file.ts'
import { flvStart, tag } from './flv-tags.ts'
import { h264Stream } from './h264.ts'
import { framesFile, type Media, media } from './media.ts'

export interface FlvOptions {
  readonly seed?: number | string
  /** Default 24. */
  readonly frames?: number
  /** Even. Default 64. */
  readonly width?: number
  /** Even. Default 48. */
  readonly height?: number
  /** Default 10. */
  readonly fps?: number
}

/** A playable FLV with H.264: `onMetaData`, the decoder's configuration, one tag a frame, end of sequence. */
export function flv(options: FlvOptions = {}): Media {
  const { seed = 1, frames = 24, width = 64, height = 48, fps = 10 } = options
  const stream = h264Stream(seed, width, height)
  const start = flvStart(stream, { duration: frames / fps, width, height, framerate: fps, videocodecid: 7 })
  const timeOf = (frame: number) => Math.round((frame * 1000) / fps)
  const file = joinFiles([
    bytesFile(start),
    framesFile(
      frames,
      () => stream.frameBytes + 20,
      (frame) => tag(9, timeOf(frame), Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0]), stream.frame(frame)])),
    ),
    bytesFile(tag(9, timeOf(frames), Buffer.from([0x17, 2, 0, 0, 0]))),
  ])
  return media('flv', file, { frames, width, height, fps })
}
