import type { Clock } from '../clock.ts'
import { type Gap, isGap, type Recording } from '../footage/recording.ts'
import type { Deciding, PlannedRecording } from './decide.ts'
import type { ArchiveEvent } from './events.ts'
import { outcomeOfGap } from './failure.ts'
import { gapKey, recordingKey } from './keys.ts'
import type { Ledger, PlannedRow, RowKey } from './ledger.ts'
import { checkGap, checkRecording } from './listing.ts'
import { keyText } from './memory-ledger.ts'
import type { Paths } from './paths.ts'
import type { Task } from './queue.ts'
import type { Tally } from './tally.ts'
import { workOf } from './tasks.ts'

interface Expanding {
  readonly sourceId: string
  readonly ledger: Ledger
  readonly runId: string
  readonly clock: Clock
  readonly deciding: Deciding
  readonly paths: Paths
  readonly tally: Tally
  /** Keys of everything this run accounts for already, as text: nothing is planned twice. Grows. */
  readonly accounted: Set<string>
  push(event: ArchiveEvent): void
}

/**
 * An order turned out to be several recordings or gaps: they take the place of the recording that was ordered. What the run
 * accounts for already is left to that. Answers with those that have to be fetched.
 */
export async function expandOrder(task: Task, into: readonly (Recording | Gap)[], how: Expanding): Promise<Task[]> {
  const { sourceId, ledger, runId, clock } = how
  const { camera } = task
  for (const each of into) isGap(each) ? checkGap(each, camera) : checkRecording(each, camera)
  how.accounted.delete(keyText(task.key))
  const isNew = (key: RowKey) => !how.accounted.has(keyText(key)) && how.accounted.add(keyText(key))
  const items: PlannedRecording[] = []
  const gaps: { readonly row: PlannedRow; readonly gap: Gap }[] = []
  for (const each of into) {
    if (isGap(each)) {
      const key = gapKey(sourceId, each)
      if (!isNew(key)) continue
      gaps.push({
        row: { key, kind: 'gap', camera, window: { start: each.start, end: each.end } },
        gap: each,
      })
    } else {
      const key = recordingKey(sourceId, each)
      if (!isNew(key)) continue
      const row = await ledger.find(key)
      items.push({ key, camera, recording: each, ...(row ? { row } : {}) })
    }
  }
  const rows: PlannedRow[] = items.map(({ key, recording }) => ({
    key,
    kind: 'recording',
    camera,
    recording,
    ...(recording.window ? { window: recording.window } : {}),
  }))
  await ledger.plan(runId, clock.now(), [...rows, ...gaps.map(({ row }) => row)])
  const stays = items.some(({ key }) => keyText(key) === keyText(task.key))
  if (!stays && !task.row?.file) await ledger.drop([task.key])
  for (const { row, gap } of gaps) {
    const outcome = outcomeOfGap(gap, clock.now())
    await ledger.record(runId, clock.now(), [{ key: row.key, outcome }])
    how.tally.count(outcome, false)
    how.push({ type: 'gap', camera, gap })
  }
  const work = await workOf(items, how.deciding, how.paths)
  for (const { item, outcome, already } of work.settled) {
    if (!already) await ledger.record(runId, clock.now(), [{ key: item.key, outcome }])
    how.tally.count(outcome, already)
    how.push({ type: 'recording-ended', camera, recording: item.recording, outcome, ...(already ? { already } : {}) })
  }
  if (work.lost.length > 0) await ledger.record(runId, clock.now(), work.lost)
  return [...work.tasks]
}
