import type { Clock } from '@cam/download-core/source'

/** One clock for client and device: it goes on to the next moment somebody waits for, once nothing else happens. */
export interface DrivenClock extends Clock {
  /** Lets time pass until this moment. */
  runUntil(at: number): Promise<void>
  readonly waiting: number
}

/** More than any exchange on loopback takes: client and device share this thread, so each turn brings it on. */
const quietTurns = 10

/** `activity`: any number that changes while something happens. */
export function drivenClock(startMs: number, activity: () => number): DrivenClock {
  let passed = 0
  let changes = 0
  const waits = new Set<{ readonly at: number; done(): void }>()
  async function quiet(): Promise<void> {
    let turns = 0
    let seen = -1
    while (turns < quietTurns) {
      await new Promise((resolve) => setImmediate(resolve))
      const now = changes + activity()
      turns = now === seen ? turns + 1 : 0
      seen = now
    }
  }
  return {
    now: () => startMs + passed,
    monotonic: () => passed,
    get waiting() {
      return waits.size
    },
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        changes++
        const end = () => {
          changes++
          waits.delete(entry)
          signal?.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          end()
          reject(signal?.reason)
        }
        const entry = {
          at: passed + Math.max(0, ms),
          done() {
            end()
            resolve()
          },
        }
        waits.add(entry)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async runUntil(at) {
      for (;;) {
        await quiet()
        let next: { readonly at: number; done(): void } | undefined
        for (const wait of waits) if (!next || wait.at < next.at) next = wait
        if (!next || startMs + next.at > at) break
        passed = Math.max(passed, next.at)
        // All of the same moment at once.
        for (const wait of [...waits]) if (wait.at <= passed) wait.done()
      }
      passed = Math.max(passed, at - startMs)
    },
  }
}
