/** A decoder for the brightness of baseline 4:4:4 pictures, written from ITU-T T.81. */
export function lumaOf(jpeg: Uint8Array): { width: number; height: number; luma: Uint8Array } {
  const at16 = (at: number) => (jpeg[at]! << 8) | jpeg[at + 1]!
  if (at16(0) !== 0xffd8) throw new Error('no start of image')
  const quantization = new Map<number, number[]>()
  const huffman = new Map<number, Map<string, number>>()
  let interval = Number.POSITIVE_INFINITY
  let [width, height, at] = [0, 0, 2]
  for (; at16(at) !== 0xffda; at += 2 + at16(at + 2)) {
    const [marker, end] = [at16(at), at + 2 + at16(at + 2)]
    if (marker === 0xffc0) [height, width] = [at16(at + 5), at16(at + 7)]
    if (marker === 0xffdd) interval = at16(at + 4)
    if (marker === 0xffdb) quantization.set(jpeg[at + 4]!, [...jpeg.subarray(at + 5, at + 69)])
    if (marker === 0xffc4) huffman.set(jpeg[at + 4]!, codes(jpeg.subarray(at + 5, end)))
  }
  const bits = bitsOf(jpeg, at + 2 + at16(at + 2))
  const symbol = (table: Map<string, number>) => {
    for (let code = ''; code.length <= 16; ) {
      code += bits.next()
      const value = table.get(code)
      if (value !== undefined) return value
    }
    throw new Error('no such code')
  }
  const number = (size: number) => {
    let value = 0
    for (let bit = 0; bit < size; bit++) value = value * 2 + bits.next()
    return size > 0 && value < 2 ** (size - 1) ? value - 2 ** size + 1 : value
  }
  const luma = new Uint8Array(width * height)
  let last = [0, 0, 0]
  let blocks = 0
  for (let top = 0; top < height; top += 8)
    for (let left = 0; left < width; left += 8) {
      if (blocks > 0 && blocks % interval === 0) {
        if (bits.marker() !== 0xffd0 + ((blocks / interval - 1) & 7)) throw new Error('no restart where one is due')
        last = [0, 0, 0]
      }
      blocks++
      for (let plane = 0; plane < 3; plane++) {
        last[plane]! += number(symbol(huffman.get(0)!))
        for (let coefficient = 1; coefficient < 64; coefficient++) {
          const run = symbol(huffman.get(0x10)!)
          if (run === 0) break
          coefficient += run >> 4
          if (number(run & 15) !== 0) throw new Error('this reads blocks of one colour alone')
        }
        if (plane > 0) continue
        const value = Math.round((last[0]! * quantization.get(0)![0]!) / 8 + 128)
        for (let y = top; y < Math.min(top + 8, height); y++)
          luma.fill(value, y * width + left, y * width + Math.min(left + 8, width))
      }
    }
  if (bits.marker() !== 0xffd9) throw new Error('no end of image after the last block')
  return { width, height, luma }
}

function codes(segment: Uint8Array): Map<string, number> {
  const table = new Map<string, number>()
  let [code, next] = [0, 16]
  for (let bits = 1; bits <= 16; bits++, code *= 2)
    for (let taken = 0; taken < segment[bits - 1]!; taken++)
      table.set((code++).toString(2).padStart(bits, '0'), segment[next++]!)
  return table
}

function bitsOf(bytes: Uint8Array, from: number) {
  let [at, bit] = [from, 0]
  return {
    next(): number {
      const value = (bytes[at]! >> (7 - bit)) & 1
      if (++bit === 8) {
        bit = 0
        if (bytes[at++] === 0xff && bytes[at++] !== 0) throw new Error('the scan ends early')
      }
      return value
    },
    /** The marker after the bits that fill the last byte. */
    marker(): number {
      if (bit > 0) at += bytes[at] === 0xff ? 2 : 1
      bit = 0
      at += 2
      return (bytes[at - 2]! << 8) | bytes[at - 1]!
    },
  }
}
