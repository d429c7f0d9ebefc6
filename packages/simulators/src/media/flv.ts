import { bytesFile, joinFiles } from '../kit/virtual-file.ts'
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
  const { sps, pps } = stream
  const configuration = Buffer.concat([
    Buffer.from([0x17, 0, 0, 0, 0, 1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1, sps.length >> 8, sps.length & 255]),
    sps,
    Buffer.from([1, pps.length >> 8, pps.length & 255]),
    pps,
  ])
  const start = Buffer.concat([
    Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0]),
    tag(18, 0, metaData({ duration: frames / fps, width, height, framerate: fps, videocodecid: 7 })),
    tag(9, 0, configuration),
  ])
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

/** A tag of 11 bytes and its content, followed by the size of both. */
function tag(type: number, timeMs: number, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(11 + content.length + 4)
  bytes[0] = type
  bytes.writeUIntBE(content.length, 1, 3)
  bytes.writeUIntBE(timeMs & 0xffffff, 4, 3)
  bytes[7] = (timeMs >>> 24) & 255
  bytes.set(content, 11)
  bytes.writeUInt32BE(11 + content.length, 11 + content.length)
  return bytes
}

function metaData(values: Readonly<Record<string, number>>): Buffer {
  const entries = Object.entries(values).map(([name, value]) => {
    const bytes = Buffer.alloc(2 + name.length + 9)
    bytes.writeUInt16BE(name.length)
    bytes.write(name, 2, 'latin1')
    bytes.writeDoubleBE(value, 2 + name.length + 1)
    return bytes
  })
  const count = Buffer.alloc(5)
  count[0] = 8
  count.writeUInt32BE(entries.length, 1)
  return Buffer.concat([Buffer.from('\x02\x00\x0aonMetaData', 'latin1'), count, ...entries, Buffer.from([0, 0, 9])])
}
