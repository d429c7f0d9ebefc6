import type { Clock } from '../../src/clock.ts'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets time pass, wait by wait, in order. */
  advance(ms: number): Promise<void>
  /** How long the waits under way still take, shortest first. */
  waits(): number[]
}

export function manualClock(startMs = 1_800_000_000_000): ManualClock {
  let now = 0
  const waiting = new Set<{ readonly at: number; done(): void }>()
  return {
    now: () => startMs + now,
    monotonic: () => now,
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          waiting.delete(entry)
          reject(signal?.reason)
        }
        const entry = {
          at: now + Math.max(0, ms),
          done() {
            waiting.delete(entry)
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        waiting.add(entry)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async advance(ms) {
      const until = now + ms
      await new Promise(setImmediate)
      for (;;) {
        const next = [...waiting].sort((a, b) => a.at - b.at)[0]
        if (!next || next.at > until) break
        now = next.at
        next.done()
        await new Promise(setImmediate)
      }
      now = until
    },
    waits: () => [...waiting].map(({ at }) => at - now).sort((a, b) => a - b),
  }
}

/** Waits until something is so; gives real I/O its turns. Throws after about five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000; turn++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`never became true: ${condition}`)
}
