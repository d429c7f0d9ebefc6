import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import got from 'got'
import type { Clock } from '../clock.ts'
import { isCamError, TimeoutError } from '../footage/errors.ts'
import { type Agents, createAgents, type Dialling } from './agents.ts'
import type { RawReply } from './authenticate.ts'
import { type Body, receiveBody } from './body.ts'
import { createClient } from './client.ts'
import { deadline } from './deadline.ts'
import type { Http, HttpOptions, HttpTimeouts } from './exchange.ts'
import { contentLength, joinHeaders } from './headers.ts'
import { proxyAuthorization, proxyFor } from './proxy.ts'
import { createSlots } from './slots.ts'
import { toCamError } from './to-cam-error.ts'

/** One request exactly as it goes on the wire. */
interface WireCall {
  readonly url: URL
  readonly target: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  readonly timeouts: HttpTimeouts
  readonly signal: AbortSignal
  readonly keepAlive: boolean
  readonly idempotent: boolean
  readonly lenientHead: boolean
  /** For error messages, redacted. */
  readonly what: string
}

/** Sends one request and resolves with the head of its reply. */
export interface Wire {
  exchange(call: WireCall): Promise<RawReply>
  close(): void
}

/**
 * A client for one vendor's servers. Nothing is contacted before the first request; disposing it closes its connections.
 * Throws TypeError or RangeError for options that make no sense.
 */
export function createHttp(options: HttpOptions): Http {
  return createClient(options, createWire)
}

function createWire(options: HttpOptions, clock: Clock, connectionsPerHost: number): Wire {
  const agents = createAgents(clock, options.tls ?? {}, connectionsPerHost)
  const slots = createSlots(connectionsPerHost)
  const env = options.env ?? process.env
  const unruly = new Set<string>()
  return {
    async exchange(call) {
      const { origin } = call.url
      const attempt = async (how: Manner): Promise<RawReply> => {
        const release = await slots.take(origin, call.signal)
        return once(call, how, { agents, clock, env, release })
      }
      if (call.lenientHead || unruly.has(origin)) return attempt('mended')
      const strict = await attempt(call.keepAlive ? 'kept' : 'own').catch(async (error: unknown) => {
        if (error instanceof StaleConnection) return attempt('own').catch(unreadable)
        return unreadable(error)
      })
      if (!(strict instanceof UnreadableHead)) return strict
      const reply = await attempt('mended')
      // Asked for in the strict way, such a server would do everything twice.
      if (unruly.size < rememberedOrigins) unruly.add(origin)
      return reply
    },
    close: () => agents.destroy(),
  }
}

/** A kept connection that the server had closed in the meantime: says nothing about the request, which goes out again on a new one. */
class StaleConnection extends Error {}

/** A head the parser refuses and `mendHead` may put in order; `cause` is what to say where it cannot. */
class UnreadableHead extends Error {}

function unreadable(error: unknown): UnreadableHead {
  if (error instanceof UnreadableHead) return error
  throw error
}

/** What of a head's faults can be mended. Everything else is as wrong the second time. */
const mendable = /^HPE_(INVALID_HEADER_TOKEN|CR_EXPECTED|LF_EXPECTED|UNEXPECTED_CONTENT_LENGTH|UNEXPECTED_SPACE)$/

/** Redirects lead to any number of places. */
const rememberedOrigins = 100

/** Over a kept connection, one of its own, or one of its own whose reply's head is mended on the way to the parser. */
type Manner = 'kept' | 'own' | 'mended'

interface Surroundings {
  readonly agents: Agents
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  /** Gives the connection's slot back. */
  release(): void
}

