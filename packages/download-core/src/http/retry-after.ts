import { httpDate } from '../footage/validator.ts'

/**
 * The wait a `Retry-After` header asks for, in milliseconds. Dates are measured against the reply's own `Date`, so that a
 * wrong clock on either side does no harm; without one, against `nowMs`. A past moment is 0; garbage is `undefined`.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const value = headers['retry-after']?.trim()
  if (!value) return undefined
  if (/^[-+]?\d+(\.\d*)?$/.test(value)) return Math.max(0, Math.round(Number(value) * 1000))
  const moment = httpDate(value)
  if (moment === undefined) return undefined
  return Math.max(0, moment - (httpDate(headers.date) ?? nowMs))
}
