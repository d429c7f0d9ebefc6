import { type TimeWindow, union } from '@cam/download-core/source'
import { type MediaItem, readMediaItem } from '../wire/media.ts'
import { kindOf, type Media, type Piece, windowOf } from '../wire/piece.ts'
import { timestamp } from '../wire/time.ts'
import { named, type View } from '../wire/view.ts'
import { type Api, endpoints } from './api.ts'
import { entries } from './lists.ts'

/** At most 24 hours may be asked for at once. PROTOCOL.md §3. */
const longestMs = 24 * 3_600_000
/** Asked for before and after: whether what only touches is listed is not known. */
const edgeMs = 60_000
/** How far the ends of a film may be off that stands for the piece. */
const startsLateMs = 2000
const endsEarlyMs = 5000
/** A film that is so much longer holds other minutes as well. */
const longerMs = 10_000

/** What is uploaded of one vehicle in these stretches of time. PROTOCOL.md §3. */
export async function listUploaded(
  api: Api,
  vehicleId: string,
  media: Media,
  views: readonly View[],
  stretches: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<MediaItem[]> {
  const found: MediaItem[] = []
  const { wire } = kindOf(media)
  const documented = media === 'highres' || media === 'image'
  const { inputs, cameraRoles } = named(views)
  const wide = stretches.map(({ start, end }) => ({ start: start - edgeMs, end: end + edgeMs }))
  for (const { start, end } of union(wide)) {
    for (let from = start; from < end; from += longestMs) {
      const query = {
        vehicleIds: vehicleId,
        startTime: timestamp(from),
        endTime: timestamp(Math.min(from + longestMs, end)),
        // Roles are no inputs: where there are any, everything is asked for.
        ...(cameraRoles.length === 0 && { inputs }),
        ...(documented && { mediaTypes: wire }),
      }
      for await (const entry of entries(api, endpoints.uploaded, query, ['media'], signal)) {
        const item = readMediaItem(entry)
        if (item?.vehicleId === vehicleId && item.media === media) found.push(item)
      }
    }
  }
  return found
}

/** Whether what is uploaded is as good as what would be ordered. */
export function standsFor(item: MediaItem, view: View, piece: Piece): boolean {
  const { start, end } = windowOf(piece)
  if (!item.url || item.media !== piece.media || !item.views.includes(view)) return false
  if (piece.media === 'image') return Math.abs(item.start - start) <= startsLateMs
  return (
    item.start <= start + startsLateMs &&
    item.end >= end - endsEarlyMs &&
    item.end - item.start <= end - start + longerMs
  )
}

/** Whether it may well be what an order of unknown fate brought: the media nearest to the time asked for is delivered. */
export function mayBeOrdered(item: MediaItem, view: View, piece: Piece): boolean {
  if (standsFor(item, view, piece)) return true
  const { start, end } = windowOf(piece)
  if (!item.url || item.media !== piece.media || !item.views.includes(view) || item.trigger !== 'api') return false
  if (piece.media === 'image') return Math.abs(item.start - start) <= longerMs
  const middle = (item.start + item.end) / 2
  // Of two minutes that it lies across it belongs to one.
  return middle >= start && middle < end && item.end - item.start <= end - start + longerMs
}