function once(call: WireCall, manner: Manner, { agents, clock, env, release }: Surroundings): Promise<RawReply> {
  const { url, method, signal, timeouts, what } = call
  const reuse = manner === 'kept'
  return new Promise((resolve, reject) => {
    let request: ClientRequest | undefined
    let body: Body | undefined
    let settled = false
    let cancelFirstByte: (() => void) | undefined

    const start = (_: URL, native: { readonly headers?: Record<string, string> }): ClientRequest => {
      signal.throwIfAborted()
      const secure = url.protocol === 'https:'
      const proxy = proxyFor(url, env)
      const dialling: Dialling = { timeouts, signal, proxy, mendHead: manner === 'mended' }
      const headers = { ...native.headers }
      if (!call.keepAlive || manner === 'mended') headers.connection = 'close'
      // A proxy gets plain HTTP in absolute form; HTTPS goes through a tunnel and looks as if there were none.
      const relayed = proxy && !secure
      const authorization = relayed ? proxyAuthorization(proxy) : undefined
      if (authorization) headers['proxy-authorization'] = authorization
      const path = relayed ? `${url.origin}${call.target}` : call.target
      const details = { method, headers, path, agent: agents.of(secure, reuse), dialling }
      const made = (secure ? https : http).request(url, details)
      request = made
      tolerateJunkAfterReply(made)
      made.once('close', release)
      made.once('socket', () => {
        if (settled) return
        const limitMs = timeouts.firstByteMs
        cancelFirstByte = deadline(clock, limitMs, () =>
          fail(new TimeoutError(`${what}: no reply within ${limitMs} ms.`, { phase: 'first-byte', limitMs })),
        )
      })
      return made
    }

    const stream = got.stream(url, {
      method: method as 'GET',
      headers: { ...call.headers },
      // Without a body got waits for one to be written, except for GET and HEAD.
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: bodyOf(call.body) }),
      retry: { limit: 0 },
      followRedirect: false,
      decompress: false,
      throwHttpErrors: false,
      strictContentLength: false,
      request: start as unknown as typeof http.request,
    })

    const settle = () => {
      settled = true
      cancelFirstByte?.()
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      if (settled) return
      settle()
      stream.destroy()
      if (!request) release()
      reject(error)
    }
    const onAbort = () => fail(signal.reason)
    // From the first moment: an error event nobody listens to would end the process.
    stream.on('error', (error) => {
      if (body) return body.fail(error)
      if (signal.aborted) return fail(signal.reason)
      const ours = toCamError(error, what)
      const stale = request?.reusedSocket && call.idempotent && reuse && isCamError(ours) && ours.code === 'NETWORK'
      if (stale) return fail(new StaleConnection())
      const code = (error as { code?: unknown }).code
      const again = manner !== 'mended' && call.idempotent && mendable.test(String(code))
      fail(again ? new UnreadableHead(what, { cause: ours }) : ours)
    })
    stream.once('response', (response: IncomingMessage) => {
      if (settled) return void stream.destroy()
      try {
        // got only reads on behalf of its own stream, which nobody uses: bytes are taken where they arrive.
        response.removeAllListeners('readable')
        const headers = joinHeaders(response.rawHeaders)
        const status = response.statusCode ?? 0
        const bare = method === 'HEAD' || status === 204 || status === 304
        body = receiveBody(response, {
          expectedBytes: bare ? 0 : contentLength(headers, what),
          idleMs: timeouts.idleMs,
          clock,
          signal,
          what,
          close: () => stream.destroy(),
        })
        settle()
        const { rawHeaders, httpVersion } = response
        const reply = { status, headers, httpVersion, url: url.href, rawHeaders, body }
        resolve({ ...reply, discard: () => reply.body.discard() })
      } catch (error) {
        fail(error)
      }
    })
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

/**
 * Bytes after the end of a reply (a longer body than stated) make Node report a parse error, on which got would throw away
 * what has not been read yet. The reply is whole: the connection is gone, and nothing else needs to happen.
 */
function tolerateJunkAfterReply(request: ClientRequest): void {
  let response: IncomingMessage | undefined
  request.once('response', (received) => {
    response = received
  })
  const emit = request.emit.bind(request)
  request.emit = (event: string | symbol, ...args: unknown[]) =>
    event === 'error' && response?.complete ? true : emit(event as 'error', ...(args as [Error]))
}

/** Never a string: Node would send the head together with it, in UTF-8, and so spoil bytes above 0x7f in target and headers. */
function bodyOf(body: string | Uint8Array = ''): Buffer {
  return typeof body === 'string'
    ? Buffer.from(body, 'utf8')
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}
