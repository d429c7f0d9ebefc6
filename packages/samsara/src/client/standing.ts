import { isCamError, type Preparation } from '@cam/download-core/source'
import { deliveredElsewhere, leftOut, noSuchFootage, notDelivered } from '../failures.ts'
import { isUnderstood, type MediaItem, readStandings, type Standing, standingOf } from '../wire/media.ts'
import { windowOf } from '../wire/piece.ts'
import { hasFailed, isAbsent, isReady, waits } from './answers.ts'
import { endpoints } from './api.ts'
import type { Wanted } from './clips.ts'
import { isLost, noteOf, type Order, putOff } from './orders.ts'
import type { Ordering } from './prepare.ts'

/** A view that an order does not list may still come; not for longer than this after everything else has ended. */
const leftOutForMs = 30 * 60_000

/** `left-out`: it does not come. */
type OrderStanding = Standing | { readonly is: 'left-out' }

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
  const { vehicleId, retrievalId } = order
  putOff(order, clock.monotonic())
  const answer = await ask(order, { api }, signal)
  const standings = standingsOf(order, answer, clock.monotonic())
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
    } else if (standing.is === 'failed' || standing.is === 'left-out') {
      const why = standing.is === 'failed' ? notDelivered : leftOut
      if (settings.askAgain && !order.ours) again.push(one)
      else yield hasFailed(one, why(`${one.view} of vehicle ${vehicleId}`), noteOf(order))
    } else yield waits(one, order, isLost(order) ? 0 : order.nextAt - clock.monotonic())
  }
}

/** What came back about an order; `whole`: what is not in it is not listed. */
interface Answer {
  readonly items: readonly MediaItem[]
  readonly whole: boolean
}

/** View by view. Takes note of when an order began to leave one out. */
function standingsOf(order: Order, answer: Answer | undefined, now: number): Map<string, OrderStanding> {
  const { items, whole } = answer ?? { items: [], whole: false }
  const standings = new Map<string, OrderStanding>(
    order.views.map((view) => [view, standingOf(items, view, windowOf(order.piece))]),
  )
  const missing = order.views.filter((view) => !items.some(({ views }) => views.includes(view)))
  const listed = order.views.filter((view) => !missing.includes(view))
  const settled = whole && listed.length > 0 && listed.every((view) => standings.get(view)?.is !== 'waiting')
  if (!settled || missing.length === 0) {
    if (answer) delete order.leftOutSince
    return standings
  }
  order.leftOutSince ??= now
  // An earlier run has waited for it.
  const over = order.state !== 'asked' || now - order.leftOutSince >= leftOutForMs
  if (over) for (const view of missing) standings.set(view, { is: 'left-out' })
  return standings
}

/** Undefined where nothing was said. */
async function ask(order: Order, { api }: Pick<Ordering, 'api'>, signal: AbortSignal): Promise<Answer | undefined> {
  const { retrievalId, vehicleId } = order
  try {
    const reply = await api.get(endpoints.standing, { retrievalId }, signal)
    const items = readStandings(reply, vehicleId)
    delete order.lostAt
    if (items) delete order.trouble
    else order.trouble = 'The last answer about it was no list.'
    return items && { items, whole: isUnderstood(reply, vehicleId) }
  } catch (error) {
    if (signal.aborted || !isCamError(error) || error.stops === 'run' || error.code === 'PERMISSION') throw error
    if (error.code === 'NOT_FOUND') order.forgotten = true
    else order.trouble = `Asking about it failed last: ${error.message}`
    return undefined
  }
}
