import type { Camera } from '../footage/camera.ts'
import { type CamError, ProtocolError } from '../footage/errors.ts'
import type { Recording } from '../footage/recording.ts'
import type { FootageSource } from '../footage/source.ts'
import { asCamError } from './failure.ts'
import type { LedgerRow } from './ledger.ts'
import { checkRecording } from './listing.ts'

/** A recording as it is to be planned, and what has come behind it since it was kept. */
export interface Growth {
  readonly recording: Recording
  readonly remainders: readonly Recording[]
  /** The source said what cannot be about the rest. */
  readonly error?: CamError
}

/**
 * A recording that was kept and is now listed with a later end stays as it was kept; the rest becomes recordings of their own.
 * Each of those begins where a kept one ends, later than that one began: remainders of remainders come to an end, at the latest with
 * the ledger's rows.
 */
export function growthOf(
  source: Pick<FootageSource, 'identity' | 'remainder'>,
  camera: Camera,
  recording: Recording,
  row: LedgerRow | undefined,
): Growth {
  const asListed = { recording, remainders: [] }
  const now = recording.window
  const before = row?.recording?.window
  // A row without a file answers for nothing: all of it is asked for. A lost one is fetched again as it was.
  if (!source.remainder || source.identity === 'window' || !row?.file || !row.recording || !before || !now)
    return asListed
  if (now.start !== before.start || now.end === before.end) return asListed
  const asKept = { recording: row.recording, remainders: [] }
  const held = row.outcome?.outcome === 'kept' || row.outcome?.outcome === 'handed-over'
  if (now.end < before.end) return held ? asKept : asListed
  try {
    const remainders = source.remainder(recording, before.end)
    if (remainders.length === 0) return asListed
    check(remainders, recording, before.end, camera)
    return { ...asKept, remainders }
  } catch (error) {
    return { ...asKept, error: asCamError(error) }
  }
}

/** Throws ProtocolError for what is not just the rest: it would be a hole, or footage under the name of other footage. */
function check(remainders: readonly Recording[], whole: Recording, from: number, camera: Camera): void {
  const ids = new Set([whole.id])
  let end = from
  for (const remainder of remainders) {
    checkRecording(remainder, camera)
    const { id, view, window } = remainder
    if (ids.has(id) || view !== whole.view || window?.start !== end || window.end <= end) {
      throw new ProtocolError(`The rest of recording ${whole.id} was given as ${id}, which it cannot be.`)
    }
    ids.add(id)
    end = window.end
  }
  if (end !== whole.window?.end)
    throw new ProtocolError(`The rest of recording ${whole.id} was given with another end.`)
}
