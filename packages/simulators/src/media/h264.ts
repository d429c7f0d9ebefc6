import { Bits } from './bits.ts'
import { scene } from './picture.ts'
import { noise } from './prng.ts'

/** A baseline H.264 stream of independent pictures made of I_PCM macroblocks: no encoder, every decoder plays it. */
export interface H264Stream {
  readonly sps: Uint8Array
  readonly pps: Uint8Array
  /** Bytes of every frame, its 4-byte length included. */
  readonly frameBytes: number
  /** One access unit: a 4-byte length and an IDR slice. */
  frame(index: number): Uint8Array
}

const templateCount = 4

/** `width` and `height` are even; each 16×16 block of pixels costs 386 bytes a frame. */
export function h264Stream(seed: number | string, width: number, height: number): H264Stream {
  if (width % 2 !== 0 || height % 2 !== 0 || width < 16 || height < 16)
    throw new RangeError(`an H.264 picture needs an even width and height of at least 16, got ${width}x${height}`)
  const columns = Math.ceil(width / 16)
  const rows = Math.ceil(height / 16)
  const frameBytes = 8 + 386 * columns * rows
  const templates: (Uint8Array | undefined)[] = []
  return {
    sps: sequenceParameters(width, height),
    pps: pictureParameters(),
    frameBytes,
    frame(index) {
      const which = index % templateCount
      templates[which] ??= template(seed, which, columns, rows, frameBytes)
      const bytes = Buffer.from(templates[which])
      // Two IDR pictures in a row carry different idr_pic_id: 1 and 2 in Exp-Golomb take 3 bits each.
      bytes[6] = index % 2 === 0 ? 0x82 : 0x83
      // The frame's number as eight bright and dark pixels in a row: no two frames are alike.
      for (let digit = 0; digit < 8; digit++) bytes[9 + digit] = 32 + 12 * ((index >>> (digit * 4)) & 15)
      return bytes
    },
  }
}

function template(seed: number | string, step: number, columns: number, rows: number, frameBytes: number): Uint8Array {
  const bytes = Buffer.alloc(frameBytes)
  bytes.writeUInt32BE(frameBytes - 4)
  // NAL header (IDR), slice header, the first macroblock's type (I_PCM) and one alignment bit: exactly 32 bits.
  bytes.set([0x65, 0x88, 0x82, 0x28, 0x34], 4)
  const pixel = scene(seed, columns * 16, rows * 16, step)
  // Samples are never 0, so the stream never needs emulation prevention and every frame has the same size.
  const grain = noise(`${seed} grain ${step}`, 4096, 0, 15)
  let at = 9
  let grainAt = 0
  for (let block = 0; block < columns * rows; block++) {
    if (block > 0) {
      bytes[at++] = 0x0d
      bytes[at++] = 0x00
    }
    const left = (block % columns) * 16
    const top = Math.floor(block / columns) * 16
    for (let index = 0; index < 256; index++) {
      grainAt = (grainAt * 5 + 1) & 4095
      bytes[at++] = Math.min(250, pixel(left + (index & 15), top + (index >> 4))[0] + grain[grainAt]!)
    }
    for (const plane of [1, 2] as const)
      for (let index = 0; index < 64; index++)
        bytes[at++] = pixel(left + 2 * (index & 7), top + 2 * (index >> 3))[plane]!
  }
  bytes[at] = 0x80
  return bytes
}

/** `referenceFrames` is 0 where every picture stands for itself. */
export function sequenceParameters(width: number, height: number, referenceFrames = 0): Uint8Array {
  const columns = Math.ceil(width / 16)
  const rows = Math.ceil(height / 16)
  const bits = new Bits()
  bits.golomb(0) // seq_parameter_set_id
  bits.golomb(0) // log2_max_frame_num - 4
  bits.golomb(2) // pic_order_cnt_type: output order is decoding order
  bits.golomb(referenceFrames) // max_num_ref_frames
  bits.put(0, 1) // gaps_in_frame_num_value_allowed
  bits.golomb(columns - 1)
  bits.golomb(rows - 1)
  bits.put(1, 1) // frame_mbs_only
  bits.put(1, 1) // direct_8x8_inference
  const [right, bottom] = [(columns * 16 - width) / 2, (rows * 16 - height) / 2]
  bits.put(right > 0 || bottom > 0 ? 1 : 0, 1)
  if (right > 0 || bottom > 0) for (const edge of [0, right, 0, bottom]) bits.golomb(edge)
  bits.put(0, 1) // no VUI
  // Baseline, constrained, level 4.0.
  return Uint8Array.from([0x67, 66, 0xc0, 40, ...bits.end()])
}

export function pictureParameters(): Uint8Array {
  const bits = new Bits()
  bits.golomb(0) // pic_parameter_set_id
  bits.golomb(0) // seq_parameter_set_id
  bits.put(0, 2) // CAVLC, no extra picture order fields
  bits.golomb(0) // one slice group
  bits.golomb(0) // num_ref_idx_l0 - 1
  bits.golomb(0) // num_ref_idx_l1 - 1
  bits.put(0, 3) // no weighted prediction
  for (let field = 0; field < 3; field++) bits.golomb(0) // QP, QS, chroma offset
  bits.put(0b100, 3) // deblocking control present
  return Uint8Array.from([0x68, ...bits.end()])
}
