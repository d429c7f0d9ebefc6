/** The only way a simulator reads or spends time, so that a test can hand in its own. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's own reason. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const realClock: SimulatorClock = {
  now: () => Date.now(),
  wait(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        },
        Math.min(Math.max(ms, 0), 2 ** 31 - 1),
      )
      signal?.addEventListener('abort', stop, { once: true })
    })
  },
}
