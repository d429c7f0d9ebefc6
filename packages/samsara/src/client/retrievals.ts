import type { EpochMs, Note } from '@cam/download-core/source'
import { identifier } from '../wire/fields.ts'
import { readOrderId, windowOf } from '../wire/piece.ts'
import type { View } from '../wire/view.ts'

/** One order that the vendor has accepted. */
export interface Retrieval {
  /** The vendor's `retrievalId`. */
  readonly id: string
  readonly vehicleId: string
  readonly views: readonly View[]
  /** The beginning and end of what was ordered; of a picture both are its moment. */
  readonly start: EpochMs
  readonly end: EpochMs
  /** When it was ordered. */
  readonly orderedAt?: EpochMs
}

/** Reads the notes of one source of a ledger: the orders whose id is known, by the time of their footage. */
export function retrievalsOf(notes: readonly Note[]): Retrieval[] {
  const found = notes.flatMap(({ order, vendorId, at }): Retrieval[] => {
    const [bought, id] = [readOrderId(order), identifier(vendorId)]
    if (!bought || id === undefined) return []
    const { vehicleId, views, piece } = bought
    return [{ id, vehicleId, views, ...windowOf(piece), ...(at !== undefined && { orderedAt: at }) }]
  })
  return found.sort((a, b) => a.start - b.start)
}
