import { BusyError, type CamError, type Clock, isCamError, UnavailableError } from '@cam/download-core/source'
import { type Asked, vendor } from '../../failures.ts'

const closedReasons = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_INVALID_EOF_STATE|UND_ERR_SOCKET)$/

/** The device took the request and ended the connection without a byte, which is how it refuses. PROTOCOL.md §4.2. */
export function isSilentClose(error: unknown): boolean {
  if (!isCamError(error)) return false
  if (error.code === 'INCOMPLETE') return 'receivedBytes' in error && error.receivedBytes === 0
  return error.code === 'NETWORK' && 'reason' in error && closedReasons.test(String(error.reason))
}

/** So many in a row, and the device is left alone: each request it does not get through may cost it more. PROTOCOL.md §4.2. */
const mostInARow = 2
const pausesMs = [60_000, 120_000] as const
/** After that nobody waits: whatever else is asked for fails at once until this is over. */
const longPauseMs = 600_000

/** Keeps a device that closes its connections from being asked again and again. */
export interface Silence {
  /** Throws while the device is to be left alone: BusyError with the wait at first, UnavailableError once waiting did not help. */
  check(): void
  /** Without an answer. Throws as `check` where that is enough. */
  closed(): void
  /** It answered, whatever it said. */
  answered(): void
}

/** One for a device. */
export function createSilence({ address }: Asked, clock: Clock): Silence {
  let inARow = 0
  let pauses = 0
  let until = Number.NEGATIVE_INFINITY

  const why = (): CamError => {
    const words = `${address} ends its connections without an answer when recordings are asked for, again and again.`
    const advice = 'A restart of the device helps where too many downloads were broken off, or its card is full.'
    const waitMs = Math.ceil(until - clock.monotonic())
    if (pauses <= pausesMs.length) {
      return new BusyError(`${words} It is left alone for ${Math.ceil(waitMs / 1000)} seconds.`, {
        ...{ vendor, vendorCode: 'silent', retryAfterMs: waitMs },
      })
    }
    return new UnavailableError(`${words} ${advice}`, { vendor, vendorCode: 'silent' })
  }

  const check = () => {
    if (clock.monotonic() < until) throw why()
  }

  return {
    check,
    closed() {
      if (++inARow < mostInARow) return
      inARow = 0
      until = clock.monotonic() + (pausesMs[pauses] ?? longPauseMs)
      pauses++
      check()
    },
    answered() {
      inARow = 0
      pauses = 0
      until = Number.NEGATIVE_INFINITY
    },
  }
}
