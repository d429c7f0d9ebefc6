import { ProtocolError } from '../footage/errors.ts'
import type { HttpReply } from './exchange.ts'
import { isSecretName } from './headers.ts'

/** One request of a chain of redirects. */
export interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  readonly rawTarget: string | undefined
}

const statuses = new Set([301, 302, 303, 307, 308])

/**
 * The request a reply redirects to, or `undefined` where it does not. Going to another origin drops every header that gives
 * access, unless that origin may see secrets too. Throws ProtocolError for a way from https to http or to another scheme.
 */
export function redirected(
  reply: HttpReply,
  hop: Hop,
  secretNames: ReadonlySet<string>,
  mayHaveSecrets: (origin: string) => boolean,
): Hop | undefined {
  const location = reply.headers.location
  if (!statuses.has(reply.status) || location === undefined) return undefined
  // Header values arrive as Latin-1; servers that send other characters mean UTF-8.
  const spelled = Buffer.from(location, 'latin1').toString('utf8')
  const from = `${hop.method} ${hop.url.origin}${hop.url.pathname}`
  if (!URL.canParse(spelled, hop.url.href)) throw new ProtocolError(`${from}: redirected to something that is no URL.`)
  const url = new URL(spelled, hop.url)
  url.username = ''
  url.password = ''
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || hop.url.protocol === 'https:')) {
    throw new ProtocolError(`${from}: refused to follow a redirect from ${hop.url.protocol} to ${url.protocol}`)
  }
  const toGet = reply.status === 303 ? hop.method !== 'HEAD' : reply.status < 303 && hop.method === 'POST'
  const stays = url.origin === hop.url.origin || mayHaveSecrets(url.origin)
  const headers = Object.entries(hop.headers).filter(([name]) => {
    if (!stays && (isSecretName(name) || secretNames.has(name))) return false
    return !(toGet && /^content-/.test(name)) && name !== 'host'
  })
  return {
    url,
    method: toGet ? 'GET' : hop.method,
    headers: Object.fromEntries(headers),
    body: toGet ? undefined : hop.body,
    rawTarget: undefined,
  }
}
