/** The only way to read or spend time, so that tests need not sleep. */
export interface Clock {
  /** Wall clock, epoch milliseconds. For records only. */
  now(): number
  /** Never jumps. For durations, deadlines and speeds. */
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's own reason. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        Math.min(Math.max(ms, 0), 2 ** 31 - 1),
      )
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
}
