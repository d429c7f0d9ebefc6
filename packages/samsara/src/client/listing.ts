import type { Camera, Gap, Recording, TimeWindow } from '@cam/download-core/source'
import { windowNeeded } from '../failures.ts'
import type { Settings } from '../options.ts'
import { kindOf, orderId, type Piece, pieceId, piecesOf, windowOf } from '../wire/piece.ts'
import type { View } from '../wire/view.ts'
import { wantedOf } from './clips.ts'
import type { Ordering } from './prepare.ts'
import { refuseUnreadable } from './vehicles.ts'

/**
 * The pieces of a window, for each view: what the camera recorded is only known once it is ordered. What is uploaded already is
 * looked at first, and where that cannot be read nothing is listed: nobody is to pay for what is there. Throws RequestError without
 * a window.
 */
export async function* listRecordings(
  camera: Camera,
  window: TimeWindow | undefined,
  { settings, finder }: Ordering,
  signal: AbortSignal,
): AsyncGenerator<Recording | Gap, void, undefined> {
  signal.throwIfAborted()
  refuseUnreadable(camera)
  if (!window) throw windowNeeded()
  const now = settings.clock.now()
  const recordings: Recording[] = []
  let future: Gap | undefined
  for (const piece of piecesOf(window, settings.media, settings.pieceMinutes)) {
    if (piece.start >= now) {
      const reason = 'It has not happened yet.'
      future = { cameraId: camera.id, start: piece.start, end: window.end, outcome: 'pending', reason }
      break
    }
    for (const view of settings.views) recordings.push(toRecording(camera.id, piece, view, settings, now))
  }
  const settled = recordings.filter((one) => one.settled !== false).map(wantedOf)
  if (settings.reuseUploaded) await finder.look(camera.id, settled, signal)
  yield* recordings
  if (future) yield future
}

function toRecording(cameraId: string, piece: Piece, view: View, settings: Settings, now: number): Recording {
  const { media, views, settleMs } = settings
  const window = windowOf(piece)
  // A second of film is a second of life in two kinds only: of those the file itself tells what it covers.
  const isFilm = media === 'highres' || media === 'lowres'
  return {
    ...{ id: pieceId(piece), cameraId, view, window, windowFrom: isFilm ? 'asked' : 'source' },
    ...(now - window.end < settleMs && { settled: false }),
    ...{ extension: kindOf(media).extension, resume: 'validated' },
    order: orderId({ vehicleId: cameraId, piece, views }),
  }
}
