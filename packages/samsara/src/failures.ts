import {
  AuthenticationError,
  type CamError,
  type Clock,
  ExpiredError,
  errorForStatus,
  isCamError,
  NetworkError,
  PermissionError,
  ProtocolError,
  QuotaError,
  RequestError,
  ServerError,
  TimeoutError,
  type TimeWindow,
  UnavailableError,
} from '@cam/download-core/source'
import { at, word } from './wire/fields.ts'
import { timestamp } from './wire/time.ts'

/** Stands in every error of this package. */
export const vendor = 'samsara'

/** The `vendorCode` of a minute in which the camera was not recording. */
export const notRecording = 'not-recording'

/** A refused request, as it came. */
export interface Refused {
  /** `POST /cameras/media/retrieval` */
  readonly what: string
  /** Which scope of the token it needs. */
  readonly scope: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly clock: Clock
  readonly redact: (text: string) => string
}

/** The error that a refused request stands for. PROTOCOL.md §1, §4. */
export function errorForApi({ what, scope, status, headers, text, clock, redact }: Refused): CamError {
  const { said, requestId } = readRefusal(redact(text.slice(0, 4096)))
  const request = requestId ? ` (request ${requestId})` : ''
  const message = `${what}: HTTP ${status}${said ? `: ${said}` : ''}${request}`
  const facts = { vendor, httpStatus: status, ...(requestId !== undefined && { vendorCode: requestId }) }
  if (status === 401) {
    return new AuthenticationError(`${message}. The token is not taken: check it, and the region it belongs to.`, facts)
  }
  if (status === 403) {
    return new PermissionError(
      `${message}. The token needs the scope "${scope}", and the organisation its licence.`,
      facts,
    )
  }
  const refused = status === 400 || status === 413 || status === 422
  if ((status === 429 || refused) && /quota|usage limit|monthly (media|usage|limit)/i.test(said ?? '')) {
    return new QuotaError(`${message}. The quota begins anew with each month.`, facts)
  }
  if (status === 400 && /not recording at/i.test(said ?? '')) {
    // Stands in lists of what is missing, for people who know nothing of requests.
    return new RequestError(`The camera was not recording. Samsara: ${said}${request}`, {
      ...facts,
      vendorCode: notRecording,
    })
  }
  if (
    status === 400 &&
    /retention|too old|no longer (available|stored)|(footage|media|video|recording)s? (has|have) expired|overwritten/i.test(
      said ?? '',
    )
  ) {
    return new ExpiredError(message, facts)
  }
  const body = said === undefined ? text : said
  return errorForStatus({ status, headers, text: body }, what, { ...facts, clock, redact })
}

function readRefusal(text: string): { readonly said?: string; readonly requestId?: string } {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return {}
  }
  const said = word(at(body, 'message'))
  const requestId = word(at(body, 'requestId'))
  return { ...(said !== undefined && { said }), ...(requestId !== undefined && { requestId }) }
}

/** A reply that is no list, or an entry that is no vehicle: nothing is concluded from either. */
export function unreadable(what: string, problem: string): ProtocolError {
  return new ProtocolError(`${what}: ${problem}. Nothing was concluded from it.`, { vendor })
}

/** A recording that this package did not list. */
export function foreignRecording(id: string): RequestError {
  return new RequestError(`Recording ${JSON.stringify(id.slice(0, 200))} was not listed by this source.`, { vendor })
}

/** Everything there is cannot be ordered. */
export function windowNeeded(): RequestError {
  return new RequestError('Footage is ordered minute by minute, and paid for: say from when to when.', { vendor })
}

/** An order that ended without media. */
export function notDelivered(what: string): UnavailableError {
  return new UnavailableError(
    `Samsara could not deliver ${what}. Most often the camera was offline. It is not ordered again unless you ask for that.`,
    { vendor, vendorCode: 'failed' },
  )
}

/** An order that brought another stretch of time, as the vendor itself says: it must not pass for what was asked for. */
export function deliveredElsewhere(what: string, { start, end }: TimeWindow): UnavailableError {
  return new UnavailableError(
    `Samsara delivered ${timestamp(start)} to ${timestamp(end)} in place of ${what}: nearer to the time asked for it has nothing. It is not ordered again.`,
    { vendor, vendorCode: 'elsewhere' },
  )
}

/** An order that has ended for all other views, and says nothing about this one: nobody knows whether there is such a camera. */
export function leftOut(what: string): UnavailableError {
  return new UnavailableError(
    `Samsara says nothing about ${what}: the rest of the order has ended, and this is not listed in it. Most often the vehicle has no such camera. It is not ordered again unless you ask for that.`,
    { vendor, vendorCode: 'left-out' },
  )
}

/** Why there is nothing, where an order was accepted and its status says so. */
export function noSuchFootage(status: string): string {
  return `Samsara has no such footage: ${status}.`
}

/** Ordering this would cost more than the user allowed. */
export function overAllowance(seconds: number, spent: number, most: number): QuotaError {
  return new QuotaError(
    `Not ordered: ${seconds} s of quota on top of ${spent} s ordered by this run is more than the ${most} s allowed.`,
    { vendor, vendorCode: 'max-quota-seconds' },
  )
}

/** The clock of this machine runs ahead: by the vendor's, this has not happened. */
export function notHappenedYet({ end }: TimeWindow, now: number): RequestError {
  return new RequestError(
    `Not ordered: at Samsara it is ${timestamp(now)}, and this ends at ${timestamp(end)}. Set the clock of this machine right, and run again.`,
    { vendor, vendorCode: 'clock' },
  )
}

/** Nobody knows whether the last orders were accepted: another would be no better. */
export function fatesUnknown(orders: number, why: string): ServerError {
  return new ServerError(
    `Not ordered: Samsara did not say whether it took the last ${orders} orders. The next run orders it. ${why}`,
    { vendor },
  )
}

/** The same time was ordered in recordings of another length. */
export function orderedOtherwise(order: string, minutes: number): RequestError {
  return new RequestError(
    `Not ordered: this time is paid for in a recording of ${minutes} min (${order}). Ask for recordings of that length, or again.`,
    { vendor, vendorCode: 'ordered-otherwise' },
  )
}

/** Storage refuses an address that was given out this moment. */
export function refusedByStorage(status: number): ServerError {
  return new ServerError(`Storage answered ${status} to an address that Samsara gave out this moment.`, {
    vendor,
    httpStatus: status,
  })
}

/** An address that must not be asked. */
export function strangeAddress(href: string): ProtocolError {
  const where = URL.canParse(href) ? new URL(href).protocol : 'something that is no address'
  return new ProtocolError(`The media is said to be at ${where}, and only https is asked for.`, { vendor })
}

const neverConnected = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|PROXY_\d+)$/

/**
 * Whether an order that failed in this way was certainly not accepted: it was refused, or never reached the vendor. A lost reply
 * and a 5xx say nothing of the kind.
 */
export function wasNotAccepted(error: unknown): boolean {
  if (!isCamError(error)) return false
  if (error instanceof TimeoutError) return error.phase === 'connect' || error.phase === 'tls'
  if (error instanceof NetworkError) {
    // A network that goes away in the middle of a request has the same code as one that was not there: `read EHOSTUNREACH`.
    const { message } = Object(error.cause) as { message?: unknown }
    return neverConnected.test(error.reason) && !/^(read|write)\b/.test(String(message))
  }
  if (error.code === 'TLS_UNTRUSTED') return true
  const { httpStatus } = error
  return httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408
}
