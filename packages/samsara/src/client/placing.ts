import { type CamError, isCamError, type Preparation } from '@cam/download-core/source'
import { fatesUnknown, notHappenedYet, notRecording, overAllowance } from '../failures.ts'
import { type Bought, pieceId, windowOf } from '../wire/piece.ts'
import { inOrder } from '../wire/view.ts'
import { hasFailed, isAbsent, remember, waits } from './answers.ts'
import { endpoints } from './api.ts'
import type { Wanted } from './clips.ts'
import { lookEveryMs, noteOf, type Order, putOff, refusalNote } from './orders.ts'
import { type Placed, placeOrder } from './place-order.ts'
import type { Ordering } from './prepare.ts'
import { costOf, quotaNote } from './quota.ts'

/** A step of placing orders: what is to be said, before anything else happens. */
interface Step {
  readonly answers: readonly Preparation[]
  /** There once it is placed. */
  readonly order?: Order
  readonly wanted: Wanted[]
}

/** These say nothing about this one order: every other would meet the same. */
const blocking = ['AUTHENTICATION', 'PERMISSION', 'QUOTA', 'RATE_LIMITED', 'NETWORK', 'TIMEOUT', 'TLS_UNTRUSTED']
/** After so many orders of unknown fate on end no more are placed: each would be one that may be paid for and is not ordered again. */
const mostUnknown = 5

/**
 * Orders these, one request for all views of a piece; one for each view where that is refused. What is not ordered because of
 * something that every order would meet has no note. Each step has to be written down before the next is asked for.
 */
export async function* placeAll(
  wanted: readonly Wanted[],
  ordering: Ordering,
  signal: AbortSignal,
): AsyncGenerator<Step, void, undefined> {
  const { api, settings, orders } = ordering
  let blocked: CamError | undefined
  let unknown = 0
  const queue = groupsOf(wanted)
  for (const { bought, group } of queue) {
    const cost = costOf(bought)
    const over = ordering.spent + cost > settings.maxQuotaSeconds
    const now = api.vendorNow()
    const early = now !== undefined && windowOf(bought.piece).end > now
    const refusal = early
      ? notHappenedYet(windowOf(bought.piece), now)
      : over
        ? overAllowance(cost, ordering.spent, settings.maxQuotaSeconds)
        : undefined
    const no = blocked ?? refusal
    if (no) {
      yield { answers: group.map((one) => hasFailed(one, no)), wanted: [] }
      continue
    }
    await api.turn(endpoints.order, signal)
    const order = orders.begin(bought, settings.clock.now(), settings.clock.monotonic())
    let noted = false
    try {
      yield { answers: group.map((one) => remember(one, noteOf(order))), wanted: [] }
      noted = true
    } finally {
      // It could not be written down, and is not asked for.
      if (!noted) orders.forget(order)
    }
    const placed: Placed = signal.aborted
      ? { is: 'refused', error: signal.reason }
      : await placeOrder(api, bought, settings, signal)
    if (placed.is === 'refused') {
      const before = orders.forget(order)
      const { error } = placed
      const apart = group.length > 1 && mayBeAboutOneView(error)
      const answer = (one: Wanted) =>
        apart ? remember(one, refusalNote(order, error.message, before)) : refused(one, order, error, before)
      yield { answers: group.map(answer), wanted: [] }
      if (apart) queue.push(...group.map((one) => ({ bought: { ...bought, views: [one.view] }, group: [one] })))
      if (!isCamError(error)) throw error
      if (blocking.includes(error.code)) blocked = error
      continue
    }
    unknown = placed.is === 'unknown' ? unknown + 1 : 0
    if (placed.is === 'unknown' && unknown === mostUnknown) blocked = fatesUnknown(unknown, placed.why)
    ordering.spent += cost
    yield { answers: taken(placed, order, group, ordering), order, wanted: group }
    signal.throwIfAborted()
  }
}

/** Refused for what nobody knows: a camera that the vehicle has not got is not to cost the minute of the others. */
function mayBeAboutOneView(error: unknown): error is CamError {
  return isCamError(error) && error.httpStatus === 400 && error.code === 'REQUEST' && error.vendorCode !== notRecording
}

function taken(
  placed: Exclude<Placed, { is: 'refused' }>,
  order: Order,
  group: readonly Wanted[],
  { settings: { clock } }: Ordering,
): Preparation[] {
  const told: Preparation[] = []
  if (placed.is === 'accepted') {
    order.retrievalId = placed.retrievalId
    putOff(order, clock.monotonic())
    // The vendor's id is written down before anything else is; and said again behind it, because the last text is the one shown.
    if (placed.quotaStatus !== undefined) {
      told.push(remember(group[0]!, noteOf(order)), remember(group[0]!, quotaNote(placed.quotaStatus, clock.now())))
    }
  } else {
    order.trouble = placed.why
    order.nextAt = clock.monotonic() + lookEveryMs / 4
  }
  return [...told, ...group.map((one) => waits(one, order, order.nextAt - clock.monotonic()))]
}

/** It was certainly not accepted. */
function refused(one: Wanted, order: Order, error: unknown, before: Order | undefined): Preparation {
  if (!isCamError(error)) return remember(one, refusalNote(order, 'The run was ended before it was asked for.', before))
  const note = refusalNote(order, error.message, before)
  return error.vendorCode === notRecording ? isAbsent(one, note) : hasFailed(one, error, note)
}

/** One order for each piece of a vehicle, with all its views. */
export function groupsOf(wanted: readonly Wanted[]): { readonly bought: Bought; readonly group: Wanted[] }[] {
  const groups = new Map<string, Wanted[]>()
  for (const one of wanted) {
    const key = `${one.vehicleId} ${pieceId(one.piece)}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(one)
  }
  return [...groups.values()].map((group) => {
    const { vehicleId, piece } = group[0]!
    return { bought: { vehicleId, piece, views: inOrder(group.map(({ view }) => view)) }, group }
  })
}
