import type { Outcome } from '../footage/outcome.ts'

const failuresInARow = 5
const firstPauseMs = 30_000
const mostPauses = 3
/** What says that the source as such cannot be reached, and not that one recording is bad. */
const unreachable = new Set(['NETWORK', 'TIMEOUT'])

/** Stops a run from hammering a source that has gone away. */
export interface Breaker {
  /**
   * Told each outcome. Answers with a pause after five failures in a row that mean "cannot be reached", a longer one where the
   * first recording after it fails again, and `give-up` after three pauses.
   */
  judge(outcome: Outcome): { readonly pauseMs: number } | 'give-up' | 'go-on'
  /** True after a pause until something succeeds: one recording at a time then. */
  readonly trying: boolean
}

/** A breaker for one source and one run. */
export function createBreaker(): Breaker {
  let failures = 0
  let pauses = 0
  return {
    judge(outcome) {
      if (outcome.outcome !== 'failed' || !unreachable.has(outcome.code)) {
        failures = 0
        pauses = 0
        return 'go-on'
      }
      failures++
      if (failures < failuresInARow) return 'go-on'
      if (pauses >= mostPauses) return 'give-up'
      failures = failuresInARow - 1
      return { pauseMs: firstPauseMs * 2 ** pauses++ }
    },
    get trying() {
      return pauses > 0
    },
  }
}
