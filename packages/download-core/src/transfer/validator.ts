import type { Validator } from '../footage/source.ts'
import { strongCondition } from '../footage/validator.ts'

/** Whether equal validators prove equal bytes: a strong ETag, or a Last-Modified clearly older than its reply. */
export function isStrong(validator: Validator | undefined): boolean {
  return strongCondition(validator) !== undefined
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
