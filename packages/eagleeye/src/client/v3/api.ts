import {
  type CamError,
  createHttp,
  errorForStatus,
  type Http,
  type HttpAnswer,
  type HttpReply,
  type HttpRequest,
  isCamError,
  readAnswer,
  retry,
} from '@cam/download-core/source'
import { errorForApi, refusedAgain, unreadable, untrustedHost } from '../../failures/v3.ts'
import { createSession } from '../../session/v3-session.ts'
import type { Tokens } from '../../session/v3-stored.ts'
import { originOf, tokenOrigins } from '../../session/v3-trust.ts'
import { trusts } from '../../wire/trusted.ts'
import { readBaseUrl } from '../../wire/v3/base-url.ts'
import type { V3Settings } from './settings.ts'

/** Arguments of a request; `undefined` is left out. */
export type Arguments = Readonly<Record<string, string | number | undefined>>

/** The account's API, spoken to as whoever gave the consent. */
export interface Api extends AsyncDisposable {
  /** GET, retried, read as JSON. A refused token is replaced once. */
  get(path: string, query: Arguments, signal: AbortSignal): Promise<unknown>
  /** POST of JSON, sent once unless nothing can have come of it. */
  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown>
  /** The absolute URL of a path of the API. */
  url(path: string, signal: AbortSignal): Promise<string>
  /** For `openBody`: the token goes to trusted hosts alone, others are not even asked, and redirects lead to trusted ones only. */
  readonly media: Http
  /** The error that a refused request for media stands for. Reads the body. */
  mediaError(reply: HttpReply): Promise<CamError>
}

const root = '/api/v3.0/'
const limitBytes = 16 * 1024 * 1024
/** A reply read whole may take so many times the idle limit. */
const wholeReplyFactor = 10
const mostHops = 5
/** Where the account's API is, is asked for again at most so often. */
const discoveryPauseMs = 60_000

