import { join } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import { isCamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import { disk } from '../transfer/disk.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import { handedOverReason, lostReason, stateOf } from './decide.ts'
import { openExistingFolder } from './folder.ts'
import type { Ledger, LedgerRow } from './ledger.ts'
import { foldPath } from './safe-name.ts'

/** What is verified, and how closely. */
export interface VerifyOptions {
  readonly into: string
  readonly ledger: Ledger
  /** Read every byte and compare its SHA-256, not only the sizes. Default false. */
  readonly deep?: boolean
  /** Files that are gone were taken by a sync job, as declared. Default false. */
  readonly handedOver?: boolean
  readonly signal?: AbortSignal
  readonly fileSystem?: FileSystem
  readonly clock?: Clock
}

/** Numbers of files, and the bytes of those that are intact. */
export interface VerifySummary {
  readonly checked: number
  readonly intact: number
  readonly missing: number
  readonly altered: number
  readonly handedOver: number
  /** Lost before, and now the same file is there again. */
  readonly foundAgain: number
  readonly untracked: number
  /** Bytes of the files found intact. */
  readonly bytes: number
}

/** What `verify` tells while it works. */
export type VerifyEvent =
  | {
      readonly type: 'file-checked'
      readonly row: LedgerRow
      readonly path: string
      readonly found: 'intact' | 'missing' | 'altered' | 'handed-over' | 'found-again'
    }
  /** A file in the archive's folder that the ledger does not own. It is left alone. */
  | { readonly type: 'untracked'; readonly path: string; readonly bytes: number }
  | ({ readonly type: 'verify-ended' } & VerifySummary)

/**
 * Compares every file that was ever kept with the disk, and records what is lost. Throws ArchiveMissingError where there is no
 * archive (an unmounted disk must not make everything lost), and the signal's own reason.
 */
export async function* verify(options: VerifyOptions): AsyncGenerator<VerifyEvent, VerifySummary> {
  const { into, ledger, deep = false, handedOver = false, signal, fileSystem = disk, clock = systemClock } = options
  const folder = await openExistingFolder(into, fileSystem)
  const count = { checked: 0, intact: 0, missing: 0, altered: 0, handedOver: 0, foundAgain: 0, untracked: 0, bytes: 0 }
  const owned = new Set<string>()
  for await (const row of ledger.rows()) {
    signal?.throwIfAborted()
    if (row.file) owned.add(foldPath(row.file.path))
    if (!row.file || !['kept', 'lost', 'handed-over'].includes(row.outcome?.outcome ?? '')) continue
    const { file } = row
    const before = row.outcome!.outcome
    // What comes back has to be the very same file.
    const state = await stateOf(file, folder.root, fileSystem, deep || before !== 'kept' ? 'all bytes' : 'size')
    const outcome = outcomeOf(row, state, handedOver)
    if (outcome && !(await ranSince(ledger, row))) {
      await folder.check()
      await ledger.record(row.runId, clock.now(), [{ key: row.key, outcome }])
    }
    const now = outcome?.outcome ?? before
    const found =
      state === 'intact' ? (before === 'kept' ? 'intact' : 'found-again') : now === 'handed-over' ? now : state
    count.checked++
    if (state === 'intact') count.bytes += file.bytes
    count[found === 'handed-over' ? 'handedOver' : found === 'found-again' ? 'foundAgain' : found]++
    yield { type: 'file-checked', row, path: file.path, found }
  }
  for await (const { path, bytes } of filesBelow(folder.root, '', fileSystem)) {
    signal?.throwIfAborted()
    if (owned.has(foldPath(path)) || (await ledger.ownerOf(path))) continue
    count.untracked++
    yield { type: 'untracked', path, bytes }
  }
  yield { type: 'verify-ended', ...count }
  return count
}

/** What has to be written down; undefined where the ledger is right. */
function outcomeOf(row: LedgerRow, state: 'intact' | 'missing' | 'altered', handedOver: boolean): Outcome | undefined {
  const before = row.outcome!.outcome
  const file = row.file!
  if (state === 'intact') return before === 'kept' ? undefined : { outcome: 'kept', ...file }
  if (state === 'missing' && (handedOver || before === 'handed-over')) {
    return before === 'handed-over' ? undefined : { outcome: 'handed-over', reason: handedOverReason }
  }
  return before === 'lost' ? undefined : { outcome: 'lost', reason: lostReason(file, state) }
}

/** A run may have replaced the file while we looked at it. */
async function ranSince(ledger: Ledger, row: LedgerRow): Promise<boolean> {
  const now = await ledger.find(row.key)
  return (
    now?.endedAt !== row.endedAt ||
    now?.outcome?.outcome !== row.outcome?.outcome ||
    now?.file?.sha256 !== row.file?.sha256
  )
}

async function* filesBelow(
  root: string,
  folder: string,
  fileSystem: FileSystem,
): AsyncGenerator<{ readonly path: string; readonly bytes: number }> {
  for (const name of (await namesIn(join(root, ...folder.split('/')), folder, fileSystem)).sort()) {
    if (folder === '' && name === '.cam') continue
    const path = folder === '' ? name : `${folder}/${name}`
    // Links are not followed: what they lead to is not in the archive.
    const found = await fileSystem.lstat(join(root, ...path.split('/')))
    if (found?.kind === 'folder') yield* filesBelow(root, path, fileSystem)
    else if (found?.kind === 'file') yield { path, bytes: found.bytes }
  }
}

/** A folder that this user may not read is not ours, such as the `lost+found` of a disk that is an archive as a whole. */
async function namesIn(path: string, folder: string, fileSystem: FileSystem): Promise<string[]> {
  try {
    return await fileSystem.list(path)
  } catch (error) {
    if (folder !== '' && isCamError(error) && error.code === 'DISK_DENIED') return []
    throw error
  }
}
