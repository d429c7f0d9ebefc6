import type { Outcome } from '../footage/outcome.ts'
import { type Deciding, decide, type PlannedRecording } from './decide.ts'
import type { RowKey } from './ledger.ts'
import type { Paths } from './paths.ts'
import type { Task } from './queue.ts'

const lookingAtOnce = 16

/** A plan, compared with the ledger and the disk. */
export interface Work {
  readonly tasks: readonly Task[]
  /** Known without asking the source. `already`: the ledger says so already. */
  readonly settled: readonly { readonly item: PlannedRecording; readonly outcome: Outcome; readonly already: boolean }[]
  /** Kept once and gone: to be written down before they are fetched again. */
  readonly lost: readonly { readonly key: RowKey; readonly outcome: Outcome }[]
}

/** Decides about each planned recording, and gives a path to each one that has to be fetched. Writes nothing. */
export async function workOf(items: readonly PlannedRecording[], how: Deciding, paths: Paths): Promise<Work> {
  const tasks: Task[] = []
  const settled: Work['settled'][number][] = []
  const lost: Work['lost'][number][] = []
  for (let at = 0; at < items.length; at += lookingAtOnce) {
    const some = items.slice(at, at + lookingAtOnce)
    const decisions = await Promise.all(some.map((item) => decide(item, how)))
    // One after the other, in the plan's order: whose name is plain must not depend on the disk's speed.
    for (const [index, decision] of decisions.entries()) {
      const item = some[index]!
      if (decision.do !== 'fetch') {
        settled.push({ item, outcome: decision.outcome, already: decision.do === 'nothing' })
        continue
      }
      const path = item.row?.file?.path ?? (await paths.propose(item, item.recording.extension))
      if (decision.lost) lost.push({ key: item.key, outcome: decision.lost })
      tasks.push({ ...item, path, ...(decision.lost ? { lost: decision.lost } : {}) })
    }
  }
  return { tasks, settled, lost }
}
