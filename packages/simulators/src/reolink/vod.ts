/** The one part of the device that reads recordings, which bears little. */
export class Vod {
  #reading = 0
  #preparing = false
  #broken = 0
  /** The most downloads there ever were at once. */
  maximum = 0

  get reading(): number {
    return this.#reading
  }

  /** How many downloads were broken since it was last restarted. */
  get broken(): number {
    return this.#broken
  }

  /** Call what it returns when the body has ended; undefined where it is busy. */
  begin(limit: number): (() => void) | undefined {
    if (this.#reading >= limit) return undefined
    this.maximum = Math.max(this.maximum, ++this.#reading)
    let open = true
    return () => {
      if (open) this.#reading--
      open = false
    }
  }

  breaks(): void {
    this.#broken++
  }

  unwedge(): void {
    this.#broken = 0
  }

  /** Whether it was free; it prepares one file at a time. */
  async prepare(work: () => Promise<void>): Promise<boolean> {
    if (this.#preparing) return false
    this.#preparing = true
    try {
      await work()
    } finally {
      this.#preparing = false
    }
    return true
  }
}
