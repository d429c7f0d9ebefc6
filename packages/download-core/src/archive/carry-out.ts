import { removeOldParts, settle, writePlan } from './begin.ts'
import { createChannel } from './channel.ts'
import type { Deciding } from './decide.ts'
import type { ArchiveEvent } from './events.ts'
import { expandOrder } from './expand.ts'
import { keyText } from './memory-ledger.ts'
import type { Plan } from './planning.ts'
import type { Task } from './queue.ts'
import { workOf } from './tasks.ts'
import { type Halt, type Transferring, transferAll } from './transferring.ts'

/** What a run carries its plans out with. */
export interface Carrying extends Omit<Transferring, 'push' | 'expand'> {
  readonly deciding: Deciding
  /** Keys of everything this run accounts for already, as text: nothing is planned twice. Grows. */
  readonly accounted: Set<string>
  /** Nobody reads the events of this run any more: ends its transfers. */
  abandon(): void
}

/**
 * Brings everything planned to its one outcome in the ledger: written down, compared with ledger and disk, transferred. Answers
 * why it took no more work, if it did not get through. `later`: this plan adds to one that was carried out before.
 */
export async function* carryOut(
  plan: Plan,
  how: Carrying,
  later = false,
): AsyncGenerator<ArchiveEvent, Halt | undefined> {
  const { ledger, runId, clock, tally, paths, folder, fileSystem, sourceId, accounted } = how
  await folder.check()
  await writePlan(plan, { ledger, runId, clock })
  for (const stretch of plan.stretches) tally.count(stretch.outcome, false)
  const collisions = paths.collisions
  const work = await workOf(plan.recordings, how.deciding, paths)
  // A disk that went away in the meantime makes everything look lost.
  await folder.check()
  if (!later) {
    yield {
      type: 'planned',
      planned: plan.recordings.length + plan.stretches.length,
      toFetch: work.tasks.length,
      ...bytesOf(work.tasks),
    }
  }
  if (paths.collisions > collisions) {
    const count = paths.collisions - collisions
    const who =
      count === 1
        ? '1 recording has a name that another one has; it gets'
        : `${count} recordings have a name that another one has; each gets`
    const text = `${who} a suffix of its own.`
    yield { type: 'notice', text }
  }
  for (const { key, outcome } of work.lost) {
    yield { type: 'notice', text: `${'reason' in outcome ? outcome.reason : key.recordingId} It is fetched again.` }
  }
  await settle(work, { ledger, runId, clock })
  await removeOldParts(work, { root: folder.root, sourceId, fileSystem })
  for (const { item, outcome, already } of work.settled) {
    tally.count(outcome, already)
    const { camera, recording } = item
    yield { type: 'recording-ended', camera, recording, outcome, ...(already ? { already } : {}) }
  }
  for (const { key } of plan.recordings) accounted.add(keyText(key))
  for (const { row } of plan.stretches) accounted.add(keyText(row.key))
  return yield* transferring(work.tasks, how)
}

async function* transferring(tasks: readonly Task[], how: Carrying): AsyncGenerator<ArchiveEvent, Halt | undefined> {
  const channel = createChannel<ArchiveEvent>()
  const { push } = channel
  const transfers = transferAll(tasks, {
    ...how,
    push,
    expand: (task, into) => expandOrder(task, into, { ...how, push }),
  })
  const told = transfers.then(channel.end, channel.fail)
  let read = false
  try {
    yield* channel
    read = true
    return await transfers
  } finally {
    // Whoever stops reading stops the run.
    if (!read) how.abandon()
    await told
  }
}

function bytesOf(tasks: readonly { readonly recording: { readonly bytes?: number } }[]): { readonly bytes?: number } {
  let bytes = 0
  for (const { recording } of tasks) {
    if (recording.bytes === undefined) return {}
    bytes += recording.bytes
  }
  return { bytes }
}
