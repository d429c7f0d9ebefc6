/** Does one thing at a time, in the order of asking. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** How many are waiting or at work. */
  get length(): number {
    return this.#waiting
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++
    const mine = this.#tail.then(work)
    this.#tail = mine.catch(() => {})
    try {
      return await mine
    } finally {
      this.#waiting--
    }
  }
}
