/** Bits on their way into an H.264 unit. */
export class Bits {
  readonly #bytes: number[] = []
  /** Bits of the byte that is not full yet, and how many. */
  #part = 0
  #partBits = 0

  put(value: number, count: number): void {
    let left = count
    while (left > 0) {
      const taken = Math.min(left, 8 - this.#partBits)
      left -= taken
      this.#part = (this.#part << taken) | ((value >>> left) & ((1 << taken) - 1))
      this.#partBits += taken
      if (this.#partBits < 8) continue
      this.#bytes.push(this.#part)
      this.#part = 0
      this.#partBits = 0
    }
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
    if (this.#partBits > 0) this.put(0, 8 - this.#partBits)
    return this.#bytes
  }
}
