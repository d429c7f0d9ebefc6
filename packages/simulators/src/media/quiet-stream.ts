import { Bits } from './bits.ts'
import { pictureParameters, sequenceParameters } from './h264.ts'
import { randomNumbers } from './prng.ts'

/**
 * A baseline H.264 stream of a scene in which nothing moves: groups of one key picture and some that only repeat it. A
 * 16×16 block costs one byte in a key picture and nothing in the others, so an hour of large pictures stays small.
 */
export interface QuietStream {
  readonly sps: Uint8Array
  readonly pps: Uint8Array
  /** Bytes of each picture of a group, the key picture first. */
  readonly pictureBytes: readonly number[]
  /** Bytes of a group. */
  readonly groupBytes: number
  /** The group of the moment `at` (epoch milliseconds): the same for the same moment, whoever asks. */
  group(at: number): Uint8Array
}

/** How dark or bright a picture can be. */
const shades = 14

/** `width` and `height` are even; `pictures` is how many a group has, at most 16. */
export function quietStream(seed: number | string, width: number, height: number, pictures: number): QuietStream {
  const { groupOf, pictureBytes, groupBytes } = scenesOf(width, height, pictures)
  return {
    sps: sequenceParameters(width, height, 1),
    pps: pictureParameters(),
    pictureBytes,
    groupBytes,
    group(at) {
      const next = randomNumbers(`${seed} ${at}`)
      const bytes = Buffer.from(groupOf(next() % shades))
      bytes.write(new Date(at).toISOString(), noteTextAt, 'latin1')
      // No byte is 0, so nothing needs escaping.
      for (let index = 0; index < secretBytes; index++) bytes[noteTextAt + 24 + index] = 1 + (next() % 255)
      return bytes
    },
  }
}

type Scenes = Pick<QuietStream, 'pictureBytes' | 'groupBytes'> & { groupOf(shade: number): Buffer }

/** Groups with an empty note, by size: the seed is in the note alone, and writing blocks bit by bit takes a while. */
const knownScenes = new Map<string, Scenes>()

function scenesOf(width: number, height: number, pictures: number): Scenes {
  const key = `${width}x${height} ${pictures}`
  const scenes = knownScenes.get(key) ?? makeScenes(width, height, pictures)
  knownScenes.set(key, scenes)
  if (knownScenes.size > 16) knownScenes.delete(knownScenes.keys().next().value!)
  return scenes
}

function makeScenes(width: number, height: number, pictures: number): Scenes {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16)
  const repeats = Array.from({ length: pictures - 1 }, (_, index) => unit(repeatSlice(blocks, index + 1)))
  const groups: (Buffer | undefined)[] = []
  const groupOf = (shade: number) => {
    groups[shade] ??= Buffer.concat([unit(emptyNote()), unit(keySlice(blocks, shade)), ...repeats])
    return groups[shade]
  }
  const groupBytes = groupOf(0).length
  const keyBytes = repeats.reduce((rest, { length }) => rest - length, groupBytes)
  return { groupOf, groupBytes, pictureBytes: [keyBytes, ...repeats.map(({ length }) => length)] }
}

/** With its length before it, as MP4 stores it. */
function unit(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(bytes.length)
  return Buffer.concat([head, bytes])
}

const noteId = Buffer.from('5b1f6f0e9a474d0f8c3b2d71e6a4c895', 'hex')
const secretBytes = 12
/** After the length, three bytes of head and the id. */
const noteTextAt = 4 + 3 + 16

/** User data before a key picture, with room for the moment and for bytes that nobody could guess. */
function emptyNote(): Uint8Array {
  const content = Buffer.concat([noteId, Buffer.alloc(24 + secretBytes)])
  return Buffer.concat([Buffer.from([0x06, 0x05, content.length]), content, Buffer.from([0x80])])
}

function keySlice(blocks: number, shade: number): Uint8Array {
  const bits = new Bits()
  bits.golomb(0) // first block
  bits.golomb(7) // I, like all slices of the picture
  bits.golomb(0) // picture parameter set
  bits.put(0, 4) // frame_num
  bits.golomb(0) // idr_pic_id
  bits.put(0, 2) // no long-term reference
  bits.golomb(43) // slice_qp_delta +22: quantiser 48, so that one step of brightness is seen
  bits.golomb(1) // no deblocking
  // Two steps whose codes have the same length together, so that every key picture has the same size.
  brightnessStep(bits, shade)
  brightnessStep(bits, shades - 1 - shade)
  // Each other block as its neighbours are: Intra16x16, DC prediction, no residual; eight bits.
  for (let block = 2; block < blocks; block++) bits.put(0x27, 8)
  return Uint8Array.from([0x65, ...bits.end()])
}

/** A block that differs from its neighbours in nothing but brightness: one DC coefficient of ±2 to ±8. */
function brightnessStep(bits: Bits, prefix: number): void {
  bits.golomb(3) // Intra16x16, DC prediction
  bits.golomb(0) // chroma likewise
  bits.golomb(0) // same quantiser
  bits.put(0b000101, 6) // one coefficient, not ±1
  bits.put(1, prefix + 1)
  bits.put(1, 1) // and no zeros before it
}

function repeatSlice(blocks: number, number: number): Uint8Array {
  const bits = new Bits()
  bits.golomb(0)
  bits.golomb(5) // P
  bits.golomb(0)
  bits.put(number, 4) // frame_num
  bits.put(0, 3) // default references, in the default order, and no marking
  bits.golomb(0) // same quantiser
  bits.golomb(1) // no deblocking
  bits.golomb(blocks) // every block as in the picture before
  return Uint8Array.from([0x21, ...bits.end()])
}
