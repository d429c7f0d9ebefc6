import { jpegHeader } from './jpeg.ts'
import { acTable, codesOf, dcTable, quantization } from './jpeg-tables.ts'

/** The colour of a block of 8×8 pixels as [Y, Cb, Cr], each 0…255; it is met to within one. */
export type FlatColour = readonly [number, number, number]

const dcCodes = codesOf(dcTable)
const endOfBlock = codesOf(acTable).get(0)!

/**
 * A baseline JFIF picture of blocks of one colour each, given as an index into `colours` by column and row. It has no
 * coefficient but the first of each block, so a large one takes milliseconds.
 */
export function flatJpeg(
  width: number,
  height: number,
  colours: readonly FlatColour[],
  colourAt: (column: number, row: number) => number,
): Uint8Array {
  const levels = colours.map((colour) => colour.map((value) => Math.round(((value - 128) * 8) / quantization[0]!)))
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)]
  const bits = new BitWriter(columns * rows * 3)
  const last = [0, 0, 0]
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const level = levels[colourAt(column, row)]!
      for (let plane = 0; plane < 3; plane++) {
        const difference = level[plane]! - last[plane]!
        last[plane] = level[plane]!
        const size = 32 - Math.clz32(Math.abs(difference))
        const { code, bits: length } = dcCodes.get(size)!
        bits.put(code, length)
        if (size > 0) bits.put(difference < 0 ? difference + (1 << size) - 1 : difference, size)
        bits.put(endOfBlock.code, endOfBlock.bits)
      }
    }
  return Buffer.concat([jpegHeader(width, height), bits.end(), Buffer.from([0xff, 0xd9])])
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
