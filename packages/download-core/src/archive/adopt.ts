import { dirname, join } from 'node:path'
import type { Recording } from '../footage/recording.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import { partKey } from '../transfer/part-note.ts'
import { checkedTarget } from '../transfer/publish.ts'
import { proveExisting } from '../transfer/verify.ts'
import type { Keeping, KeepResult } from './keep.ts'
import type { Task } from './queue.ts'

/** Some disks count in steps of two seconds. */
const dateToleranceMs = 2000

/**
 * A file that already stands where ours would go: taken into the archive, without asking the source, if it is provably this
 * recording. Where that cannot be told, the source is asked, and a file that turns out to be the same is taken then.
 */
export async function adopt(task: Task, how: Keeping): Promise<KeepResult | undefined> {
  // Looked at before the source was first asked.
  if (task.row?.file || task.waitingSince !== undefined) return undefined
  const path = await checkedTarget(how.fileSystem, how.folder.root, task.path)
  const found = await how.fileSystem.lstat(path)
  if (!found) return undefined
  // A run that died between rename and ledger left a note: the transfer itself takes that up.
  const { cameraId, view, recordingId } = task.key
  const key = partKey({ sourceId: how.sourceId, cameraId, view, recordingId })
  if (await how.fileSystem.lstat(join(how.folder.root, '.cam', 'parts', `${key}.json`))) return undefined
  const proved = await proveExisting(how.fileSystem, path, task.recording)
  if (!proved) return undefined
  // Without a checksum name and size speak for it, and another recording may have both.
  if (!task.recording.checksum) {
    if (how.paths.isContested(task.path) || !endsWith(task.recording, proved.covers, found.modifiedMs)) return undefined
  }
  await how.folder.check()
  // Whoever wrote it may not have flushed it.
  const file = await how.fileSystem.open(path, 'read')
  await file.sync().finally(() => file.close())
  const kept = { path: task.path, ...proved, adopted: true } as const
  const published = { kept, folders: [dirname(path)], attempts: 0, forget: async () => {} }
  return { outcome: { outcome: 'kept', ...kept }, published }
}

/** Whether the file has the date that this program gives: the end of its footage. */
function endsWith({ window }: Recording, covers: readonly TimeWindow[], modifiedMs: number): boolean {
  return [covers.at(-1)?.end, window?.end].some(
    (end) => end !== undefined && Math.abs(end - modifiedMs) <= dateToleranceMs,
  )
}