/** Nothing is contacted before the first request. */
export function createApi(settings: V3Settings): Api {
  const { clock, hosts, timeouts, client } = settings
  const origins = tokenOrigins(settings)
  const http = createHttp({
    ...{ origins, timeouts, clock },
    // Questions must not wait for films to end, which may come from the same host.
    connectionsPerHost: 8,
    ...(settings.tls && { tls: settings.tls }),
    ...(settings.env && { env: settings.env }),
  })
  const session = createSession(http, settings)
  let discoveredAt = Number.NEGATIVE_INFINITY

  const bearer = ({ accessToken }: Tokens) => ({ authorization: `Bearer ${accessToken}` })
  const what = (method: string, url: string) => http.redact(`${method} ${url.replace(/[?#].*/s, '')}`)
  const readWhole = (reply: HttpReply) =>
    readAnswer(reply, {
      ...{ limitBytes, limitMs: (timeouts.idleMs ?? 60_000) * wholeReplyFactor, clock },
      what: what('GET', reply.url),
      secrets: [client.clientSecret ?? ''].filter(Boolean),
    })

  const discover = async (tokens: Tokens, signal: AbortSignal): Promise<string | undefined> => {
    const url = `${hosts.api}${root}clientSettings`
    discoveredAt = clock.monotonic()
    const answer = await readWhole(await http.send({ url, signal, maxRedirects: 0, headers: bearer(tokens) }))
    if (answer.status === 401) return undefined
    if (answer.status !== 200) throw failure(answer, what('GET', url))
    const found = readBaseUrl(answer.json())
    if (!found) throw unreadable(what('GET', url), 'it does not say where the API of the account is')
    const base = originOf(found, settings)
    if (base !== tokens.base) await session.moved(tokens, base)
    return base
  }

  /** Where the account's API is; undefined where the token was refused. */
  const baseOf = async (tokens: Tokens, signal: AbortSignal) =>
    tokens.base !== undefined && trusts(origins, tokens.base) ? tokens.base : discover(tokens, signal)

  const failure = ({ status, headers, text }: Pick<HttpAnswer, 'status' | 'headers' | 'text'>, tried: string) =>
    errorForApi({ what: tried, status, headers, clock, redact: http.redact }, text())

  /** A token that is refused is replaced once, and a base that has moved is looked up once. */
  const speak = async (make: (base: string) => HttpRequest, signal: AbortSignal): Promise<unknown> => {
    let looked = false
    for (let renewals = 0; ; ) {
      const tokens = await session.tokens(signal)
      const base = await baseOf(tokens, signal)
      const request = base === undefined ? undefined : make(base)
      const tried = request ? what(request.method ?? 'GET', String(request.url)) : what('GET', hosts.api)
      const reply = request
        ? await http.send({ ...request, maxRedirects: 0, headers: { ...request.headers, ...bearer(tokens) } })
        : undefined
      const status = reply?.status ?? 401
      if (status === 401 && renewals === 0) {
        await reply?.discard()
        renewals++
        session.refused(tokens)
        continue
      }
      const elsewhere = status === 401 || status === 403
      if (reply && elsewhere && !looked && clock.monotonic() - discoveredAt >= discoveryPauseMs) {
        looked = true
        const now = await discover(tokens, signal)
        if (now !== undefined && now !== base) {
          await reply.discard()
          continue
        }
      }
      if (status === 401) {
        await reply?.discard()
        throw refusedAgain(tried)
      }
      const answer = await readWhole(reply!)
      if (status < 200 || status >= 300) throw failure(answer, tried)
      return answer.json()
    }
  }

  const unlessRunEnds = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const result = await retry<{ value: T } | { error: unknown }>(
      async () => {
        try {
          return { value: await work() }
        } catch (error) {
          if (isCamError(error) && error.stops === 'run') return { error }
          throw error
        }
      },
      { ...settings.retry, clock, signal },
    )
    if ('error' in result) throw result.error
    return result.value
  }

  const send = async (request: HttpRequest): Promise<HttpReply> => {
    let url = String(request.url)
    for (let hop = 0; hop < mostHops; hop++) {
      if (!trusts(origins, url)) throw untrustedHost('The recording', url)
      const headers = { ...request.headers, ...bearer(await session.tokens(request.signal)) }
      const reply = await http.send({ ...request, url, headers, maxRedirects: 0 })
      const { location } = reply.headers
      if (reply.status < 300 || reply.status > 399 || reply.status === 304 || location === undefined) return reply
      await reply.discard()
      if (!URL.canParse(location, url)) throw untrustedHost('The recording', location)
      url = new URL(location, url).href
    }
    throw errorForStatus({ status: 302, headers: {}, text: 'redirected again and again' }, what('GET', url))
  }

  return {
    get: (path, query, signal) =>
      unlessRunEnds(() => speak((base) => ({ url: `${base}${root}${path}${written(query)}`, signal }), signal), signal),
    post: (path, body, signal) =>
      speak(
        (base) => ({
          ...{ url: `${base}${root}${path}`, method: 'POST', signal, body: JSON.stringify(body) },
          headers: { 'content-type': 'application/json', accept: 'application/json' },
        }),
        signal,
      ),
    async url(path, signal) {
      const tokens = await session.tokens(signal)
      const base = (await baseOf(tokens, signal)) ?? hosts.api
      return `${base}${root}${path}`
    },
    media: { ...http, send, async [Symbol.asyncDispose]() {} },
    async mediaError(reply) {
      const text = await beginningOf(reply)
      return failure({ status: reply.status, headers: reply.headers, text: () => text }, what('GET', reply.url))
    },
    async [Symbol.asyncDispose]() {
      try {
        await session[Symbol.asyncDispose]()
      } finally {
        await http[Symbol.asyncDispose]()
      }
    },
  }
}

/** Percent-encoded, the plus of an offset too. PROTOCOL.md §2.3. */
function written(query: Arguments): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  if (pairs.length === 0) return ''
  return `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`
}

const mostWords = 65_536

async function beginningOf(reply: HttpReply): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of reply.body) {
      chunks.push(chunk)
      bytes += chunk.byteLength
      if (bytes >= mostWords) break
    }
  } catch {
    // The status already says what went wrong; its explanation was cut off.
  }
  return Buffer.concat(chunks).subarray(0, mostWords).toString('utf8')
}
