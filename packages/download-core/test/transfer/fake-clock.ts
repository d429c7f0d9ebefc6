import type { Clock } from '../../src/clock.ts'

/** Time that passes only when told to. */
export interface FakeClock extends Clock {
  advance(ms: number): void
}

export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let passed = 0
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>()
  return {
    now: () => start + passed,
    monotonic: () => passed,
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          if (waiting.delete(entry)) reject(signal?.reason)
        }
        const entry = {
          at: passed + ms,
          resolve() {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        waiting.add(entry)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    advance(ms) {
      passed += ms
      for (const entry of [...waiting].sort((a, b) => a.at - b.at)) {
        if (entry.at <= passed && waiting.delete(entry)) entry.resolve()
      }
    },
  }
}
