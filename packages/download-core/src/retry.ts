import type { Clock } from './clock.ts'
import { isCamError } from './footage/errors.ts'

/** When to try again. */
export interface RetryPolicy {
  /** Retries after the first try that brought no progress; progress starts the count anew. Default 3. */
  readonly retries?: number
  /** Wait before the first retry; doubles each time, with full jitter. Default 1,000. */
  readonly delayMs?: number
  /** Longest wait between two tries. Default 60,000. */
  readonly maxDelayMs?: number
  /** `fixed`: always `delayMs`, no jitter. Default `exponential`. */
  readonly growth?: 'exponential' | 'fixed'
  /** Longest wait a server may ask for. Default 600,000; a longer one ends the tries. */
  readonly maxRetryAfterMs?: number
}

/** One failed try, about to be followed by another. */
export interface Retrying {
  /** 1 for the first retry. */
  readonly attempt: number
  readonly ofAttempts: number
  readonly inMs: number
  readonly error: unknown
}

/** A policy, with the time and the signals of one call. */
export interface RetryOptions extends RetryPolicy {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** No further tries once this is aborted; the one under way goes on. */
  readonly stop?: AbortSignal
  /** Random number in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number
}

/** New bytes that make a failed try count as progress: 64 KiB. */
export const progressBytes = 65_536

/** What is left of a policy's tries. */
export interface RetryBudget {
  /**
   * The wait before the next try, or `undefined` where there is none: the error is not retryable, the tries are used up, or
   * the server asks for a longer wait than the policy allows. `progressed`: the failed try brought at least `progressBytes`.
   */
  next(error: unknown, progressed: boolean): Omit<Retrying, 'error'> | undefined
}

/** Counts consecutive tries without progress. Pure: it neither waits nor calls anything but `random`. */
export function createRetryBudget(policy: RetryPolicy, random: () => number = Math.random): RetryBudget {
  const { retries = 3, delayMs = 1000, maxDelayMs = 60_000, growth = 'exponential', maxRetryAfterMs = 600_000 } = policy
  let used = 0
  return {
    next(error, progressed) {
      if (progressed) used = 0
      // An error that is not ours is a bug, and repeating a bug does not mend it.
      if (!isCamError(error) || !error.retryable || used >= retries) return undefined
      const asked = 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0
      if (asked > maxRetryAfterMs) return undefined
      const own =
        growth === 'fixed' ? delayMs : Math.round(random() * Math.min(maxDelayMs, delayMs * 2 ** Math.min(used, 40)))
      used++
      return { attempt: used, ofAttempts: retries, inMs: Math.max(asked, own) }
    },
  }
}

/** One try, as the function being retried sees it. */
export interface Try {
  /** 1 for the first try of all; never starts anew. */
  readonly number: number
  /** Reports bytes that need not be fetched again. */
  progress(bytes: number): void
}

/**
 * Calls `attempt` until it succeeds or the policy ends the tries; then its last error is thrown as it is.
 * An abort of `signal` throws the signal's own reason. Nothing but retryable CamErrors is tried again.
 */
export async function retry<T>(
  attempt: (current: Try) => Promise<T>,
  options: RetryOptions & { readonly onRetrying?: (retrying: Retrying) => void },
): Promise<T> {
  const { clock, signal, stop } = options
  const budget = createRetryBudget(options, options.random)
  for (let number = 1; ; number++) {
    signal.throwIfAborted()
    let bytes = 0
    try {
      return await attempt({
        number,
        progress(more) {
          bytes += more
        },
      })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const next = stop?.aborted ? undefined : budget.next(error, bytes >= progressBytes)
      if (!next) throw error
      options.onRetrying?.({ ...next, error })
      if (!(await waitUnlessStopped(clock, next.inMs, signal, stop))) throw error
    }
  }
}

/** False when `stop` came first; throws the reason of `signal`. For loops of their own that use a `RetryBudget`. */
export async function waitUnlessStopped(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  stop?: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted()
  if (!stop) return clock.wait(ms, signal).then(() => true)
  if (stop.aborted) return false
  // Not AbortSignal.any: on Node 20 it keeps an entry on both signals for as long as they live, and these live for the whole run.
  const either = new AbortController()
  const end = () => either.abort()
  signal.addEventListener('abort', end, { once: true })
  stop.addEventListener('abort', end, { once: true })
  try {
    await clock.wait(ms, either.signal)
    return true
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (stop.aborted) return false
    throw error
  } finally {
    signal.removeEventListener('abort', end)
    stop.removeEventListener('abort', end)
  }
}
