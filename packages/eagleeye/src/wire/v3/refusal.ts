import { excerpt } from '@cam/download-core/source'
import { at, word } from './fields.ts'

/** What the vendor says of a request it did not grant. */
export interface Refusal {
  /** Its word for the kind of failure: `notFound`, `permissionDenied` … */
  readonly status?: string
  /** Its reasons: `outOfRetention`, `deviceUnavailable` …; empty where it gives none. */
  readonly reasons: readonly string[]
  /** Its sentence, printable and bounded. */
  readonly said?: string
}

const mostDetails = 20

/** Reads an error of the vendor's shape; anything else is a text. PROTOCOL.md §2.3. */
export function readRefusal(body: unknown): Refusal {
  if (typeof body === 'string') {
    try {
      return readRefusal(Object(JSON.parse(body)))
    } catch {
      const said = excerpt(body)
      return { reasons: [], ...(said !== '' && { said }) }
    }
  }
  const status = plainWord(at(body, 'status'))
  const details = at(body, 'details')
  const known = Array.isArray(details) ? details.slice(0, mostDetails) : []
  const reasons = known.flatMap((detail) => plainWord(at(detail, 'reason')) ?? [])
  const violations = known.flatMap((detail) => {
    const list = at(detail, 'argumentViolations')
    return Array.isArray(list) ? list.slice(0, mostDetails).flatMap((one) => word(at(one, 'description')) ?? []) : []
  })
  const said = [word(at(body, 'message')), ...violations].filter(Boolean).join('; ')
  return { reasons, ...(status !== undefined && { status }), ...(said !== '' && { said: excerpt(said) }) }
}

function plainWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{1,60}$/.test(value) ? value : undefined
}
