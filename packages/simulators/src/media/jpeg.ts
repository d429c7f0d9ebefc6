import { acTable, codesOf, dcTable, quantization, zigzag } from './jpeg-tables.ts'

/** One pixel of a picture as [Y, Cb, Cr], each 0…255. */
export type Pixel = (x: number, y: number) => readonly [number, number, number]

const dcCodes = codesOf(dcTable)
const acCodes = codesOf(acTable)
const cosines = Array.from({ length: 64 }, (_, index) => {
  const [frequency, sample] = [index >> 3, index & 7]
  return (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * sample + 1) * frequency * Math.PI) / 16)
})

/** A baseline JFIF picture, 4:4:4, with the tables of Annex K. */
export function encodeJpeg(width: number, height: number, pixel: Pixel): Uint8Array {
  return Buffer.concat([jpegHeader(width, height), scan(width, height, pixel), Buffer.from([0xff, 0xd9])])
}

/** The same picture with a comment right after its start: decoders skip it, so it makes a picture larger and unique. */
export function withComment(jpeg: Uint8Array, comment: Uint8Array): Uint8Array {
  if (comment.length > 65533) throw new RangeError(`a JPEG comment holds at most 65533 bytes, got ${comment.length}`)
  return Buffer.concat([jpeg.subarray(0, 2), segment(0xfe, comment), jpeg.subarray(2)])
}

function segment(marker: number, payload: Uint8Array | readonly number[]): Buffer {
  const head = Buffer.from([0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 255])
  return Buffer.concat([head, Uint8Array.from(payload)])
}

/** Everything of a baseline picture before its first block. */
export function jpegHeader(width: number, height: number): Buffer {
  const size = [height >> 8, height & 255, width >> 8, width & 255]
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...zigzag.map((index) => quantization[index]!)]),
    segment(0xc0, [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    ...[dcTable, acTable].map((table) =>
      segment(0xc4, [(table.class << 4) | table.id, ...table.counts, ...table.values]),
    ),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
  ])
}

function scan(width: number, height: number, pixel: Pixel): Buffer {
  const bytes: number[] = []
  let pending = 0
  let pendingBits = 0
  const put = (value: number, bits: number) => {
    for (let bit = bits - 1; bit >= 0; bit--) {
      pending = (pending << 1) | ((value >> bit) & 1)
      if (++pendingBits === 8) {
        bytes.push(pending)
        if (pending === 0xff) bytes.push(0)
        pending = 0
        pendingBits = 0
      }
    }
  }
  const lastDc = [0, 0, 0]
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const planes = [new Float64Array(64), new Float64Array(64), new Float64Array(64)]
      for (let index = 0; index < 64; index++) {
        // Blocks that stick out repeat the last row and column.
        const values = pixel(Math.min(left + (index & 7), width - 1), Math.min(top + (index >> 3), height - 1))
        for (let plane = 0; plane < 3; plane++) planes[plane]![index] = values[plane]! - 128
      }
      for (let plane = 0; plane < 3; plane++) lastDc[plane] = putBlock(put, transform(planes[plane]!), lastDc[plane]!)
    }
  }
  if (pendingBits > 0) put(0x7f, 8 - pendingBits)
  return Buffer.from(bytes)
}

/** Quantized coefficients in zigzag order. */
function transform(samples: Float64Array): number[] {
  const rows = new Float64Array(64)
  for (let y = 0; y < 8; y++)
    for (let u = 0; u < 8; u++) {
      let sum = 0
      for (let x = 0; x < 8; x++) sum += samples[y * 8 + x]! * cosines[u * 8 + x]!
      rows[y * 8 + u] = sum
    }
  return zigzag.map((index) => {
    const [v, u] = [index >> 3, index & 7]
    let sum = 0
    for (let y = 0; y < 8; y++) sum += rows[y * 8 + u]! * cosines[v * 8 + y]!
    return Math.round(sum / quantization[index]!)
  })
}

function putBlock(put: (value: number, bits: number) => void, block: readonly number[], lastDc: number): number {
  const difference = block[0]! - lastDc
  const dcBits = bitLength(difference)
  putCode(put, dcCodes.get(dcBits)!)
  putMagnitude(put, difference, dcBits)
  let zeros = 0
  for (let index = 1; index < 64; index++) {
    const value = block[index]!
    if (value === 0) {
      zeros++
      continue
    }
    for (; zeros > 15; zeros -= 16) putCode(put, acCodes.get(0xf0)!)
    const bits = bitLength(value)
    putCode(put, acCodes.get((zeros << 4) | bits)!)
    putMagnitude(put, value, bits)
    zeros = 0
  }
  if (zeros > 0) putCode(put, acCodes.get(0)!)
  return block[0]!
}

function putCode(put: (value: number, bits: number) => void, { code, bits }: { code: number; bits: number }): void {
  put(code, bits)
}

function putMagnitude(put: (value: number, bits: number) => void, value: number, bits: number): void {
  put(value < 0 ? value + (1 << bits) - 1 : value, bits)
}

function bitLength(value: number): number {
  return 32 - Math.clz32(Math.abs(value))
}
