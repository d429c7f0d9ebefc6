import type { TimeWindow } from '@cam/download-core/source'
import type { Settings } from '../options.ts'
import { type MediaItem, type SignedUrl, shared } from '../wire/media.ts'
import { type Piece, pieceId, windowOf } from '../wire/piece.ts'
import { inOrder, type View } from '../wire/view.ts'
import type { Api } from './api.ts'
import type { Clips, Wanted } from './clips.ts'
import { listUploaded, mayBeOrdered, standsFor } from './uploaded.ts'

/** Looks among what is uploaded. */
export interface Finder {
  /** Takes note of what is there of these recordings of one vehicle. */
  look(vehicleId: string, wanted: readonly Wanted[], signal: AbortSignal): Promise<void>
  /** Whether it was looked for already, found or not. */
  looked(wanted: Wanted): boolean
  /** Those of an order of unknown fate: what is near enough counts, too. */
  lookForOrdered(wanted: readonly Wanted[], signal: AbortSignal): Promise<void>
}

/** Stretches that lie closer together than this are asked for in one go. */
const togetherMs = 3_600_000

/** A finder that puts what it finds among the clips. */
export function createFinder(api: Api, settings: Settings, clips: Clips): Finder {
  const seen = new Set<string>()
  const keyOf = ({ vehicleId, piece, view }: Wanted) => `${vehicleId} ${pieceId(piece)} ${view}`

  const find = async (
    vehicleId: string,
    wanted: readonly Wanted[],
    fits: (item: MediaItem, view: View, piece: Piece) => boolean,
    signal: AbortSignal,
  ) => {
    if (wanted.length === 0) return
    const stretches = together(wanted.map(({ piece }) => windowOf(piece)))
    const views = inOrder(wanted.map(({ view }) => view))
    const items = await listUploaded(api, vehicleId, settings.media, views, stretches, signal)
    const byMinute = new Map<number, MediaItem[]>()
    for (const item of items) {
      for (let at = minuteOf(item.start) - 1; at <= minuteOf(item.end) + 1 && at <= minuteOf(item.start) + 60; at++) {
        byMinute.set(at, [...(byMinute.get(at) ?? []), item])
      }
    }
    for (const one of wanted) {
      const near = new Set(minutesOf(windowOf(one.piece)).flatMap((at) => byMinute.get(at) ?? []))
      const [item] = [...near].filter((each) => fits(each, one.view, one.piece)).sort(closerTo(one.piece))
      if (item?.url) clips.put(one, item as MediaItem & { readonly url: SignedUrl })
    }
  }

  return {
    looked: (wanted) => seen.has(keyOf(wanted)),
    async look(vehicleId, wanted, signal) {
      await find(vehicleId, wanted, standsFor, signal)
      for (const one of wanted) seen.add(keyOf(one))
    },
    async lookForOrdered(wanted, signal) {
      for (const [vehicleId, some] of byVehicle(wanted)) await find(vehicleId, some, mayBeOrdered, signal)
    },
  }
}

/** Each vehicle's own. */
export function byVehicle(wanted: Iterable<Wanted>): Map<string, Wanted[]> {
  const vehicles = new Map<string, Wanted[]>()
  for (const one of wanted) {
    const own = vehicles.get(one.vehicleId) ?? []
    vehicles.set(one.vehicleId, own)
    own.push(one)
  }
  return vehicles
}

/** The one first that covers the most; of those, the one that holds the least besides. */
function closerTo(piece: Piece): (a: MediaItem, b: MediaItem) => number {
  const asked = windowOf(piece)
  const off = (moment: TimeWindow) => Math.abs(moment.start - asked.start) + Math.abs(moment.end - asked.end)
  return (a, b) => shared(b, asked) - shared(a, asked) || off(a) - off(b)
}

function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000)
}

/** Every minute that a piece touches: what it brought may begin in any of them. */
function minutesOf({ start, end }: TimeWindow): number[] {
  return Array.from({ length: minuteOf(end) - minuteOf(start) + 1 }, (_, index) => minuteOf(start) + index)
}

function together(windows: readonly TimeWindow[]): TimeWindow[] {
  const joined: TimeWindow[] = []
  for (const { start, end } of [...windows].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last && start - last.end <= togetherMs)
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, end) }
    else joined.push({ start, end: Math.max(end, start + 1) })
  }
  return joined
}
