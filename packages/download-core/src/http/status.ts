import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import {
  AuthenticationError,
  type CamError,
  type CamErrorOptions,
  ExpiredError,
  NotFoundError,
  PermissionError,
  ProtocolError,
  RateLimitError,
  RequestError,
  ServerError,
} from '../footage/errors.ts'
import { redact } from '../footage/redact.ts'
import type { HttpReply } from './exchange.ts'
import type { Headers } from './headers.ts'
import { retryAfterMs } from './retry-after.ts'

/** What is known of a refused request besides its status. */
export interface ErrorForStatusOptions extends CamErrorOptions {
  readonly clock?: Clock
  /** Applied to the excerpt before it is cut; `http.redact` removes a client's own secrets. */
  readonly redact?: (text: string) => string
}

/**
 * The error an HTTP status stands for where a vendor says nothing else: 401 AuthenticationError, 403 PermissionError,
 * 404 NotFoundError, 410 ExpiredError, 429 RateLimitError, 408, 425 and 5xx ServerError (501 and 505 RequestError), other
 * 4xx RequestError, anything else ProtocolError. `Retry-After` is honoured. The message begins with `what` and ends with
 * the first 200 characters of the body, redacted.
 */
export function errorForStatus(
  reply: { readonly status: number; readonly headers: Headers; readonly text?: string },
  what: string,
  options: ErrorForStatusOptions = {},
): CamError {
  const { status } = reply
  const { clock = systemClock, redact: own = (text: string) => text, ...facts } = options
  const said = excerpt(own((reply.text ?? '').slice(0, 4096)), options.secrets)
  const message = `${own(what)}: HTTP ${status}${said ? `: ${said}` : '.'}`
  const common = { ...facts, httpStatus: status }
  if (status === 401) return new AuthenticationError(message, common)
  if (status === 403) return new PermissionError(message, common)
  if (status === 404) return new NotFoundError(message, common)
  if (status === 410) return new ExpiredError(message, common)
  const wait = retryAfterMs(reply.headers, clock.now())
  const later = wait === undefined ? common : { ...common, retryAfterMs: wait }
  if (status === 429) return new RateLimitError(message, later)
  if (status === 501 || status === 505) return new RequestError(message, common)
  if (status === 408 || status === 425 || status >= 500) return new ServerError(message, later)
  if (status >= 400) return new RequestError(message, common)
  return new ProtocolError(message, common)
}

/** The same for a reply whose body has not been read: reads at most 4 KiB of it and ends the exchange. */
export async function errorForReply(
  reply: HttpReply,
  what: string,
  options: ErrorForStatusOptions = {},
): Promise<CamError> {
  const text = reply.headers['content-encoding'] ? '' : await beginning(reply)
  await reply.discard()
  return errorForStatus({ status: reply.status, headers: reply.headers, text }, what, options)
}

async function beginning(reply: HttpReply): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const iterator = reply.body[Symbol.asyncIterator]()
  try {
    while (bytes < 4096) {
      const result = await iterator.next()
      if (result.done) break
      chunks.push(result.value)
      bytes += result.value.byteLength
    }
  } catch {
    // The status already says what went wrong; its explanation was cut off.
  }
  return Buffer.concat(chunks).subarray(0, 4096).toString('utf8')
}

/** 200 printable characters for an error message: markup, secrets and control characters removed. */
export function excerpt(text: string, secrets?: Iterable<string>): string {
  const words = text
    .slice(0, 4096)
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]{0,500}>/g, ' ')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
  // Redacted before it is cut: half a secret no longer looks like one.
  const clean = redact(words, secrets)
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean
}
