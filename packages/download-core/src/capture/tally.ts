import { emptySummary, type Outcome } from '../footage/outcome.ts'
import type { CaptureSummary } from './events.ts'

type Shown = Extract<Outcome, { outcome: 'kept' | 'failed' }>

/** Counts slots; the sum is right by construction. */
export interface SlotTally {
  /** `before`: what this very run had recorded of the slot already. */
  ended(outcome: Shown, before?: Outcome): void
  missed(count: number): void
  summary(durationMs: number): CaptureSummary
}

/** A tally that begins at zero; what is counted is counted in `whole`, too. */
export function createSlotTally(whole?: SlotTally): SlotTally {
  const counts = { kept: 0, failed: 0, missed: 0, bytes: 0 }
  return {
    ended(outcome, before) {
      whole?.ended(outcome, before)
      if (before?.outcome === 'failed') counts.failed--
      if (before?.outcome === 'failed' && before.attempts === 0 && before.cause === undefined) counts.missed--
      counts[outcome.outcome]++
      if (outcome.outcome === 'kept') counts.bytes += outcome.bytes
    },
    missed(count) {
      whole?.missed(count)
      counts.failed += count
      counts.missed += count
    },
    summary: (durationMs) => ({ ...emptySummary(durationMs), ...counts, planned: counts.kept + counts.failed }),
  }
}
