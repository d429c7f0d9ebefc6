import type { EpochMs, TimeWindow } from '@cam/download-core/source'
import { at, isObject, word } from './fields.ts'
import { kindOf, type Media, medias } from './piece.ts'
import { readTimestamp } from './time.ts'
import { type View, viewsOf } from './view.ts'

/** One film or picture, as either list has it. */
export interface MediaItem extends TimeWindow {
  readonly vehicleId: string
  /** Its input, and its role where it has one. */
  readonly views: readonly View[]
  readonly media: Media
  /** In the list of what is uploaded there is none. */
  readonly status?: string
  /** Why it was uploaded, in the vendor's word. */
  readonly trigger?: string
  readonly url?: SignedUrl
}

/** An address that is itself a key: never stored. */
export interface SignedUrl {
  readonly href: string
  readonly expiresAt?: EpochMs
}

const longestUrl = 8192

/** Reads one entry of either list. Undefined for what is no film and no picture of a camera that is known here. PROTOCOL.md §3, §5. */
export function readMediaItem(value: unknown): MediaItem | undefined {
  if (!isObject(value)) return undefined
  const { vehicleId, mediaType } = value
  const views = viewsOf(value.input, value.cameraRole)
  const media = medias.find((one) => kindOf(one).wire === mediaType)
  const start = readTimestamp(value.startTime)
  const end = readTimestamp(value.endTime)
  if (typeof vehicleId !== 'string' || views.length === 0 || !media || start === undefined || end === undefined) {
    return undefined
  }
  if (end < start) return undefined
  const status = word(value.status)
  const trigger = word(value.triggerReason)
  const href = at(value, 'urlInfo', 'url')
  const expiresAt = readTimestamp(at(value, 'urlInfo', 'urlExpiryTime'))
  const url = typeof href === 'string' && href !== '' && href.length <= longestUrl ? href : undefined
  return {
    ...{ vehicleId, views, media, start, end },
    ...(status !== undefined && { status }),
    ...(trigger !== undefined && { trigger }),
    ...(url !== undefined && { url: { href: url, ...(expiresAt !== undefined && { expiresAt }) } }),
  }
}

/** The words after which nothing more comes. Whatever else is said means that it is still on its way. PROTOCOL.md §5. */
const last = ['failed', 'invalid', 'unavailable']

/** How one view of an order stands. */
export type Standing =
  | { readonly is: 'available'; readonly item: MediaItem & { readonly url: SignedUrl } }
  | { readonly is: 'waiting' }
  /** What was delivered shows nothing of the time that was asked for. */
  | { readonly is: 'elsewhere'; readonly item: MediaItem }
  | { readonly is: 'failed'; readonly word: string }
  /** There is no such footage. */
  | { readonly is: 'absent'; readonly word: string }

/** How a view stands by the entries of its order: the one that covers the most, where several are there. */
export function standingOf(items: readonly MediaItem[], view: View, asked: TimeWindow): Standing {
  const own = items.filter(({ views }) => views.includes(view))
  const there = own.filter((item): item is MediaItem & { readonly url: SignedUrl } => {
    return item.status === 'available' && item.url !== undefined
  })
  const [best] = there.sort((a, b) => shared(b, asked) - shared(a, asked))
  // A picture is of a moment, and the nearest one is as good.
  if (best && (asked.start === asked.end || shared(best, asked) > 0)) return { is: 'available', item: best }
  const words = own.flatMap((item) => ((there as MediaItem[]).includes(item) ? [] : [item.status ?? '']))
  if (own.length === 0 || !words.every((one) => last.includes(one))) return { is: 'waiting' }
  if (best) return { is: 'elsewhere', item: best }
  return words.includes('failed') ? { is: 'failed', word: 'failed' } : { is: 'absent', word: words[0]! }
}

/** So many milliseconds of what is asked for are in it; negative where there are none. */
export function shared(item: TimeWindow, asked: TimeWindow): number {
  return Math.min(item.end, asked.end) - Math.max(item.start, asked.start)
}

/** Reads the reply about an order; undefined for one that has no list. */
export function readStandings(json: unknown, vehicleId: string): MediaItem[] | undefined {
  const media = at(json, 'data', 'media')
  if (!Array.isArray(media)) return undefined
  return media.flatMap((one) => readMediaItem(one) ?? []).filter((item) => item.vehicleId === vehicleId)
}

/** Whether everything in that reply was understood: only then does it tell that something is not in it. */
export function isUnderstood(json: unknown, vehicleId: string): boolean {
  const media = at(json, 'data', 'media')
  return Array.isArray(media) && media.length === readStandings(json, vehicleId)?.length
}
