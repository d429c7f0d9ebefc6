import { isCamError } from '@cam/download-core'

const moments = new Set([
  'start',
  'end',
  'startedAt',
  'endedAt',
  'plannedAt',
  'takenAt',
  'askAgainAt',
  'deadline',
  'from',
  'to',
])

/** A copy that `JSON.stringify` takes: moments as ISO 8601 in UTC, errors as code and message. Vendor facts stay as they are. */
export function plainJson(value: unknown, key = ''): unknown {
  if (typeof value === 'number') return moments.has(key) ? isoTime(value) : value
  if (value instanceof Error) return plainError(value)
  if (Array.isArray(value)) return value.map((item) => plainJson(item, key))
  if (typeof value !== 'object' || value === null || key === 'facts') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainJson(inner, name)]))
}

/** `undefined` for a number that is no moment. */
function isoTime(epochMs: number): string | undefined {
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : undefined
}

function plainError(error: Error): unknown {
  if (!isCamError(error)) return { code: 'INTERNAL', message: error.message }
  const { code, message, retryable, vendorCode, httpStatus } = error
  return { code, message, retryable, vendorCode, httpStatus }
}
