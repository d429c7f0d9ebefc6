import type { EpochMs, Run } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import type { RunNotice } from '@cam/notify'
import { type MemoryPlace, readMemory, rememberWhat } from './memory.ts'
import { deadRunNotice } from './run-notice.ts'

const weekMs = 7 * 86_400_000
const mostRuns = 200
const mostTold = 5

/** A run's source, and the earlier runs that it found dead. */
export interface DeadRuns extends MemoryPlace {
  readonly sourceId: string
  readonly vendor: string
  readonly found: readonly Run[]
  readonly startedAt: EpochMs
}

/**
 * Tells of runs that were killed: those found just now, and for a week those whose notice reached nobody then. `send` resolves with
 * whether it reached somebody.
 */
export async function tellInterrupted(o: DeadRuns, send: (notice: RunNotice) => Promise<boolean>): Promise<void> {
  const untilNow = (await readMemory(o)).interruptedUntil?.[o.sourceId]
  if (untilNow !== undefined && (await untold(o, untilNow)).length === 0) return
  await rememberWhat(o, async ({ interruptedUntil }) => {
    const until = interruptedUntil?.[o.sourceId]
    const runs = await untold(o, until)
    let delivered = true
    for (const run of runs.slice(-mostTold)) delivered = (await send(deadRunNotice(run, o.vendor))) && delivered
    const ends = runs.map(({ endedAt }) => endedAt ?? o.startedAt)
    // Not a moment before: the very run that is to be told again ended then.
    const reached = delivered ? Math.max(until ?? o.startedAt, ...ends) : (until ?? Math.min(...ends) - 1)
    return { interruptedUntil: { [o.sourceId]: reached } }
  })
}

/** Oldest first. */
async function untold(o: DeadRuns, until: EpochMs | undefined): Promise<Run[]> {
  await using ledger = await openLedger(o.root, { readOnly: true })
  const runs = await ledger.runs({ sourceId: o.sourceId, limit: mostRuns })
  const found = new Set(o.found.map(({ id }) => id))
  const isOld = (endedAt: EpochMs) => until === undefined || endedAt <= until || o.clock.now() - endedAt > weekMs
  return runs
    .filter(({ ending }) => ending === 'interrupted')
    .filter(({ id, endedAt = 0 }) => found.has(id) || !isOld(endedAt))
    .reverse()
}
