/** Bits on their way into an H.264 unit. */
export class Bits {
  readonly #bits: number[] = []

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push((value >> bit) & 1)
  }

  /** An unsigned Exp-Golomb code. */
  golomb(value: number): void {
    const length = 32 - Math.clz32(value + 1)
    this.put(0, length - 1)
    this.put(value + 1, length)
  }

  /** Adds the stop bit and fills the last byte. */
  end(): number[] {
    this.put(1, 1)
    while (this.#bits.length % 8 !== 0) this.#bits.push(0)
    return Array.from({ length: this.#bits.length / 8 }, (_, at) =>
      this.#bits.slice(at * 8, at * 8 + 8).reduce((byte, bit) => (byte << 1) | bit, 0),
    )
  }
}
