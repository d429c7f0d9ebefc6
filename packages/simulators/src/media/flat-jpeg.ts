import { jpegHeader } from './jpeg.ts'
import { acTable, codesOf, dcTable, quantization } from './jpeg-tables.ts'

/** The colour of a block of 8×8 pixels as [Y, Cb, Cr], each 0…255; it is met to within one. */
export type FlatColour = readonly [number, number, number]

const dcCodes = Array.from({ length: 12 }, (_, size) => codesOf(dcTable).get(size)!)
const endOfBlock = codesOf(acTable).get(0)!

/** Rows of blocks that are all alike. */
export interface FlatBand {
  /** How many rows of blocks. */
  readonly rows: number
  /** One of them, as `flatRow` makes it. */
  readonly row: Uint8Array
}

/**
 * A baseline JFIF picture of blocks of one colour each. It has no coefficient but the first of each block, and every
 * row of blocks is an interval of its own, so that a band takes one encoded row: also a large picture takes a moment.
 */
export function flatJpeg(width: number, height: number, bands: readonly FlatBand[]): Uint8Array {
  const columns = Math.ceil(width / 8)
  const head = jpegHeader(width, height)
  // Right before the start of the scan, which is 14 bytes long.
  const intervals = Buffer.from([0xff, 0xdd, 0, 4, columns >> 8, columns & 255])
  const pieces: Uint8Array[] = [head.subarray(0, -14), intervals, head.subarray(-14)]
  let before = 0
  for (const { rows, row } of bands)
    for (let one = 0; one < rows; one++, before++) {
      if (before > 0) pieces.push(restarts[(before - 1) & 7]!)
      pieces.push(row)
    }
  return Buffer.concat([...pieces, Buffer.from([0xff, 0xd9])])
}

const restarts = Array.from({ length: 8 }, (_, number) => Buffer.from([0xff, 0xd0 + number]))

/** A row of blocks, given the colour of each. */
export function flatRow(colours: readonly FlatColour[]): Uint8Array {
  const bits = new BitWriter(colours.length * 3)
  const last = [0, 0, 0]
  for (const colour of colours)
    for (let plane = 0; plane < 3; plane++) {
      const level = Math.round(((colour[plane]! - 128) * 8) / quantization[0]!)
      const difference = level - last[plane]!
      last[plane] = level
      const size = 32 - Math.clz32(Math.abs(difference))
      const { code, bits: length } = dcCodes[size]!
      bits.put(code, length)
      if (size > 0) bits.put(difference < 0 ? difference + (1 << size) - 1 : difference, size)
      bits.put(endOfBlock.code, endOfBlock.bits)
    }
  return bits.end()
}

/** Bits into bytes, with a zero after each 0xff. */
class BitWriter {
  #bytes: Uint8Array
  #length = 0
  #pending = 0
  #count = 0

  constructor(guess: number) {
    this.#bytes = new Uint8Array(Math.max(1024, guess))
  }

  /** At most 16 bits. */
  put(value: number, bits: number): void {
    this.#pending = ((this.#pending << bits) | value) & 0xffffff
    this.#count += bits
    while (this.#count >= 8) {
      this.#count -= 8
      this.#byte((this.#pending >> this.#count) & 255)
    }
  }

  end(): Uint8Array {
    if (this.#count > 0) this.put((1 << (8 - this.#count)) - 1, 8 - this.#count)
    return this.#bytes.subarray(0, this.#length)
  }

  #byte(value: number): void {
    if (this.#length + 2 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length++] = value
    if (value === 0xff) this.#bytes[this.#length++] = 0
  }
}
