import type { SimulatorClock } from '../kit/clock.ts'

/** Counts wrong passwords of an account and locks it. */
export class Lock {
  readonly #clock: SimulatorClock
  readonly #wrong = new Map<string, number>()
  readonly #tried = new Set<string>()
  readonly #lockedUntil = new Map<string, number>()

  constructor(clock: SimulatorClock) {
    this.#clock = clock
  }

  /** Milliseconds until it opens; 0 where it is open. */
  left(user: string): number {
    const left = (this.#lockedUntil.get(user) ?? 0) - this.#clock.now()
    if (left <= 0 && this.#lockedUntil.delete(user)) this.#wrong.delete(user)
    return Math.max(0, left)
  }

  /** Whether these were refused before; remembers them. */
  triedBefore(user: string, password: string): boolean {
    const tried = JSON.stringify([user, password])
    const before = this.#tried.has(tried)
    if (this.#tried.size < 1000) this.#tried.add(tried)
    return before
  }

  /** Gives how many tries are left. */
  wrong(user: string, tries: number, lockMs: number): number {
    const wrong = (this.#wrong.get(user) ?? 0) + 1
    // Names nobody has would fill it without end.
    if (this.#wrong.size < 1000) this.#wrong.set(user, wrong)
    if (wrong >= tries) this.#lockedUntil.set(user, this.#clock.now() + lockMs)
    return Math.max(0, tries - wrong)
  }

  right(user: string): void {
    this.#wrong.delete(user)
  }
}
