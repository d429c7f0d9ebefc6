import {
  createHttp,
  errorForReply,
  type Http,
  type HttpAnswer,
  type HttpReply,
  type HttpRequest,
  isCamError,
  retry,
  systemClock,
} from '@cam/download-core/source'
import { type Asked, notLetIn, redirected } from '../failures.ts'
import type { Settings } from '../options.ts'
import type { Target } from '../wire/target.ts'

/** Turns a failed try into what it means; asked before it is decided whether to try again. */
type Explain = (error: unknown) => Promise<unknown>

/** Requests to one camera, over one connection, with its ways of saying no put into words. */
export interface Conversation extends AsyncDisposable {
  readonly asked: Asked
  /** Asks until there is an answer below 300, as often as the retry policy allows. */
  ask(target: Target, signal: AbortSignal, explain?: Explain): Promise<HttpAnswer>
  /** The same, once. */
  askOnce(target: Target, signal: AbortSignal): Promise<HttpAnswer>
  /** What an anonymous request is answered with in `WWW-Authenticate`. */
  challenge(target: Target, signal: AbortSignal): Promise<string | undefined>
  /** For transfers: one exchange, not retried, its body not read. */
  readonly http: Http
}

/** Nothing is contacted before the first request. */
export function createConversation(settings: Settings): Conversation {
  const { origin, address, credentials } = settings
  const asked: Asked = { address, ...(credentials && { username: credentials.username }) }
  const clock = settings.clock ?? systemClock
  const options = {
    origins: [origin] as const,
    allowBasicOverHttp: settings.allowBasicOverHttp,
    timeouts: settings.timeouts,
    // The app has one thread. PROTOCOL.md §1.2.
    connectionsPerHost: 1,
    // Retried here, where the app's reasons are understood.
    retry: { retries: 0 },
    clock,
    ...(settings.tls && { tls: settings.tls }),
    ...(settings.env && { env: settings.env }),
  }
  const http = createHttp({ ...options, ...(credentials && { credentials }) })

  const understood = async <T extends { status: number; headers: HttpReply['headers'] }>(
    exchange: () => Promise<T>,
  ): Promise<T> => {
    let reply: T
    try {
      reply = await exchange()
    } catch (error) {
      if (isCamError(error) && error.code === 'AUTHENTICATION') throw notLetIn(asked, error)
      throw error
    }
    if (reply.status === 401) throw notLetIn(asked)
    if (reply.status >= 300 && reply.status < 400 && reply.status !== 304) {
      throw redirected(asked, reply.status, reply.headers.location)
    }
    return reply
  }

  const askOnce = (target: Target, signal: AbortSignal) =>
    understood(() => http.ask({ ...requestFor(target, signal), maxRedirects: 0 }))

  return {
    asked,
    askOnce,
    ask: (target, signal, explain) =>
      retry(
        async () => {
          try {
            return await askOnce(target, signal)
          } catch (error) {
            throw explain ? await explain(error) : error
          }
        },
        { ...settings.retry, clock, signal },
      ),
    challenge: (target, signal) =>
      retry(
        async () => {
          await using anonymous = createHttp(options)
          const reply = await anonymous.send({ ...requestFor(target, signal), maxRedirects: 0 })
          // A server that is busy for the moment must not change whose archives these are.
          if (reply.status >= 500 || reply.status === 408 || reply.status === 429) {
            throw await errorForReply(reply, `GET ${reply.url}`, { clock })
          }
          await reply.discard()
          return reply.headers['www-authenticate']
        },
        { ...settings.retry, clock, signal },
      ),
    http: {
      ...http,
      async send(request) {
        let reply: HttpReply | undefined
        try {
          return await understood(async () => {
            reply = await http.send({ ...request, maxRedirects: 0 })
            return reply
          })
        } catch (error) {
          await reply?.discard()
          throw error
        }
      },
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}

/** The request for a target. */
export function requestFor({ url, raw }: Target, signal: AbortSignal): HttpRequest {
  return { url, signal, ...(raw !== undefined && { rawTarget: raw }) }
}
