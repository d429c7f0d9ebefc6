import type { Clock } from '../clock.ts'

/** Lets one loop sleep until something has changed. */
export interface Wake {
  up(): void
  /** Resolves after the next `up`, or after `ms`. One that came since the last wait counts. */
  wait(ms: number | undefined): Promise<void>
  /** Wakes on abort, until disposed. */
  on(...signals: AbortSignal[]): Disposable
}

/** A wake that nobody has called yet. */
export function createWake(clock: Clock): Wake {
  let changed = false
  let resolve = () => {}
  const up = () => {
    changed = true
    resolve()
  }
  return {
    up,
    async wait(ms) {
      if (!changed) {
        const timer = new AbortController()
        await new Promise<void>((wake) => {
          resolve = wake
          if (ms !== undefined) clock.wait(ms, timer.signal).then(wake, () => {})
        })
        timer.abort()
      }
      changed = false
    },
    on(...signals) {
      for (const signal of signals) signal.addEventListener('abort', up, { once: true })
      return {
        [Symbol.dispose]() {
          for (const signal of signals) signal.removeEventListener('abort', up)
        },
      }
    },
  }
}
