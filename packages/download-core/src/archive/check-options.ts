import type { TimeWindow } from '../footage/time-window.ts'
import type { ArchiveOptions } from './options.ts'

/** Throws a RangeError that names the option and the value received. */
export function checkOptions(options: ArchiveOptions): void {
  const { window, concurrency, rateLimitMbps, pendingDeadlineMs, reserveBytes, idleMs, openMs } = options
  if (window) checkWindow('window', window)
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new RangeError(`concurrency must be a whole number from 1; received ${concurrency}.`)
  }
  const amounts = { rateLimitMbps, pendingDeadlineMs, reserveBytes, idleMs, openMs }
  for (const [name, value] of Object.entries(amounts)) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new RangeError(`${name} must be a finite number from 0; received ${value}.`)
    }
  }
}

/** Throws a RangeError that names the option. */
export function checkWindow(option: string, { start, end }: TimeWindow): void {
  if (Number.isFinite(start) && Number.isFinite(end) && start < end) return
  throw new RangeError(`${option} must start before it ends; received ${start} to ${end}.`)
}
