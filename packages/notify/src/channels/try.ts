import { type Clock, retry, TimeoutError } from '@cam/download-core/source'

/** Time and signal of one delivery. */
export interface Trying {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For each try, from its first to its last byte. */
  readonly timeoutMs: number
  /** What is tried, for messages: the target's label. */
  readonly what: string
}

/** After the first try. */
const retries = 2

/**
 * Tries up to three times what may be tried again. A notification must not hold up a run for long: a server that asks for a
 * wait of more than half a minute is not waited for.
 */
export function tryDelivery(attempt: (signal: AbortSignal) => Promise<void>, trying: Trying): Promise<void> {
  const policy = { retries, delayMs: 1000, maxRetryAfterMs: 30_000 }
  return retry(() => withinTime(attempt, trying), { ...policy, clock: trying.clock, signal: trying.signal })
}

/** One try that ends with a TimeoutError when its time is up, and with the signal's own reason when that is aborted. */
export async function withinTime(
  attempt: (signal: AbortSignal) => Promise<void>,
  { clock, signal, timeoutMs, what }: Trying,
): Promise<void> {
  signal.throwIfAborted()
  const own = new AbortController()
  const timer = new AbortController()
  const onAbort = () => own.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  clock.wait(timeoutMs, timer.signal).then(
    () => {
      const words = `${what}: not done within ${timeoutMs / 1000} s.`
      if (!timer.signal.aborted) own.abort(new TimeoutError(words, { phase: 'slow', limitMs: timeoutMs }))
    },
    () => {},
  )
  try {
    await attempt(own.signal)
  } catch (error) {
    if (own.signal.aborted) throw own.signal.reason
    throw error
  } finally {
    timer.abort()
    signal.removeEventListener('abort', onAbort)
  }
}
