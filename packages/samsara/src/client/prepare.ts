import { type CamError, isCamError, type Note, type Preparation, type Recording } from '@cam/download-core/source'
import { orderedOtherwise } from '../failures.ts'
import type { Settings } from '../options.ts'
import { hasFailed, isPending, isReady, waits } from './answers.ts'
import type { Api } from './api.ts'
import { type Clips, type Wanted, wantedOf } from './clips.ts'
import { byVehicle, type Finder } from './finding.ts'
import { isLost, lookEveryMs, type Order, type OrderBook } from './orders.ts'
import { placeAll } from './placing.ts'
import { askHowItStands } from './standing.ts'

/** What orders need, for the life of a source. */
export interface Ordering {
  readonly api: Api
  readonly settings: Settings
  readonly orders: OrderBook
  readonly clips: Clips
  readonly finder: Finder
  /** Seconds of quota, ordered through this source. */
  spent: number
}

/**
 * One round: asks how what is ordered stands, looks for orders of unknown fate, and orders what is neither uploaded nor ordered. Each
 * order is noted before it is asked for. PROTOCOL.md §3 to §5.
 */
export async function* prepare(
  asked: readonly Recording[],
  notes: readonly Note[],
  ordering: Ordering,
  signal: AbortSignal,
): AsyncGenerator<Preparation, void, undefined> {
  const { orders, settings, clips } = ordering
  const { clock } = settings
  orders.learn(notes, clock.monotonic())
  const fresh: Wanted[] = []
  const known = new Map<Order, Wanted[]>()
  for (const one of asked.map(wantedOf)) {
    const order = orders.of(one.vehicleId, one.piece, one.view)
    if (!order) fresh.push(one)
    // Whatever becomes of its order: it is uploaded.
    else if (clips.get(one)) yield isReady(one, order)
    else known.set(order, [...(known.get(order) ?? []), one])
  }
  const again: Wanted[] = []
  const ask = async function* (all: boolean): AsyncGenerator<Preparation, void, undefined> {
    for (const [order, wanted] of known) {
      if (isLost(order) || wanted.length === 0) continue
      const now = clock.monotonic()
      if (order.nextAt <= now) {
        const left = new Set(wanted)
        for await (const answer of askHowItStands(order, wanted, ordering, again, signal)) {
          if (answer.state !== 'waiting') left.delete(wanted.find(({ view }) => view === answer.view)!)
          yield answer
        }
        for (const one of again) left.delete(one)
        known.set(order, [...left])
      } else if (all) {
        for (const one of wanted) yield waits(one, order, order.nextAt - now)
      }
    }
  }
  yield* ask(true)
  yield* lookForLost(known, ordering, again, signal)
  const missing: Wanted[] = []
  for (const one of yield* lookForUploaded(fresh, ordering, signal)) {
    const other = settings.askAgain ? undefined : orders.across(one.vehicleId, one.piece, one.view)
    if (other) yield hasFailed(one, orderedOtherwise(other.id, other.piece.minutes))
    else missing.push(one)
  }
  const placed = placeAll([...missing, ...again], ordering, signal)
  for await (const { answers, order, wanted } of placed) {
    yield* answers
    if (order) known.set(order, wanted)
    // Orders may take long to place: what is there meanwhile is not made to wait.
    yield* ask(false)
  }
}

/** Of what was never ordered: takes what is uploaded, and answers with the rest. */
async function* lookForUploaded(
  fresh: readonly Wanted[],
  { settings, clips, finder }: Ordering,
  signal: AbortSignal,
): AsyncGenerator<Preparation, Wanted[], undefined> {
  if (!settings.reuseUploaded) return [...fresh]
  const rest: Wanted[] = []
  for (const [vehicleId, wanted] of byVehicle(fresh)) {
    const trouble = await unlessItFails(() =>
      finder.look(
        vehicleId,
        wanted.filter((one) => !finder.looked(one)),
        signal,
      ),
    )
    for (const one of wanted) {
      if (clips.get(one)) yield isReady(one)
      // What is uploaded must not be paid for, and nobody knows what is.
      else if (trouble) yield hasFailed(one, trouble)
      else rest.push(one)
    }
  }
  return rest
}

/** Orders of unknown fate: nothing but what is uploaded can tell. */
async function* lookForLost(
  known: ReadonlyMap<Order, readonly Wanted[]>,
  ordering: Ordering,
  again: Wanted[],
  signal: AbortSignal,
): AsyncGenerator<Preparation, void, undefined> {
  const { settings, clips, finder } = ordering
  const lost = [...known].filter(([order, wanted]) => isLost(order) && wanted.length > 0)
  const now = settings.clock.monotonic()
  const due = lost.filter(([order]) => order.nextAt <= now || order.lostAt === undefined)
  const trouble = await unlessItFails(() =>
    finder.lookForOrdered(
      due.flatMap(([, wanted]) => wanted),
      signal,
    ),
  )
  for (const [order, wanted] of lost) {
    const wasLookedFor = due.some(([one]) => one === order)
    order.lostAt ??= now
    if (order.nextAt <= now) order.nextAt = now + lookEveryMs
    const inVain = now - order.lostAt >= settings.lookForMs
    for (const one of wanted) {
      if (clips.get(one)) yield isReady(one, order)
      else if (settings.askAgain && !order.ours && !trouble) again.push(one)
      else if (inVain) yield isPending(one, order, lookEveryMs)
      else yield waits(one, order, order.nextAt - now)
    }
    // Once may be a slip of theirs: next it is asked about by its id again.
    if (wasLookedFor && !inVain) order.forgotten = false
  }
}

/** What went wrong, where a list could not be read; the run's own end, and what ends it, is thrown. */
async function unlessItFails(work: () => Promise<void>): Promise<CamError | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!isCamError(error) || error.stops === 'run') throw error
    return error
  }
}
