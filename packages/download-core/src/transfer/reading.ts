import type { Clock } from '../clock.ts'
import { TimeoutError } from '../footage/errors.ts'

/** How slow a body may come. */
export interface ReadingLimits {
  readonly clock: Clock
  readonly idleMs: number
  readonly minBytesPerSecond: number
  /** Ends the reading with its own reason. */
  readonly signal: AbortSignal
}

/** A body read with an eye on the clock. */
export interface Reading {
  /** The next chunk, `undefined` at the end. Throws TimeoutError when the other side stalls or drips. */
  next(): Promise<Uint8Array | undefined>
  /** The body came to its own end. */
  readonly ended: boolean
  /** Closes the body without waiting for it: one that hangs would not even answer this. */
  close(): void
}

/** Only time spent waiting for the other side counts: our own speed limit and a slow disk never look like a stall. */
export function createReading(body: AsyncIterable<Uint8Array>, limits: ReadingLimits): Reading {
  const { clock, idleMs, minBytesPerSecond, signal } = limits
  const iterator = body[Symbol.asyncIterator]()
  const watch = new AbortController()
  let interrupt: ((reason: unknown) => void) | undefined
  let waitingSince = 0
  let watching = false
  let open = true
  let ended = false
  let waitedMs = 0
  let arrived = 0

  const onAbort = () => interrupt?.(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })

  async function watchIdle(): Promise<void> {
    for (;;) {
      const left = interrupt ? waitingSince + idleMs - clock.monotonic() : idleMs
      if (left <= 0) {
        interrupt?.(new TimeoutError(`No byte arrived for ${idleMs / 1000} s.`, { phase: 'idle', limitMs: idleMs }))
        return
      }
      await clock.wait(left, watch.signal)
    }
  }

  function slow(): TimeoutError | undefined {
    if (waitedMs < idleMs) return undefined
    const few = arrived < (minBytesPerSecond * waitedMs) / 1000
    const error = new TimeoutError(`Only ${arrived} bytes arrived in ${Math.round(waitedMs / 1000)} s.`, {
      phase: 'slow',
      limitMs: idleMs,
    })
    waitedMs = 0
    arrived = 0
    return few ? error : undefined
  }

  function close(): void {
    watch.abort()
    signal.removeEventListener('abort', onAbort)
    if (!open) return
    open = false
    iterator.return?.().then(undefined, () => {})
  }

  return {
    get ended() {
      return ended
    },
    async next() {
      if (signal.aborted) throw signal.reason
      waitingSince = clock.monotonic()
      const result = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        interrupt = reject
        iterator.next().then(resolve, reject)
        if (!watching) {
          watching = true
          watchIdle().catch(() => {})
        }
      }).finally(() => {
        interrupt = undefined
      })
      if (result.done) {
        ended = true
        open = false
        close()
        return undefined
      }
      waitedMs += clock.monotonic() - waitingSince
      arrived += result.value.byteLength
      const error = slow()
      if (error) throw error
      return result.value
    },
    close,
  }
}
