import type { Clock } from '@cam/download-core/source'

/** A clock for tests: nobody sleeps. */
export interface TestClock extends Clock {
  /** Every wait that was asked for and not given up. */
  readonly waited: number[]
  /** Moves on: whoever waits for no longer than that is woken. */
  advance(ms: number): void
}

/** `leaps`: waits of up to so many milliseconds, or those picked, are over at once; others last until `advance`. */
export function testClock(o: { leaps?: number | ((ms: number) => boolean); start?: number } = {}): TestClock {
  const { leaps = 0, start = Date.UTC(2026, 4, 4, 10, 0, 7) } = o
  let passed = 0
  const waited: number[] = []
  const waiting = new Set<{ readonly at: number; wake(): void }>()
  return {
    waited,
    now: () => start + passed,
    monotonic: () => passed,
    async wait(ms, signal) {
      signal?.throwIfAborted()
      if (typeof leaps === 'number' ? ms <= leaps : leaps(ms)) {
        waited.push(ms)
        passed += ms
        return
      }
      await new Promise<void>((resolve, reject) => {
        const entry = { at: passed + ms, wake: resolve }
        waiting.add(entry)
        signal?.addEventListener(
          'abort',
          () => {
            waiting.delete(entry)
            reject(signal.reason)
          },
          { once: true },
        )
      })
    },
    advance(ms) {
      passed += ms
      for (const entry of waiting) {
        if (entry.at > passed) continue
        waiting.delete(entry)
        entry.wake()
      }
    },
  }
}

/** Waits until something is so, while real sockets and processes get their turns. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000; turn++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`never became true: ${condition}`)
}
