import { setMaxListeners } from 'node:events'
import { type Clock, systemClock } from '../clock.ts'
import { isCamError, NetworkError, ProtocolError, RateLimitError, TimeoutError } from '../footage/errors.ts'
import { redact } from '../footage/redact.ts'
import { retry } from '../retry.ts'
import { readAnswer } from './answer.ts'
import { createAuthenticator, type RawReply } from './authenticate.ts'
import type { Cookies } from './cookies.ts'
import type { Http, HttpAnswer, HttpOptions, HttpRequest, HttpTimeouts } from './exchange.ts'
import { isSecretName, lowerCaseNames, valuesOf } from './headers.ts'
import type { Wire } from './http.ts'
import { createOriginCheck } from './origins.ts'
import { type Hop, redirected } from './redirect.ts'
import { errorForReply } from './status.ts'

const defaultTimeouts: HttpTimeouts = { connectMs: 10_000, tlsMs: 10_000, firstByteMs: 60_000, idleMs: 30_000 }

/** A reply that is read whole is small: it may take so many times the idle limit, and no longer. */
const wholeReplyFactor = 10

type MakeWire = (options: HttpOptions, clock: Clock, connectionsPerHost: number) => Wire

/** Everything about speaking HTTP that is not the wire: origins, secrets, cookies, authentication, redirects, retries. */
export function createClient(options: HttpOptions, makeWire: MakeWire): Http {
  const { clock = systemClock, credentials, connectionsPerHost = 4 } = options
  if (!Number.isInteger(connectionsPerHost) || connectionsPerHost < 1) {
    throw new RangeError(`connectionsPerHost must be a whole number above 0; received ${connectionsPerHost}.`)
  }
  const mayHaveSecrets = createOriginCheck(options.origins)
  const base = options.origins[0]
  const secretHeaders = lowerCaseNames(options.secretHeaders)
  const secretNames = new Set(Object.keys(secretHeaders))
  let cookies: Cookies | undefined
  let jar: Promise<Cookies> | undefined
  /** Loaded only where it is wanted: the library costs every process that loads it some ten megabytes. */
  const cookiesReady = async (): Promise<void> => {
    if (!options.cookies) return
    jar ??= import('./cookies.ts').then(({ createCookies }) => createCookies())
    cookies = await jar
  }
  const wire = makeWire(options, clock, connectionsPerHost)
  const authenticator = credentials
    ? createAuthenticator(credentials, { allowBasicOverHttp: options.allowBasicOverHttp ?? false })
    : undefined
  // Tokens that requests brought along themselves; a few, because they are renewed now and then.
  const seen: string[] = []
  let closed = false

  const secrets = (): string[] => [
    ...(credentials
      ? [credentials.password, Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')]
      : []),
    ...Object.values(secretHeaders),
    ...(cookies?.values().filter((value) => value.length >= 8) ?? []),
    ...seen,
  ]

  const remember = (headers: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(headers)) {
      if (!isSecretName(name) || value.length < 8 || seen.includes(value)) continue
      seen.push(value, value.replace(/^\w+ +/, ''))
      if (seen.length > 32) seen.splice(0, 2)
    }
  }

  const describe = (method: string, url: URL) => redact(`${method} ${url.href}`, secrets())

  /** One request to one place, let in if it can be. */
  const reach = (hop: Hop, request: HttpRequest): Promise<RawReply> => {
    const { url, method } = hop
    const trusted = mayHaveSecrets(url.origin)
    const target = hop.rawTarget ?? `${url.pathname}${url.search}`
    const idempotent = request.idempotent ?? (method === 'GET' || method === 'HEAD')
    const exchange = async (authorization: string | undefined): Promise<RawReply> => {
      await cookiesReady()
      const cookie = trusted ? cookies?.headerFor(url) : undefined
      const reply = await wire.exchange({
        url,
        target,
        method,
        headers: {
          'accept-encoding': 'identity',
          'user-agent': options.userAgent ?? 'cam-download-core',
          ...(trusted ? secretHeaders : {}),
          ...(cookie ? { cookie } : {}),
          ...hop.headers,
          ...(authorization ? { authorization } : {}),
        },
        body: hop.body,
        timeouts: { ...defaultTimeouts, ...options.timeouts, ...request.timeouts },
        signal: request.signal,
        keepAlive: request.keepAlive ?? true,
        idempotent,
        lenientHead: request.lenientHead ?? false,
        what: describe(method, url),
      })
      if (trusted) cookies?.keep(valuesOf(reply.rawHeaders, 'set-cookie'), url)
      return reply
    }
    if (!authenticator || !trusted || hop.headers.authorization !== undefined) return exchange(undefined)
    const secure = url.protocol === 'https:'
    return authenticator({ origin: url.origin, method, target, secure, signal: request.signal, exchange })
  }

  const send = async (request: HttpRequest): Promise<RawReply> => {
    request.signal.throwIfAborted()
    // One signal ends a whole run: it may well have more listeners than Node takes for a leak.
    setMaxListeners(0, request.signal)
    if (closed) throw new TypeError('This HTTP client has been closed.')
    const limit = request.maxRedirects ?? 10
    const headers = lowerCaseNames(request.headers)
    remember(headers)
    const url = absolute(request.url, base)
    let hop: Hop | undefined = {
      url,
      method: (request.method ?? 'GET').toUpperCase(),
      headers,
      body: request.body,
      rawTarget: request.rawTarget,
    }
    for (let followed = 0; ; followed++) {
      const current: Hop = hop
      const reply = await reach(current, request)
      if (limit === 0) return reply
      try {
        hop = redirected(reply, current, secretNames, mayHaveSecrets)
      } catch (error) {
        await reply.discard()
        throw error
      }
      if (!hop) return reply
      await reply.discard()
      if (followed === limit) throw new ProtocolError(`${describe('GET', url)}: more than ${limit} redirects.`)
    }
  }

  const ask = async (request: HttpRequest & { readonly limitBytes?: number }): Promise<HttpAnswer> => {
    const method = (request.method ?? 'GET').toUpperCase()
    const idempotent = request.idempotent ?? (method === 'GET' || method === 'HEAD')
    const what = describe(method, absolute(request.url, base))
    const attempt = async () => {
      const reply = await send(request)
      if (reply.status >= 400) throw await errorForReply(reply, what, { secrets: secrets(), clock })
      const { idleMs } = { ...defaultTimeouts, ...options.timeouts, ...request.timeouts }
      const limits = {
        ...(request.limitBytes === undefined ? {} : { limitBytes: request.limitBytes }),
        limitMs: idleMs * wholeReplyFactor,
        clock,
      }
      return { answer: await readAnswer(reply, { ...limits, what, secrets: secrets() }) }
    }
    const result = await retry<{ answer: HttpAnswer } | { error: unknown }>(
      async () => {
        try {
          return await attempt()
        } catch (error) {
          if (idempotent || wasNotSent(error)) throw error
          return { error }
        }
      },
      { ...options.retry, clock, signal: request.signal },
    )
    if ('error' in result) throw result.error
    return result.answer
  }

  return {
    send,
    ask,
    redact: (text) => redact(text, secrets()),
    async [Symbol.asyncDispose]() {
      closed = true
      wire.close()
    },
  }
}

/** Whether the server cannot have acted on the request, so that sending it again does no harm. */
export function wasNotSent(error: unknown): boolean {
  if (!isCamError(error)) return false
  if (error instanceof RateLimitError) return true
  if (error instanceof TimeoutError) return error.phase === 'connect' || error.phase === 'tls'
  // A network that goes away in the middle of a request has the same code as one that was not there: `read EHOSTUNREACH`.
  const { message } = Object((error as { cause?: unknown }).cause) as { message?: unknown }
  return (
    error instanceof NetworkError &&
    !/^(read|write)\b/.test(String(message)) &&
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|PROXY_\d+)$/.test(error.reason)
  )
}

function absolute(given: string | URL, base: string): URL {
  if (!URL.canParse(String(given), base)) {
    throw new ProtocolError(`${redact(String(given).slice(0, 200))} is not a URL.`)
  }
  const url = new URL(given, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ProtocolError(`Only http and https URLs can be asked for; received ${url.protocol}`)
  }
  // Never sent: credentials go through the options, where they stay with their origins.
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}
