import type { Clock } from './clock.ts'

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

export interface RetryOptions extends RetryPolicy {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** No further tries once this is aborted; the one under way goes on. */
  readonly stop?: AbortSignal
  /** Random number in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number
}
