import type { Note, Recording } from '@cam/download-core/source'
import { type Wanted, wantedOf } from './clips.ts'
import { groupsOf } from './placing.ts'
import type { Ordering } from './prepare.ts'
import { costOf } from './quota.ts'

/** What some recordings would cost. */
export interface Forecast {
  /** So many are uploaded already: they cost nothing. */
  readonly uploaded: number
  /** So many are ordered already, or were: they are not ordered again. */
  readonly ordered: number
  /** So many would be ordered. */
  readonly missing: number
  /** By so many orders. */
  readonly orders: number
  /** Seconds of quota that these cost: never less than they do, as far as is known. */
  readonly seconds: number
}

/** Goes by what is listed as uploaded when the recordings were, and by the notes of the ledger. */
export function forecastOf(
  asked: readonly Recording[],
  notes: readonly Note[],
  { settings, clips, orders }: Pick<Ordering, 'settings' | 'clips' | 'orders'>,
): Forecast {
  orders.learn(notes, settings.clock.monotonic())
  let [uploaded, ordered] = [0, 0]
  const missing: Wanted[] = []
  for (const one of asked.map(wantedOf)) {
    const { vehicleId, piece, view } = one
    const order = orders.of(vehicleId, piece, view) ?? orders.across(vehicleId, piece, view)
    if (clips.get(one)) uploaded++
    // What is not delivered yet may turn out to be what the user wants to have ordered again.
    else if (order && (!settings.askAgain || order.state === 'ready')) ordered++
    else missing.push(one)
  }
  const groups = groupsOf(missing)
  const seconds = groups.reduce((sum, { bought }) => sum + costOf(bought), 0)
  return { uploaded, ordered, missing: missing.length, orders: groups.length, seconds }
}
