/** At most `size` at a time per key, first come first served. */
export interface Slots {
  /** Resolves to the function that gives the slot back; calling it again does nothing. Throws the signal's reason. */
  take(key: string, signal: AbortSignal): Promise<() => void>
}

/** `size` slots, given in the order they were asked for. */
export function createSlots(size: number): Slots {
  const lines = new Map<string, { busy: number; readonly waiting: (() => void)[] }>()
  const release = (key: string) => {
    let held = true
    return () => {
      if (!held) return
      held = false
      const line = lines.get(key)!
      const next = line.waiting.shift()
      if (next) return next()
      line.busy--
      if (line.busy === 0) lines.delete(key)
    }
  }
  return {
    take(key, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const line = lines.get(key) ?? { busy: 0, waiting: [] }
        lines.set(key, line)
        if (line.busy < size) {
          line.busy++
          return resolve(release(key))
        }
        const mayGo = () => {
          signal.removeEventListener('abort', onAbort)
          resolve(release(key))
        }
        const onAbort = () => {
          line.waiting.splice(line.waiting.indexOf(mayGo), 1)
          reject(signal.reason)
        }
        line.waiting.push(mayGo)
        signal.addEventListener('abort', onAbort, { once: true })
      })
    },
  }
}
