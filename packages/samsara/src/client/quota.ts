import type { EpochMs, Note } from '@cam/download-core/source'
import { quotaSecondsOf, readOrderId } from '../wire/piece.ts'
import { readQuotaStatus } from '../wire/quota-status.ts'

/** What is known of an organisation's quota without asking anybody. Seconds are those of high-resolution film. */
export interface Quota {
  /** The vendor's last word, and when it was said. */
  readonly told?: {
    readonly at: EpochMs
    readonly said: string
    readonly usedSeconds?: number
    readonly ofSeconds?: number
  }
  /** Ordered through this archive, by month of UTC (`2025-04`): never less than it costs, as far as is known. */
  readonly ordered: Readonly<Record<string, OrderedSum>>
}

/** What was ordered in a month. */
export interface OrderedSum {
  readonly orders: number
  /** Of these, how many may not have been accepted. */
  readonly uncertain: number
  readonly seconds: number
}

/** Under this name a ledger keeps the vendor's last word. */
const quotaOrder = 'quota'

/** The vendor's last word, as a note. */
export function quotaNote(said: string, at: EpochMs): Note {
  return { order: quotaOrder, state: 'ready', text: said, at }
}

/** Reads the notes of one source of a ledger. */
export function quotaOf(notes: readonly Note[]): Quota {
  const last = notes.find(({ order }) => order === quotaOrder)
  const ordered: Record<string, OrderedSum> = {}
  for (const { order, state, vendorId, at } of notes) {
    const bought = readOrderId(order)
    if (!bought || (state === 'failed' && vendorId === undefined)) continue
    const month = at === undefined ? 'unknown' : new Date(at).toISOString().slice(0, 7)
    const sum = ordered[month] ?? { orders: 0, uncertain: 0, seconds: 0 }
    ordered[month] = {
      orders: sum.orders + 1,
      uncertain: sum.uncertain + (vendorId === undefined ? 1 : 0),
      seconds: sum.seconds + costOf(bought),
    }
  }
  if (last?.text === undefined || last.at === undefined) return { ordered }
  return { told: { at: last.at, said: last.text, ...readQuotaStatus(last.text) }, ordered }
}

/** What an order costs, as far as is known. */
export function costOf({ piece, views }: NonNullable<ReturnType<typeof readOrderId>>): number {
  return quotaSecondsOf(piece) * views.length
}
