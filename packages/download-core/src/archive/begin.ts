import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import { partKey } from '../transfer/part-note.ts'
import type { Ledger, PlannedRow, Run } from './ledger.ts'
import type { Plan } from './planning.ts'
import type { Work } from './tasks.ts'

const rowsPerTransaction = 1000

interface Writing {
  readonly ledger: Ledger
  readonly runId: string
  readonly clock: Clock
}

/** Runs of this source that never said how they ended. Whoever holds the lock knows that they are dead. */
export async function endInterruptedRuns(ledger: Ledger, sourceId: string, clock: Clock): Promise<Run[]> {
  const dead = (await ledger.runs({ sourceId })).filter((run) => run.ending === undefined)
  for (const run of dead) await ledger.endRun(run.id, 'interrupted', clock.now())
  return dead
}

/** The whole plan, in the ledger, before the first transfer. */
export async function writePlan(plan: Plan, { ledger, runId, clock }: Writing): Promise<void> {
  const rows: PlannedRow[] = plan.recordings.map(({ key, camera, recording }) => ({
    key,
    kind: 'recording',
    camera,
    recording,
    ...(recording.window ? { window: recording.window } : {}),
  }))
  const stretches = [...plan.stretches, ...plan.remainders]
  rows.push(...stretches.map(({ row }) => row))
  for (let at = 0; at < rows.length; at += rowsPerTransaction) {
    await ledger.plan(runId, clock.now(), rows.slice(at, at + rowsPerTransaction))
  }
  if (stretches.length > 0) {
    await ledger.record(
      runId,
      clock.now(),
      stretches.map(({ row, outcome }) => ({ key: row.key, outcome })),
    )
  }
  if (plan.outdated.length > 0) await ledger.drop(plan.outdated)
}

/** Outcomes that are known without asking the source. */
export async function settle(work: Work, { ledger, runId, clock }: Writing): Promise<void> {
  const outcomes = work.settled
    .filter(({ already }) => !already)
    .map(({ item, outcome }) => ({ key: item.key, outcome }))
    .concat(work.lost)
  if (outcomes.length > 0) await ledger.record(runId, clock.now(), outcomes)
}

/** A run that died after the ledger's commit leaves a note about a file that is kept by now. */
export async function removeOldParts(
  work: Work,
  where: { readonly root: string; readonly sourceId: string; readonly fileSystem: FileSystem },
): Promise<void> {
  const folder = join(where.root, '.cam', 'parts')
  const names = new Set(await where.fileSystem.list(folder))
  if (names.size === 0) return
  for (const { item, outcome } of work.settled) {
    if (outcome.outcome !== 'kept') continue
    const part = partKey({ ...item.key })
    for (const name of [`${part}.part`, `${part}.json`]) {
      if (names.has(name)) await where.fileSystem.remove(join(folder, name))
    }
  }
}
