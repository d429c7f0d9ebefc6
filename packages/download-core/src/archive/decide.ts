import { join } from 'node:path'
import type { Camera } from '../footage/camera.ts'
import type { KeptFile, Outcome } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import { digests } from '../transfer/digest.ts'
import { errnoOf } from '../transfer/disk-error.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { LedgerRow, RowKey } from './ledger.ts'

/** One recording of the plan, with what the ledger knew of it. */
export interface PlannedRecording {
  readonly key: RowKey
  readonly camera: Camera
  readonly recording: Recording
  readonly row?: LedgerRow
}

/** What has to be done about a planned recording. */
export type Decision =
  /** Nothing: its outcome stands. */
  | { readonly do: 'nothing'; readonly outcome: Outcome }
  /** Its outcome is known without asking the source. */
  | { readonly do: 'record'; readonly outcome: Outcome }
  /** `lost`: it was kept once, and its file is gone or altered. */
  | { readonly do: 'fetch'; readonly lost?: Outcome & { readonly outcome: 'lost' } }

/** What a decision depends on besides the recording. */
export interface Deciding {
  readonly root: string
  readonly fileSystem: FileSystem
  readonly overwrite: boolean
  readonly handedOver: boolean
  skip?(recording: Recording, camera: Camera): string | undefined
}

/** Compares a planned recording with the ledger and the disk. Writes nothing. */
export async function decide({ recording, camera, row }: PlannedRecording, how: Deciding): Promise<Decision> {
  const known = row?.outcome
  let lost: (Outcome & { readonly outcome: 'lost' }) | undefined
  if (row?.file && known && !how.overwrite) {
    if (known.outcome === 'handed-over') return { do: 'nothing', outcome: known }
    const state = await stateOf(row.file, how.root, how.fileSystem, known.outcome === 'kept' ? 'size' : 'all bytes')
    const again: Outcome = { outcome: 'kept', ...row.file }
    if (state === 'intact')
      return known.outcome === 'kept' ? { do: 'nothing', outcome: known } : { do: 'record', outcome: again }
    if (known.outcome === 'kept' && how.handedOver && state === 'missing') {
      return { do: 'record', outcome: { outcome: 'handed-over', reason: handedOverReason } }
    }
    // Neither here nor there: asking again and again brings nothing.
    if (known.outcome === 'lost' && known.final) return { do: 'nothing', outcome: known }
    // A failure in between does not undo that it was kept once, and is nowhere now. What an earlier run said of it is not said again.
    lost = { outcome: 'lost', reason: lostReason(row.file, state) }
    if (known.outcome === 'kept' || known.outcome === 'lost') return { do: 'fetch', lost }
  }
  if ((known?.outcome === 'absent' || known?.outcome === 'expired') && !how.overwrite && !lost) {
    return { do: 'nothing', outcome: known }
  }
  const skipped = how.skip?.(recording, camera)
  // A file that was kept stays kept, also where the user now leaves its recording out.
  if (skipped !== undefined && known?.outcome === 'kept') return { do: 'nothing', outcome: known }
  if (skipped !== undefined) return { do: 'record', outcome: { outcome: 'skipped', reason: skipped } }
  if (recording.settled === false && known?.outcome !== 'kept' && !lost) {
    return { do: 'record', outcome: { outcome: 'pending', reason: 'It is still being recorded.' } }
  }
  return { do: 'fetch', ...(lost ? { lost } : {}) }
}

/** Why a file that is gone is not lost. */
export const handedOverReason = 'A sync job took the file away, as declared.'

/** Why a file is lost, in words. */
export function lostReason(file: KeptFile, state: 'missing' | 'altered'): string {
  return state === 'missing' ? `${file.path} is gone.` : `${file.path} is not what was kept (${file.bytes} bytes).`
}

/** Whether a kept file is still what it was: by its size, or by all of its bytes. */
export async function stateOf(
  file: KeptFile,
  root: string,
  fileSystem: FileSystem,
  depth: 'size' | 'all bytes',
): Promise<'intact' | 'missing' | 'altered'> {
  const path = join(root, ...file.path.split('/'))
  const found = await fileSystem.stat(path)
  if (!found) return 'missing'
  if (found.kind !== 'file' || found.bytes !== file.bytes) return 'altered'
  if (depth === 'size') return 'intact'
  const opened = await fileSystem.open(path, 'read')
  try {
    return (await digests(opened, file.bytes, ['sha256'])).get('sha256') === file.sha256 ? 'intact' : 'altered'
  } catch (error) {
    // One bad sector is what this is here to find, and must not keep anybody from looking at the other files.
    if (errnoOf(error) === 'EIO') return 'altered'
    throw error
  } finally {
    await opened.close()
  }
}
