import type { EpochMs, Note } from '@cam/download-core/source'
import { identifier } from '../wire/fields.ts'
import { type Bought, orderId, type Piece, pieceId, piecesOf, readOrderId, windowOf } from '../wire/piece.ts'
import { timestamp } from '../wire/time.ts'
import type { View } from '../wire/view.ts'

/** One paid request, as far as is known. */
export interface Order extends Bought {
  readonly id: string
  /** When it was asked for. */
  readonly at: EpochMs | undefined
  /** Placed through this source: it is not asked for again, whatever the options say. */
  readonly ours: boolean
  /** The vendor's id. Absent where nobody knows whether the order was accepted. */
  retrievalId?: string
  /** The vendor does not know the id any more. */
  forgotten: boolean
  state: 'asked' | 'ready' | 'failed'
  /** Monotonic: when it was first seen, and when it is asked about next. */
  readonly since: number
  nextAt: number
  /** Monotonic: since when it is looked for among what is uploaded. */
  lostAt?: number
  delayMs: number
  /** Monotonic: since when all that is listed of it is final, and some view is not listed. */
  leftOutSince?: number
  /** What came back when it was last asked about, where that was an error. */
  trouble?: string
}

/** First after 10 seconds, then ever more seldom: films take minutes to days. */
const firstDelayMs = 10_000
const growth = 1.5
const longDelayMs = 60_000
const longestDelayMs = 180_000
const longAfterMs = 30 * 60_000
/** How often an order of unknown fate is looked for. */
export const lookEveryMs = 60_000

/** Every order that the ledger or this source knows of, by what it bought. */
export interface OrderBook {
  /** Takes up what the ledger remembers and is not known yet. */
  learn(notes: readonly Note[], now: number): void
  of(vehicleId: string, piece: Piece, view: View): Order | undefined
  /** One in recordings of another length that holds some of the same time, and was not in vain. */
  across(vehicleId: string, piece: Piece, view: View): Order | undefined
  /** A new one, about to be asked for. */
  begin(bought: Bought, at: EpochMs, now: number): Order
  /** It was certainly not accepted: what it took the place of stands again. Answers with the one of the same id, if there was one. */
  forget(order: Order): Order | undefined
}

/** Empty. */
export function createOrderBook(): OrderBook {
  const seen = new Set<string>()
  const byView = new Map<string, Order>()
  /** In minutes: all that orders have, so that the few others can be looked for. */
  const lengths = new Map<Piece['media'], Set<number>>()
  /** What a new one took the place of, view by view. */
  const replaced = new WeakMap<Order, readonly (readonly [key: string, before: Order | undefined])[]>()
  const keys = ({ vehicleId, piece, views }: Bought) => views.map((view) => keyOf(vehicleId, piece, view))

  const count = ({ piece: { media, minutes } }: Order) => {
    if (media !== 'image') lengths.set(media, (lengths.get(media) ?? new Set()).add(minutes))
  }

  return {
    learn(notes, now) {
      for (const note of notes) {
        if (seen.has(note.order)) continue
        seen.add(note.order)
        const bought = readOrderId(note.order)
        const retrievalId = identifier(note.vendorId)
        // Without the vendor's id, a failure means that it was never accepted.
        if (!bought || (note.state === 'failed' && retrievalId === undefined)) continue
        const order: Order = {
          ...{ ...bought, id: note.order, at: note.at, ours: false, forgotten: false, since: now, nextAt: now },
          ...(retrievalId !== undefined && { retrievalId }),
          state: note.state === 'asking' ? 'asked' : note.state,
          delayMs: firstDelayMs,
        }
        count(order)
        for (const key of keys(order)) if (isBetter(order, byView.get(key))) byView.set(key, order)
      }
    },
    of: (vehicleId, piece, view) => byView.get(keyOf(vehicleId, piece, view)),
    across(vehicleId, piece, view) {
      for (const minutes of lengths.get(piece.media) ?? []) {
        if (minutes === piece.minutes) continue
        for (const other of piecesOf(windowOf(piece), piece.media, minutes)) {
          const order = byView.get(keyOf(vehicleId, other, view))
          if (order && order.state !== 'failed') return order
        }
      }
      return undefined
    },
    begin(bought, at, now) {
      const id = orderId(bought)
      seen.add(id)
      const times = { since: now, nextAt: now, delayMs: firstDelayMs }
      const order: Order = { ...bought, ...times, id, at, ours: true, forgotten: false, state: 'asked' }
      count(order)
      const before = keys(order).map((key) => [key, byView.get(key)] as const)
      replaced.set(order, before)
      for (const [key] of before) byView.set(key, order)
      return order
    },
    forget(order) {
      const before = replaced.get(order) ?? []
      for (const [key, one] of before) {
        if (byView.get(key) !== order) continue
        if (one) byView.set(key, one)
        else byView.delete(key)
      }
      return before.find(([, one]) => one?.id === order.id)?.[1]
    },
  }
}

/** Of two that bought the same, the newer one: the same is ordered again only where nothing comes of the older one. */
function isBetter(order: Order, than: Order | undefined): boolean {
  if (!than) return true
  const [at, thanAt] = [order.at ?? 0, than.at ?? 0]
  return at === thanAt ? order.retrievalId !== undefined : at > thanAt
}

function keyOf(vehicleId: string, piece: Piece, view: View): string {
  return `${vehicleId}/${pieceId(piece)}/${view}`
}

/** Nobody knows whether it was accepted, or the vendor does not know it any more: only what is uploaded can tell. */
export function isLost({ retrievalId, forgotten }: Order): boolean {
  return retrievalId === undefined || forgotten
}

/** Puts off the next question about it. */
export function putOff(order: Order, now: number): void {
  const longest = now - order.since > longAfterMs ? longestDelayMs : longDelayMs
  order.nextAt = now + order.delayMs
  order.delayMs = Math.min(order.delayMs * growth, longest)
}

/** What the ledger is to remember of it. The text says why it is not there yet. */
export function noteOf(order: Order): Note {
  const { id, retrievalId, at, state } = order
  return {
    order: id,
    state: retrievalId === undefined ? 'asking' : state,
    ...(retrievalId !== undefined && { vendorId: retrievalId }),
    ...(at !== undefined && { at }),
    text: textOf(order),
  }
}

/**
 * That it was certainly not accepted, and why. It may be asked for as if it never had been, unless there was one of the same id
 * `before`: what is known of that stands.
 */
export function refusalNote({ id }: Order, text: string, before?: Order): Note {
  return before ? { ...noteOf(before), text } : { order: id, state: 'failed', text }
}

function textOf(order: Order): string {
  const when = order.at === undefined ? '' : ` of ${timestamp(order.at)}`
  const trouble = order.trouble === undefined ? '' : ` ${order.trouble}`
  const again = 'It is not ordered again unless you ask for that.'
  if (order.retrievalId === undefined) {
    return `Possibly paid: Samsara did not say whether it took the order${when}, and it is not uploaded. ${again}${trouble}`
  }
  if (order.forgotten) return `Paid: Samsara no longer knows the order${when}, and it is not uploaded. ${again}`
  return `Ordered${when.replace(' of', ' at')}; the vehicle has not uploaded it yet.${trouble}`
}
