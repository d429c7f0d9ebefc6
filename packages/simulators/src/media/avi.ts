import { bytesFile, joinFiles } from '../kit/virtual-file.ts'
import { encodeJpeg, withComment } from './jpeg.ts'
import { framesFile, type Media, media } from './media.ts'
import { scene } from './picture.ts'
import { noise, randomNumbers } from './prng.ts'

export interface AviOptions {
  readonly seed?: number | string
  /** Default 24. */
  readonly frames?: number
  /** Default 64. */
  readonly width?: number
  /** Default 48. */
  readonly height?: number
  /** Default 10. */
  readonly fps?: number
  /** About how many bytes each picture gets in addition, as a JPEG comment; at most 60,000. Default 64. */
  readonly frameBytes?: number
  /** `excess` writes a RIFF size 16 larger than it should be, as some camera versions do. Default `exact`. */
  readonly riffSize?: 'exact' | 'excess'
}

/** An AVI and the sum of its 4-byte-padded pictures, which a camera calls its `size`. */
export interface AviMedia extends Media {
  readonly paddedPictureBytes: number
}

const picturesEach = 4
const palettes = 4
const drawn = new Map<string, readonly Uint8Array[]>()

/** Drawing is slow and comments make every picture unique anyway, so films of one size share a few pictures. */
function picturesOf(seed: number | string, width: number, height: number): readonly Uint8Array[] {
  const palette = randomNumbers(seed)() % palettes
  const key = `${width}x${height} ${palette}`
  const known = drawn.get(key)
  if (known) return known
  const pictures = Array.from({ length: picturesEach }, (_, step) =>
    encodeJpeg(width, height, scene(palette, width, height, step)),
  )
  drawn.set(key, pictures)
  return pictures
}

/**
 * Motion JPEG as the camera writes it: a header of 240 bytes, `00db` chunks whose data is padded to 4 while the chunk
 * size is not, and an `idx1` whose entries carry the padded sizes.
 */
export function mjpegAvi(options: AviOptions = {}): AviMedia {
  const { seed = 1, frames = 24, width = 64, height = 48, fps = 10, frameBytes = 64, riffSize = 'exact' } = options
  const templates = picturesOf(seed, width, height)
  const next = randomNumbers(`${seed} comments`)
  const comments = Array.from({ length: frames }, () => 8 + frameBytes + (next() % 16))
  const filler = noise(`${seed} filler`, frameBytes + 4096)
  const pictureBytes = (frame: number) => templates[frame % templates.length]!.length + 4 + comments[frame]!
  const padded = (frame: number) => (pictureBytes(frame) + 3) & ~3
  const build = (frame: number) => {
    const comment = Buffer.alloc(comments[frame]!)
    comment.write(`frame ${frame} `, 'latin1')
    if (comment.length > 16) comment.set(filler.subarray(frame % 4000, (frame % 4000) + comment.length - 16), 16)
    const picture = withComment(templates[frame % templates.length]!, comment)
    const chunk = Buffer.alloc(8 + padded(frame))
    chunk.write('00db', 'latin1')
    chunk.writeUInt32LE(picture.length, 4)
    chunk.set(picture, 8)
    return chunk
  }
  let total = 0
  for (let frame = 0; frame < frames; frame++) total += padded(frame)
  const length = 248 + total + 24 * frames
  const file = joinFiles([
    bytesFile(header({ frames, width, height, fps, total, riffSize: riffSize === 'exact' ? length - 8 : length + 8 })),
    framesFile(frames, (frame) => 8 + padded(frame), build),
    bytesFile(index(frames, padded)),
  ])
  return { ...media('avi', file, { frames, width, height, fps }), paddedPictureBytes: total }
}

interface Header {
  readonly frames: number
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly total: number
  readonly riffSize: number
}

function header({ frames, width, height, fps, total, riffSize }: Header): Buffer {
  const picture = width * height * 3
  const words: readonly (string | number)[] = [
    ...['RIFF', riffSize, 'AVI ', 'LIST', 208, 'hdrl'],
    ...['avih', 56, Math.floor(1_000_000 / fps), picture * fps, 0, 0x10, frames, 0, 1, picture, width, height],
    ...[0, 0, 0, 0],
    // The stream list claims the `odml` list after it as well, and `strh` is 48 bytes long: as the camera does it.
    ...['LIST', 132, 'strl', 'strh', 48, 'vids', 'MJPG', 0, 0, 0, 1, fps, 0, frames, picture, 0, 0],
    ...['strf', 40, 40, width, height, 1 | (24 << 16), 'MJPG', picture, 0, 0, 0, 0],
    ...['LIST', 16, 'odml', 'dmlh', 4, frames],
    ...['LIST', 4 + total + 8 * frames, 'movi'],
  ]
  const bytes = Buffer.alloc(words.length * 4)
  words.forEach((word, at) => {
    if (typeof word === 'string') bytes.write(word, at * 4, 'latin1')
    else bytes.writeUInt32LE(word >>> 0, at * 4)
  })
  return bytes
}

function index(frames: number, padded: (frame: number) => number): Buffer {
  const bytes = Buffer.alloc(8 + 16 * frames)
  bytes.write('idx1', 'latin1')
  bytes.writeUInt32LE(16 * frames, 4)
  let offset = 4
  for (let frame = 0; frame < frames; frame++) {
    const at = 8 + 16 * frame
    bytes.write('00db', at, 'latin1')
    bytes.writeUInt32LE(offset, at + 8)
    bytes.writeUInt32LE(padded(frame), at + 12)
    offset += padded(frame) + 8
  }
  return bytes
}
