import type { Validator } from '../footage/source.ts'
import { isStrongEtag } from '../footage/validator.ts'
import type { HttpReply } from './exchange.ts'
import type { Headers } from './headers.ts'

/** What a reply says about the version of its bytes; `undefined` where it says nothing, or speaks HTTP/1.0. */
export function validatorOf({
  headers,
  httpVersion,
}: Pick<HttpReply, 'headers' | 'httpVersion'>): Validator | undefined {
  if (httpVersion === '1.0' || httpVersion === '0.9') return undefined
  const { etag, 'last-modified': lastModified, date } = headers
  if (etag === undefined && lastModified === undefined) return undefined
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(date === undefined ? {} : { date }),
  }
}

/** Whether a partial reply speaks of the version that `condition` names. A 206 may leave out Last-Modified, never the ETag. */
export function confirms(headers: Headers, condition: string): boolean {
  if (condition.startsWith('"')) return headers.etag === condition
  return headers['last-modified'] === undefined || headers['last-modified'] === condition
}

/** Whether a reply shows that the bytes are another version than the one held. */
export function contradicts(headers: Headers, held: Validator | undefined): boolean {
  if (isStrongEtag(held?.etag) && headers.etag !== undefined) return headers.etag !== held.etag
  return false
}
