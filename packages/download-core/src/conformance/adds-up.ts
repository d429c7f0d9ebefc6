import assert from 'node:assert/strict'
import type { Summary } from '../footage/outcome.ts'

/** The sum that holds for every run, whatever happened in it. */
export function summaryAddsUp(summary: Summary | undefined): void {
  assert.ok(summary, 'the run ended without a summary')
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped } = summary
  assert.equal(planned, kept + alreadyKept + absent + expired + pending + failed + skipped)
}
