import type { TimeWindow } from '@cam/download-core/source'
import { identifier } from './fields.ts'
import { readTimestamp, timestamp } from './time.ts'
import { inOrder, isView, type View } from './view.ts'

const kinds = {
  highres: { wire: 'videoHighRes', mostMinutes: 1, extension: 'mp4' },
  lowres: { wire: 'videoLowRes', mostMinutes: 10, extension: 'mp4' },
  hyperlapse: { wire: 'hyperlapse', mostMinutes: 40, extension: 'mp4' },
  image: { wire: 'image', mostMinutes: 1440, extension: 'jpg' },
} as const

/** What is asked of a camera: film in one of three kinds, or pictures. */
export type Media = keyof typeof kinds

/** Every kind of media. */
export const medias = Object.keys(kinds) as readonly Media[]

/** How the vendor calls a kind of media, the most minutes one recording of it may have, and what its files are. */
export const kindOf = (media: Media): (typeof kinds)[Media] => kinds[media]

/** A minute, or as many as one recording has. */
export interface Piece {
  readonly media: Media
  readonly start: number
  readonly minutes: number
}

const minuteMs = 60_000

/** From its start to its end; a picture is a moment. */
export function windowOf({ media, start, minutes }: Piece): TimeWindow {
  return { start, end: media === 'image' ? start : start + minutes * minuteMs }
}

/** `highres/2025-04-16T18:30:00Z`; with `+10m` where a film is longer than a minute. Stable: in every ledger. */
export function pieceId({ media, start, minutes }: Piece): string {
  return `${media}/${timestamp(start)}${media === 'image' || minutes === 1 ? '' : `+${minutes}m`}`
}

/** Reads what `pieceId` wrote. */
export function readPieceId(id: string): Piece | undefined {
  const [, media, moment, minutes = '1'] = /^([a-z]+)\/([\dT:.-]+Z)(?:\+(\d{1,4})m)?$/.exec(id) ?? []
  const start = readTimestamp(moment)
  const known = medias.find((one) => one === media)
  return known && start !== undefined ? { media: known, start, minutes: Number(minutes) } : undefined
}

/** What one paid request buys: a piece of one vehicle, of these views. */
export interface Bought {
  readonly vehicleId: string
  readonly piece: Piece
  readonly views: readonly View[]
}

/** `281474976710701/highres/2025-04-16T18:30:00Z/road+driver`. Stable: in every ledger. */
export function orderId({ vehicleId, piece, views }: Bought): string {
  return `${vehicleId}/${pieceId(piece)}/${inOrder(views).join('+')}`
}

/** Reads what `orderId` wrote. */
export function readOrderId(order: string): Bought | undefined {
  const [vehicleId, media, moment, words, ...rest] = order.split('/')
  const piece = readPieceId(`${media}/${moment}`)
  const views = words?.split('+').filter(isView) ?? []
  const id = identifier(vehicleId)
  return id && piece && views.length > 0 && rest.length === 0 ? { vehicleId: id, piece, views } : undefined
}

/** The pieces of a window: those that have a moment in it, on a grid that begins at midnight, UTC. */
export function* piecesOf(window: TimeWindow, media: Media, minutes: number): Generator<Piece, void, undefined> {
  const step = minutes * minuteMs
  const first = media === 'image' ? Math.ceil(window.start / step) : Math.floor(window.start / step)
  for (let start = first * step; start < window.end; start += step) yield { media, start, minutes }
}

/** What a piece may cost, in seconds of quota for each view: never less than it does, as far as is known. PROTOCOL.md §4. */
export function quotaSecondsOf({ media, minutes }: Piece): number {
  return media === 'image' ? 0.1 : minutes * 60
}
