import type { Clock } from '../clock.ts'
import type { CamError } from '../footage/errors.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { deadline } from '../http/deadline.ts'
import { type Account, missedSince } from './account.ts'
import type { MissedWhy } from './events.ts'
import type { ShotEnd } from './shoot.ts'
import type { Slots } from './slots.ts'

/** The wall clock is looked at this often: it may be set at any moment, and no timer notices. */
const longestNapMs = 10_000
/** How far ahead a slot that is due is looked for. */
const lookAheadMs = 3_600_000
/** Less is a clock being corrected, and no slot comes a second time by it. */
const jumpMs = 1000

/** One camera, its slots, and what is done about each. */
export interface CameraRun {
  readonly clock: Clock
  readonly slots: Slots
  readonly graceMs: number
  /** After the slot; cameras of one slot are not all asked at once. */
  readonly offsetMs: number
  readonly until: EpochMs
  readonly account: Account
  /** Ends the loop. A picture under way is waited for. */
  readonly end: AbortSignal
  shoot(slot: EpochMs, lateMs: number, stop: AbortSignal): Promise<ShotEnd>
  /** Records what has no outcome after `from`, up to `last`. */
  missed(from: EpochMs, last: EpochMs, why: (slot: EpochMs) => MissedWhy): Promise<void>
  /** Why slots before the first one are missed. */
  whyBefore(slot: EpochMs): MissedWhy | undefined
  /** Nothing more can be kept: of this device, or at all. */
  halt(cause: CamError): void
}

/**
 * Takes one slot after the other, from the wall clock and never from the last picture, so nothing drifts. A clock that is put back
 * repeats no slot; one that goes forward misses those between, and that is recorded. True where `until` was reached.
 */
export async function runCamera(from: EpochMs, how: CameraRun): Promise<boolean> {
  const { clock, slots, account, end, until } = how
  let cursor = from
  let busy = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
  const why = (slot: EpochMs): MissedWhy =>
    how.whyBefore(slot) ?? (slot > busy.from && slot <= busy.to ? 'device busy' : 'too late')
  // Nights are long: what was looked through is not looked through again.
  let noneUntil = Number.NEGATIVE_INFINITY
  let look = { now: clock.now(), monotonic: clock.monotonic() }
  const putBack = async (to: EpochMs) => {
    if (to >= cursor) return
    cursor = to
    noneUntil = to
    await account.putBack(to)
  }
  // Also one that was put back while the program was down.
  await putBack(look.now)
  while (!end.aborted) {
    const now = clock.now()
    const monotonic = clock.monotonic()
    // What the clock would have shown at the last look, had it been put back by then.
    const since = now - (monotonic - look.monotonic)
    // Slots that come a second time are known by their rows.
    const jumped = since < look.now - jumpMs
    look = { now, monotonic }
    if (jumped) await putBack(since)
    const lost = Math.min(until, now - how.graceMs - 1)
    if (lost > cursor) {
      const start = missedSince(cursor, lost, account.peak)
      // Looked for here first: most often there is none, and then the disk is left alone.
      const some = lost - start > lookAheadMs || slots.firstDue(start, lost) !== undefined
      if (some) await how.missed(start, lost, why)
      cursor = lost
      continue
    }
    const horizon = Math.min(until, now + lookAheadMs)
    const slot = slots.firstDue(Math.max(cursor, noneUntil), horizon)
    if (slot === undefined) noneUntil = horizon
    if (slot === undefined && now >= until) return true
    const wakeAt = slot === undefined ? until : slot + how.offsetMs
    if (slot === undefined || wakeAt > now) {
      await clock.wait(Math.min(wakeAt - now, longestNapMs), end).catch(unlessEnded(end))
      continue
    }
    const known = (await account.find(slot))?.outcome?.outcome
    if (known === undefined || known === 'failed') {
      const next = slots.next(slot)
      const leftMs = Math.min(slot + how.graceMs, next) - now
      busy = { from: slot, to: Number.POSITIVE_INFINITY }
      const { cause } = await withinGrace(leftMs, how, (stop) => how.shoot(slot, now - slot, stop))
      busy = { from: slot, to: clock.now() }
      // A locked account opens again, and whoever has months to go waits for that.
      if (cause?.stops === 'run' && !cause.retryable) how.halt(cause)
    }
    await account.reached(slot)
    cursor = slot
  }
  return false
}

/** Runs with a signal that ends further tries after `leftMs`, or with the run. */
async function withinGrace<T>(
  leftMs: number,
  { clock, end }: CameraRun,
  run: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const onEnd = () => stop.abort()
  const cancel = deadline(clock, leftMs, onEnd)
  end.addEventListener('abort', onEnd, { once: true })
  if (end.aborted) onEnd()
  try {
    return await run(stop.signal)
  } finally {
    cancel()
    end.removeEventListener('abort', onEnd)
  }
}

function unlessEnded(end: AbortSignal) {
  return (error: unknown) => {
    if (!end.aborted) throw error
  }
}
