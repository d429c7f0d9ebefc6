import type { TimeWindow } from '@cam/download-core/source'

/**
 * Cuts a window at the whole multiples of `stepMs` since 1970, in UTC: the same moments whatever the window, the zone or the
 * day of the year. Half-open, so each moment of the window is in exactly one piece. Throws RangeError for a step below 1.
 */
export function* cut(window: TimeWindow, stepMs: number): Generator<TimeWindow> {
  if (!(Number.isSafeInteger(stepMs) && stepMs >= 1)) throw new RangeError(`A step of ${stepMs} ms cuts nothing.`)
  const last = Math.floor(window.end)
  for (let start = Math.ceil(window.start); start < last; ) {
    const end = Math.min((Math.floor(start / stepMs) + 1) * stepMs, last)
    yield { start, end }
    start = end
  }
}

/** A window of the past, cut into what the console no longer has, what it may have, and what is still being written. */
export interface Reach {
  readonly expired?: TimeWindow
  readonly there?: TimeWindow
  readonly growing?: TimeWindow
}

/** `from`: the oldest footage, where known. `until`: what is younger is still being written. */
export function reach(window: TimeWindow, from: number | undefined, until: number): Reach {
  const { start, end } = window
  const oldest = Math.min(Math.max(from ?? start, start), end)
  const settled = Math.min(Math.max(until, oldest), end)
  const part = (a: number, b: number) => (a < b ? { start: a, end: b } : undefined)
  const parts = { expired: part(start, oldest), there: part(oldest, settled), growing: part(settled, end) }
  return {
    ...(parts.expired && { expired: parts.expired }),
    ...(parts.there && { there: parts.there }),
    ...(parts.growing && { growing: parts.growing }),
  }
}

/** How a piece is called: its two moments in UTC. */
export function pieceId({ start, end }: TimeWindow): string {
  return `${iso(start)}/${iso(end)}`
}

/** A moment for people and ids, in UTC. */
export function iso(moment: number): string {
  return new Date(moment).toISOString()
}
