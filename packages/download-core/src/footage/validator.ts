import type { Validator } from './source.ts'

/** A Last-Modified proves nothing until the second it names is clearly over (RFC 9110 § 8.8.2.2; browsers wait as long). */
const settledMs = 60_000

/** The value for `If-Range`: a strong ETag, else a strong Last-Modified, else `undefined`. */
export function strongCondition(validator: Validator | undefined): string | undefined {
  const { etag, lastModified, date } = validator ?? {}
  if (isStrongEtag(etag)) return etag
  // A server that sends ETags compares ETags: its date is no second choice.
  const modified = httpDate(lastModified)
  const served = httpDate(date)
  if (etag !== undefined || modified === undefined || served === undefined) return undefined
  return served - modified >= settledMs ? lastModified : undefined
}

/** Quoted, and not marked as weak. */
export function isStrongEtag(etag: string | undefined): etag is string {
  return etag !== undefined && /^"[^"]*"$/.test(etag)
}

/** Epoch milliseconds of an HTTP date in any of its three forms. */
export function httpDate(text: string | undefined): number | undefined {
  if (!text || !/^[A-Za-z]{3,9},?\s/.test(text)) return undefined
  // The asctime form names no zone, but means GMT.
  const moment = Date.parse(/GMT|UTC|[-+]\d{4}$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(moment) ? undefined : moment
}
