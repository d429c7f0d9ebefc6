import type { Clock } from '../clock.ts'

/** One token bucket shared by any number of streams. */
export interface SpeedLimit {
  /** Resolves when `bytes` more may be taken. Counts retries too: it limits the wire, not the files. */
  take(bytes: number, signal: AbortSignal): Promise<void>
  /** In bytes per second; 0 is no limit. May change while streams run. */
  rate: number
}

/** A new rate takes effect after this long at the latest. */
const longestNapMs = 200
const burstSeconds = 0.1
/** Below one chunk of a TLS stream, the bucket would never be full enough to start. */
const smallestBurst = 16_384

/**
 * A limit for everything that takes from it together. What arrived has arrived: a chunk is paid for after it is taken, and the
 * debt is shared, so that streams alternate. Throws a RangeError unless `bytesPerSecond` is 0 or more and finite.
 */
export function createSpeedLimit(bytesPerSecond: number, clock: Clock): SpeedLimit {
  let rate = checked(bytesPerSecond)
  let taken = 0
  let earned = 0
  let earnedAt = clock.monotonic()

  /** Bytes that time has paid for; never more than a burst ahead of what was taken. */
  function earn(): number {
    const now = clock.monotonic()
    const ceiling = taken + Math.max(rate * burstSeconds, smallestBurst)
    earned = Math.min(ceiling, earned + (rate * (now - earnedAt)) / 1000)
    earnedAt = now
    return earned
  }

  return {
    get rate() {
      return rate
    },
    set rate(next: number) {
      earn()
      rate = checked(next)
    },
    async take(bytes, signal) {
      signal.throwIfAborted()
      if (rate === 0) return
      earn()
      taken += bytes
      const due = taken
      for (;;) {
        const missing = due - earn()
        if (missing <= 0 || rate === 0) break
        await clock.wait(Math.min(longestNapMs, Math.max(1, (missing / rate) * 1000)), signal)
      }
      // Without a limit nothing is earned: the debt of that time must not be paid later.
      if (rate === 0) earned = Math.max(earned, taken)
    },
  }
}

function checked(bytesPerSecond: number): number {
  if (!Number.isFinite(bytesPerSecond) || bytesPerSecond < 0) {
    throw new RangeError(
      `The speed limit must be 0 (none) or a number of bytes per second; received ${bytesPerSecond}.`,
    )
  }
  return bytesPerSecond
}
