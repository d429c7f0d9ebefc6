import { emptySummary, type Outcome, type Summary } from '../footage/outcome.ts'

type Counts = { -readonly [Name in Exclude<keyof Summary, 'durationMs'>]: number }

/** Counts outcomes; the sum is right by construction. */
export interface Tally {
  count(outcome: Outcome, already: boolean): void
  summary(durationMs: number): Summary
}

/** A tally that begins at zero. */
export function createTally(): Tally {
  const counts: Counts = emptySummary()
  return {
    count(outcome, already) {
      counts.planned++
      counts[columnOf(outcome, already)]++
      if (outcome.outcome === 'kept' && !already) counts.bytes += outcome.bytes
    },
    summary: (durationMs) => ({ ...counts, durationMs }),
  }
}

function columnOf(outcome: Outcome, already: boolean): Exclude<keyof Counts, 'planned' | 'bytes'> {
  switch (outcome.outcome) {
    case 'kept':
      return already ? 'alreadyKept' : 'kept'
    case 'handed-over':
      return 'alreadyKept'
    // It was kept, and now nobody has it: that is no success of any kind.
    case 'lost':
      return 'failed'
    default:
      return outcome.outcome
  }
}
