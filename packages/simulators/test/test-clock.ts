import type { SimulatorClock } from '../src/kit/clock.ts'

/** Time stands until somebody moves it; `leaping` moves by itself as far as anybody wants to wait. */
export class TestClock implements SimulatorClock {
  #now = Date.UTC(2026, 3, 1)
  readonly #leaping: boolean
  readonly #waiting = new Set<{ until: number; wake: () => void }>()
  /** Milliseconds anybody wanted to wait. */
  waited = 0

  constructor(o: { leaping?: boolean } = {}) {
    this.#leaping = o.leaping ?? false
  }

  now(): number {
    return this.#now
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waited += ms
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#leaping) {
      this.#now += ms
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const entry = { until: this.#now + ms, wake: resolve }
      this.#waiting.add(entry)
      signal?.addEventListener('abort', () => {
        this.#waiting.delete(entry)
        reject(signal.reason)
      })
    })
  }

  advance(ms: number): void {
    this.#now += ms
    for (const entry of this.#waiting) {
      if (entry.until > this.#now) continue
      this.#waiting.delete(entry)
      entry.wake()
    }
  }
}
