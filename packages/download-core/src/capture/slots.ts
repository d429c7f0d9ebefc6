import { Temporal } from 'temporal-polyfill'
import type { EpochMs } from '../footage/time-window.ts'
import type { Timetable } from './timetable.ts'

const longestStretchMs = 400 * 86_400_000

/** The moments of a timetable. */
export interface Slots {
  /** The first slot after this moment, due or not. */
  next(after: EpochMs): EpochMs
  /** The first slot after this moment that is due and not later than `last`. */
  firstDue(after: EpochMs, last: EpochMs): EpochMs | undefined
}

/** A stretch of time in which the clock of the zone does not jump. */
interface Stretch {
  readonly from: EpochMs
  readonly end: EpochMs
  readonly offsetMs: number
}

/** Pure arithmetic; what is asked for in order costs next to nothing. Throws what `due` throws. */
export function slotsOf({ everyMs, timeZone = 'UTC', due }: Timetable): Slots {
  let stretch: Stretch | undefined

  const stretchAt = (at: EpochMs): Stretch => {
    if (stretch && stretch.from <= at && at < stretch.end) return stretch
    const moment = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone)
    const jump = moment.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY
    const from = Math.floor(at)
    stretch = { from, end: Math.min(jump, from + longestStretchMs), offsetMs: moment.offsetNanoseconds / 1e6 }
    return stretch
  }

  const next = (after: EpochMs): EpochMs => {
    for (let from = after; ; ) {
      const { end, offsetMs } = stretchAt(from)
      const slot = (Math.floor((from + offsetMs) / everyMs) + 1) * everyMs - offsetMs
      if (slot < end) return slot
      const then = stretchAt(end).offsetMs
      // The first multiple at or behind the moment of the jump, as the clock would have gone on; skipped if the clock is past it.
      const skipped = Math.ceil((end + offsetMs) / everyMs) * everyMs < end + then
      if (skipped || (end + then) % everyMs === 0) return end
      from = end
    }
  }

  return {
    next,
    firstDue(after, last) {
      for (let slot = next(after); slot <= last; slot = next(slot)) if (!due || due(slot)) return slot
      return undefined
    },
  }
}
