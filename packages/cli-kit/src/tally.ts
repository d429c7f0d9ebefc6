import {
  type ArchiveEvent,
  type CamError,
  emptySummary,
  type Outcome,
  type PlanEvent,
  type Summary,
} from '@cam/download-core'

/** Watches a run, for its exit code and for a summary where the run broke off before its own. */
export interface Tally {
  see(event: ArchiveEvent | PlanEvent): void
  /** The plan is complete: what comes now is mid-run. */
  readonly begun: boolean
  /** The run ended itself early. */
  readonly stopped: boolean
  /** A clip is still not ready although its time is over. */
  readonly overdue: boolean
  /** Every list that was asked for failed: nothing could begin. */
  readonly allListsFailed: boolean
  /** What the last list failed with. */
  readonly listingError: CamError | undefined
  /** The run's own; where it broke off before it, what has no outcome yet counts as failed. */
  summary(durationMs: number): Summary
}

export function tally(now: () => number): Tally {
  const counts = { ...emptySummary() } as { -readonly [Name in keyof Summary]: number }
  let begun = false
  let stopped = false
  let overdue = false
  let ownSummary: Summary | undefined
  let listed = 0
  let unlisted = 0
  let listingError: CamError | undefined
  const count = (outcome: Outcome, already: boolean) => {
    if (outcome.outcome === 'handed-over' || (outcome.outcome === 'kept' && already)) counts.alreadyKept++
    else if (outcome.outcome === 'lost') counts.failed++
    else counts[outcome.outcome]++
    if (outcome.outcome === 'kept' && !already) counts.bytes += outcome.bytes
    if (outcome.outcome === 'pending' && (outcome.deadline ?? Number.POSITIVE_INFINITY) < now()) overdue = true
  }
  return {
    see(event) {
      if (event.type === 'planned') {
        begun = true
        counts.planned = event.planned
      }
      if (event.type === 'archive-ended') ownSummary = event
      if (event.type === 'stopping') stopped = true
      if (event.type === 'recording-planned') {
        if (event.outcome && !event.fetch) count(event.outcome, true)
        else counts.pending++
      }
      if (event.type === 'camera-listed') listed++
      if (event.type === 'listing-failed') {
        unlisted++
        listingError = event.error
        counts.failed++
      }
      if (event.type === 'gap') counts[event.gap.outcome]++
      if (event.type === 'recording-ended') count(event.outcome, event.already === true)
    },
    get begun() {
      return begun
    },
    get stopped() {
      return stopped
    },
    get overdue() {
      return overdue
    },
    get allListsFailed() {
      return unlisted > 0 && listed === 0
    },
    get listingError() {
      return listingError
    },
    summary(durationMs) {
      if (ownSummary) return ownSummary
      const { kept, alreadyKept, absent, expired, pending, failed, skipped } = counts
      const ended = kept + alreadyKept + absent + expired + pending + failed + skipped
      const planned = Math.max(counts.planned, ended)
      return { ...counts, planned, failed: failed + (planned - ended), durationMs }
    },
  }
}
