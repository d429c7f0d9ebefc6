import { type Clock, isCamError, retry } from '@cam/download-core/source'
import { wasNotAccepted } from '../failures.ts'
import type { Settings } from '../options.ts'
import { at, identifier, word } from '../wire/fields.ts'
import { type Bought, kindOf, windowOf } from '../wire/piece.ts'
import { timestamp } from '../wire/time.ts'
import { named } from '../wire/view.ts'
import { type Api, endpoints } from './api.ts'

/** What became of one paid request. */
export type Placed =
  | { readonly is: 'accepted'; readonly retrievalId: string; readonly quotaStatus?: string }
  /** It may have been accepted, or not. */
  | { readonly is: 'unknown'; readonly why: string }
  /** It was not; `error` is the signal's own reason where the run ended before. */
  | { readonly is: 'refused'; readonly error: unknown }

/** A paid request that is under way is let finish for so long after the run is ended: its reply is worth money. */
const graceMs = 5000

/**
 * Places one order, whose turn has come. Sent again only where it certainly was not accepted: refused because of too many
 * requests, or without a connection. Never throws.
 */
export async function placeOrder(api: Api, bought: Bought, settings: Settings, signal: AbortSignal): Promise<Placed> {
  const { clock } = settings
  try {
    return await retry<Placed>(
      async ({ number }) => {
        if (number > 1) await api.turn(endpoints.order, signal)
        const shield = shielded(signal, clock)
        try {
          return accepted(await api.post(endpoints.order, bodyOf(bought), shield.signal))
        } catch (error) {
          if (wasNotAccepted(error)) throw error
          return { is: 'unknown', why: isCamError(error) ? error.message : 'The run was ended before the reply came.' }
        } finally {
          shield.end()
        }
      },
      { ...settings.retry, clock, signal },
    )
  } catch (error) {
    return { is: 'refused', error }
  }
}

function accepted(json: unknown): Placed {
  const retrievalId = identifier(at(json, 'data', 'retrievalId'))
  if (retrievalId === undefined) return { is: 'unknown', why: 'It was accepted, and the reply has no id for it.' }
  const quotaStatus = word(at(json, 'data', 'quotaStatus'))
  return { is: 'accepted', retrievalId, ...(quotaStatus !== undefined && { quotaStatus }) }
}

function bodyOf({ vehicleId, piece, views }: Bought) {
  const { start, end } = windowOf(piece)
  const { inputs, cameraRoles } = named(views)
  return {
    ...{ vehicleId, startTime: timestamp(start), endTime: timestamp(end), mediaType: kindOf(piece.media).wire },
    ...(inputs.length > 0 && { inputs }),
    ...(cameraRoles.length > 0 && { cameraRoles }),
  }
}

/** A signal that ends some time after the given one. */
function shielded(signal: AbortSignal, clock: Clock): { readonly signal: AbortSignal; end(): void } {
  const own = new AbortController()
  const over = new AbortController()
  const onAbort = () => {
    clock.wait(graceMs, over.signal).then(
      () => own.abort(signal.reason),
      () => {},
    )
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: own.signal,
    end() {
      signal.removeEventListener('abort', onAbort)
      over.abort()
    },
  }
}
