import { randomUUID } from 'node:crypto'
import { type EpochMs, emptySummary } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'

/**
 * Writes a run that failed before its source was known into the history of the archive, so that its day is not taken for one without
 * a run. Only where the archive knows exactly one source of this vendor: nobody can say which one it was otherwise. Returns its id.
 */
export async function recordUnbegun(
  dest: string,
  vendor: string,
  startedAt: EpochMs,
  endedAt: EpochMs,
): Promise<string | undefined> {
  try {
    // Opened for reading first: a disk that is not mounted must not get an empty ledger.
    const known = await sourcesOf(dest, vendor)
    const [source] = known
    if (!source || known.length > 1) return undefined
    await using ledger = await openLedger(dest)
    const run = { id: randomUUID(), ...source, startedAt, endedAt, ending: 'failed' as const, summary: emptySummary() }
    await ledger.beginRun(run)
    return run.id
  } catch {
    // The run failed anyway, and most often for the same reason.
    return undefined
  }
}

async function sourcesOf(dest: string, vendor: string) {
  await using ledger = await openLedger(dest, { readOnly: true })
  return (await ledger.sources()).filter((source) => source.vendor === vendor)
}
