import type { Clock } from '../clock.ts'

/** Calls `late` after `ms`, unless the returned function is called first. */
export function deadline(clock: Clock, ms: number, late: () => void): () => void {
  const cancel = new AbortController()
  clock.wait(ms, cancel.signal).then(
    () => {
      if (!cancel.signal.aborted) late()
    },
    () => {},
  )
  return () => cancel.abort()
}

/** Measures only the time in which somebody waits for data. */
export interface IdleWatch {
  waiting(): void
  fed(): void
  end(): void
}

/** Calls `idle` once somebody has waited for `idleMs` without being fed. */
export function idleWatch(clock: Clock, idleMs: number, idle: () => void): IdleWatch {
  let since: number | undefined
  let cancel: (() => void) | undefined
  let ended = false
  // One timer is rearmed lazily: chunks arrive tens of thousands of times per gigabyte.
  const arm = (ms: number) => {
    cancel = deadline(clock, ms, () => {
      cancel = undefined
      if (ended || since === undefined) return
      const left = idleMs - (clock.monotonic() - since)
      if (left <= 0) idle()
      else arm(left)
    })
  }
  return {
    waiting() {
      since = clock.monotonic()
      if (!cancel && !ended) arm(idleMs)
    },
    fed() {
      since = undefined
    },
    end() {
      ended = true
      cancel?.()
    },
  }
}
