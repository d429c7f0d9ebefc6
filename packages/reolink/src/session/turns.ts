/** One at a time, first come first served. */
export interface Turns {
  /** Resolves to the function that passes the turn on; calling it again does nothing. Throws the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>
}

/** Devices answer requests that come at the same time with resets. PROTOCOL.md §1.1. */
export function createTurns(): Turns {
  const waiting: (() => void)[] = []
  let busy = false

  const passer = () => {
    let held = true
    return () => {
      if (!held) return
      held = false
      const next = waiting.shift()
      if (next) next()
      else busy = false
    }
  }

  return {
    take(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        if (!busy) {
          busy = true
          return resolve(passer())
        }
        const mayGo = () => {
          signal.removeEventListener('abort', onAbort)
          resolve(passer())
        }
        const onAbort = () => {
          waiting.splice(waiting.indexOf(mayGo), 1)
          reject(signal.reason)
        }
        waiting.push(mayGo)
        signal.addEventListener('abort', onAbort, { once: true })
      })
    },
  }
}
