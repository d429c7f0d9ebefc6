import { isCamError, type Preparation } from '@cam/download-core/source'
import { deliveredElsewhere, noSuchFootage, notDelivered } from '../failures.ts'
import { readStandings, standingOf } from '../wire/media.ts'
import { windowOf } from '../wire/piece.ts'
import { hasFailed, isAbsent, isReady, waits } from './answers.ts'
import { endpoints } from './api.ts'
import type { Wanted } from './clips.ts'
import { isLost, noteOf, type Order, putOff } from './orders.ts'
import type { Ordering } from './prepare.ts'

/**
 * Asks how one order stands. An answer that is none, or an error, is no end: it is asked again later. `again` takes what the
 * vendor failed to deliver and the user wants to have ordered once more. Throws where nothing can be asked with this token.
 */
export async function* askHowItStands(
  order: Order,
  wanted: readonly Wanted[],
  { api, settings, clips }: Ordering,
  again: Wanted[],
  signal: AbortSignal,
): AsyncGenerator<Preparation, void, undefined> {
  const { clock } = settings
  const { vehicleId, piece, retrievalId } = order
  putOff(order, clock.monotonic())
  const items = await ask(order, { api }, signal)
  const standings = new Map(order.views.map((view) => [view, standingOf(items ?? [], view, windowOf(piece))]))
  const all = [...standings.values()]
  if (all.every(({ is }) => is !== 'waiting')) {
    order.state = all.some(({ is }) => is === 'available') ? 'ready' : 'failed'
  }
  for (const one of wanted) {
    const standing = standings.get(one.view) ?? { is: 'waiting' }
    if (standing.is === 'available') {
      clips.put(one, standing.item, retrievalId)
      yield isReady(one, order)
    } else if (standing.is === 'absent') {
      yield isAbsent(one, { ...noteOf(order), text: noSuchFootage(standing.word) })
    } else if (standing.is === 'elsewhere') {
      yield hasFailed(one, deliveredElsewhere(`${one.view} of vehicle ${vehicleId}`, standing.item), noteOf(order))
    } else if (standing.is === 'failed') {
      if (settings.askAgain && !order.ours) again.push(one)
      else yield hasFailed(one, notDelivered(`${one.view} of vehicle ${vehicleId}`), noteOf(order))
    } else yield waits(one, order, isLost(order) ? 0 : order.nextAt - clock.monotonic())
  }
}

/** Undefined where nothing was said. */
async function ask(order: Order, { api }: Pick<Ordering, 'api'>, signal: AbortSignal) {
  const { retrievalId, vehicleId } = order
  try {
    const items = readStandings(await api.get(endpoints.standing, { retrievalId }, signal), vehicleId)
    delete order.lostAt
    if (items) delete order.trouble
    else order.trouble = 'The last answer about it was no list.'
    return items
  } catch (error) {
    if (signal.aborted || !isCamError(error) || error.stops === 'run' || error.code === 'PERMISSION') throw error
    if (error.code === 'NOT_FOUND') order.forgotten = true
    else order.trouble = `Asking about it failed last: ${error.message}`
    return undefined
  }
}
