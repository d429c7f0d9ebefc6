import type { Clock, EpochMs } from '@cam/download-core'

/** A clock that jumps, or a machine that slept, is noticed within this time. */
const lookMs = 30_000

/**
 * Waits for a moment of the wall clock. False where the clock was set back so far that the moment is farther away than `longestMs`:
 * it has to be chosen anew. Rejects with the signal's reason.
 */
export async function waitUntil(
  until: EpochMs,
  longestMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    signal.throwIfAborted()
    const left = until - clock.now()
    if (left <= 0) return true
    if (left > longestMs) return false
    await clock.wait(Math.min(left, lookMs), signal)
  }
}
