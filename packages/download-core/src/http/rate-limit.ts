import { type Clock, systemClock } from '../clock.ts'

/** Spreads requests over time. */
export interface RequestRate {
  /** Resolves when the next request may go out. Throws the signal's reason. */
  take(signal: AbortSignal): Promise<void>
}

const shared = new WeakMap<Clock, Map<string, { nextAt: number }>>()

/**
 * At most `perSecond` requests per second, shared by everything in this process that uses the same key (an account, a
 * console). Up to `burst` (default 1) may go out at once after a pause. Throws RangeError unless both are above 0.
 */
export function requestRate(
  key: string,
  options: { readonly perSecond: number; readonly burst?: number; readonly clock?: Clock },
): RequestRate {
  const { perSecond, burst = 1, clock = systemClock } = options
  if (!(perSecond > 0) || !(burst >= 1)) {
    throw new RangeError(`perSecond must be above 0 and burst at least 1; received ${perSecond} and ${burst}.`)
  }
  const states = shared.get(clock) ?? new Map<string, { nextAt: number }>()
  shared.set(clock, states)
  const state = states.get(key) ?? { nextAt: Number.NEGATIVE_INFINITY }
  states.set(key, state)
  const intervalMs = 1000 / perSecond
  return {
    async take(signal) {
      signal.throwIfAborted()
      const now = clock.monotonic()
      // The turn is taken before the wait, so that waiting requests line up; an aborted one leaves its turn unused.
      const turn = Math.max(state.nextAt, now - (burst - 1) * intervalMs)
      state.nextAt = turn + intervalMs
      if (turn > now) await clock.wait(turn - now, signal)
    },
  }
}
