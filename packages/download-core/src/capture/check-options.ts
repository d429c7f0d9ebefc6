import { compileLayout, type Layout } from '../archive/layout.ts'
import type { FootageSource } from '../footage/source.ts'
import type { RetryPolicy } from '../retry.ts'
import type { CaptureOptions } from './options.ts'
import { checkTimetable } from './timetable.ts'

/** No timer is exact, and nobody asks in no time. */
const leastGraceMs = 100

/** Options with everything that was left open decided. */
export interface Checked {
  readonly sources: readonly FootageSource[]
  readonly layout: Layout
  readonly graceMs: number
  readonly shotMs: number
  readonly retry: RetryPolicy
  readonly until: number
}

/** Throws a TypeError or RangeError that names the option and the value received. */
export function checkOptions(options: CaptureOptions): Checked {
  const { timetable, staggerMs, until = Number.POSITIVE_INFINITY, reserveBytes } = options
  const sources = Array.isArray(options.source) ? (options.source as readonly FootageSource[]) : [options.source]
  if (sources.length === 0) throw new TypeError('source: there is none.')
  if (new Set(sources).size < sources.length) throw new TypeError('source: the same one is named twice.')
  for (const source of sources as readonly FootageSource[]) {
    if (!source.snapshot) throw new TypeError(`source: ${source.vendor} cannot take pictures.`)
  }
  checkTimetable(timetable)
  const { everyMs } = timetable
  const { graceMs = Math.min(everyMs / 2, 30_000) } = options
  const { shotMs = Math.max(10_000, graceMs) } = options
  for (const [name, value] of Object.entries({ staggerMs, graceMs, shotMs, reserveBytes })) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new RangeError(`${name} must be a finite number from 0; received ${value}.`)
    }
  }
  if (graceMs < leastGraceMs || graceMs > everyMs) {
    throw new RangeError(`graceMs must be from ${leastGraceMs} to everyMs, which is ${everyMs}; received ${graceMs}.`)
  }
  if (Number.isNaN(until)) throw new RangeError('until must be a moment in epoch milliseconds; received NaN.')
  return {
    sources: sources as readonly FootageSource[],
    layout: compileLayout(options.layout, options.timeZone ?? timetable.timeZone),
    graceMs,
    shotMs,
    retry: { retries: 3, delayMs: Math.min(1000, graceMs / 4), ...options.retry },
    until,
  }
}
