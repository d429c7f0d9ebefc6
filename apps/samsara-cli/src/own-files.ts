import { basename, dirname, join } from 'node:path'
import { openJournal } from './merge/journal.ts'

const log = /^logs\/(failed\.csv|(samsara-cli|VideoRetrievalActivity)_[^/]*\.(log|ndjson)|request_ids_[^/]*\.json)$/i

/** Films and lists that `merge` made, what it notes of them, and logs. */
export async function leavesItself(path: string, root: string): Promise<boolean> {
  if (log.test(path) || /(^|\/)\.merging\//.test(path)) return true
  const { entries } = await openJournal(join(root, dirname(path)))
  return entries().some(({ files, next = [] }) => [...files, ...next].some(({ name }) => name === basename(path)))
}
