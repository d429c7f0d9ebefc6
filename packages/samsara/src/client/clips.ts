import type { Recording, TimeWindow } from '@cam/download-core/source'
import { foreignRecording } from '../failures.ts'
import type { MediaItem, SignedUrl } from '../wire/media.ts'
import { type Piece, pieceId, readPieceId } from '../wire/piece.ts'
import { isView, type View } from '../wire/view.ts'

/** One recording, in the words of this package. */
export interface Wanted {
  readonly recording: Recording
  readonly vehicleId: string
  readonly piece: Piece
  readonly view: View
}

/** Reads a recording that this package listed, now or long ago. Throws RequestError for any other. */
export function wantedOf(recording: Recording): Wanted {
  const { id, cameraId, view } = recording
  const piece = readPieceId(id)
  if (!piece || !isView(view) || pieceId(piece) !== id) throw foreignRecording(id)
  return { recording, vehicleId: cameraId, piece, view }
}

/** Where a recording can be fetched. */
export interface Clip {
  /** The order that brought it. Absent: it is among what is uploaded. */
  readonly retrievalId?: string
  readonly url: SignedUrl
  /** What it holds, in the vendor's word. */
  readonly actual: TimeWindow
}

/** Where recordings are, for the life of a source. Addresses are keys: they are never stored. */
export interface Clips {
  get(wanted: Wanted): Clip | undefined
  put(wanted: Wanted, item: MediaItem & { readonly url: SignedUrl }, retrievalId?: string): void
}

const most = 100_000

/** None known yet. */
export function createClips(): Clips {
  const clips = new Map<string, Clip>()
  return {
    get: (wanted) => clips.get(keyOf(wanted)),
    put(wanted, { url, start, end }, retrievalId) {
      clips.set(keyOf(wanted), { url, actual: { start, end }, ...(retrievalId !== undefined && { retrievalId }) })
      if (clips.size > most) clips.delete(clips.keys().next().value!)
    },
  }
}

function keyOf({ vehicleId, recording, view }: Wanted): string {
  return `${vehicleId} ${recording.id} ${view}`
}
