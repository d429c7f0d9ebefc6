import type { Validator } from '../footage/source.ts'

/** A Last-Modified this much older than its reply cannot be changed again within the same second (RFC 9110 § 8.8.2.2). */
const settledMs = 60_000

/** Whether equal validators prove equal bytes: a strong ETag, or a Last-Modified clearly older than its reply. */
export function isStrong(validator: Validator | undefined): boolean {
  if (validator?.etag !== undefined) return !/^W\//i.test(validator.etag)
  if (validator?.lastModified === undefined || validator.date === undefined) return false
  return Date.parse(validator.date) - Date.parse(validator.lastModified) >= settledMs
}

/**
 * Compares what two replies state. `unknown` where the later one leaves out what the earlier one had: that proves nothing, and
 * is no change either.
 */
export function sameVersion(
  earlier: Validator | undefined,
  later: Validator | undefined,
): 'same' | 'changed' | 'unknown' {
  if (earlier?.etag !== undefined) {
    if (later?.etag === undefined) return 'unknown'
    return weakless(earlier.etag) === weakless(later.etag) ? 'same' : 'changed'
  }
  if (earlier?.lastModified !== undefined) {
    if (later?.lastModified === undefined) return 'unknown'
    return earlier.lastModified === later.lastModified ? 'same' : 'changed'
  }
  return 'unknown'
}

function weakless(etag: string): string {
  return etag.replace(/^W\//i, '')
}
