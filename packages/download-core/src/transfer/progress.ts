import type { Clock } from '../clock.ts'
import type { TransferEvent } from './job.ts'

const leastMs = 250
/** Weight of the newest stretch in the speed that is shown. */
const weight = 0.3

/** Turns bytes into events, at most four a second. */
export interface Progress {
  /** An event when one is due: at most four a second. */
  at(bytes: number, total: number | undefined): Extract<TransferEvent, { type: 'progress' }> | undefined
}

/** Measures speed between the events it gives. */
export function createProgress(clock: Clock, startBytes: number): Progress {
  let bytesThen = startBytes
  let then = clock.monotonic()
  let speed: number | undefined
  return {
    at(bytes, total) {
      const elapsed = clock.monotonic() - then
      if (elapsed < leastMs) return undefined
      const now = Math.max(0, ((bytes - bytesThen) / elapsed) * 1000)
      speed = speed === undefined ? now : speed + weight * (now - speed)
      bytesThen = bytes
      then += elapsed
      return {
        type: 'progress',
        bytes,
        bytesPerSecond: Math.round(speed),
        ...(total === undefined ? {} : { totalBytes: total }),
      }
    },
  }
}
