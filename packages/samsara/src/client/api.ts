import {
  type CamError,
  createHttp,
  type EpochMs,
  type Http,
  type HttpRequest,
  readAnswer,
  requestRate,
  retry,
} from '@cam/download-core/source'
import { errorForApi, unreadable } from '../failures.ts'
import type { Settings } from '../options.ts'
import { createSession } from '../session.ts'

/** Arguments of a request; a list is several of the same name. */
export type Arguments = Readonly<Record<string, string | readonly string[] | undefined>>

/** One of the vendor's requests, with what it is limited to and which scope it needs. */
export interface Endpoint {
  readonly path: string
  readonly scope: string
  readonly perSecond: number
  /** So many may go out at once after a pause. With `perSecond` always a few below what the vendor allows: some arrive late. PROTOCOL.md §1. */
  readonly burst: number
}

/** The requests this package knows. */
export const endpoints = {
  me: { path: '/me', scope: 'Read Org Information', perSecond: 4, burst: 1 },
  vehicles: { path: '/fleet/vehicles', scope: 'Read Vehicles', perSecond: 15, burst: 5 },
  uploaded: { path: '/cameras/media', scope: 'Read Media Retrieval', perSecond: 4, burst: 1 },
  standing: { path: '/cameras/media/retrieval', scope: 'Read Media Retrieval', perSecond: 4, burst: 1 },
  order: { path: '/cameras/media/retrieval', scope: 'Write Media Retrieval', perSecond: 4 / 3, burst: 10 },
} as const satisfies Record<string, Endpoint>

/** The organisation's interface, spoken to with its token. */
export interface Api extends AsyncDisposable {
  /** GET, retried, read as JSON. */
  get(endpoint: Endpoint, query: Arguments, signal: AbortSignal): Promise<unknown>
  /** Resolves when the next request to it may go out: the limit is shared by the process. */
  turn(endpoint: Endpoint, signal: AbortSignal): Promise<void>
  /** POST of JSON, once, right now: takes no turn and is not retried. */
  post(endpoint: Endpoint, body: unknown, signal: AbortSignal): Promise<unknown>
  /** What time it is by the vendor's last reply; undefined where none said. */
  vendorNow(): EpochMs | undefined
  /** For storage: it never gets the token. */
  readonly media: Http
}

const limitBytes = 16 * 1024 * 1024
/** A reply read whole may take so many times the idle limit. */
const wholeReplyFactor = 10

/** Nothing is contacted before the first request. */
export function createApi(settings: Settings): Api {
  const { base, clock, timeouts, token } = settings
  const http = createHttp({
    origins: [base],
    ...{ timeouts, clock, userAgent: 'cam-samsara', connectionsPerHost: 8 },
    ...(settings.tls && { tls: settings.tls }),
    ...(settings.env && { env: settings.env }),
  })
  const session = createSession(settings)
  /** How far this machine's clock runs before the vendor's. */
  let aheadMs: number | undefined
  const rates = new Map<Endpoint, ReturnType<typeof requestRate>>()
  const rateOf = (endpoint: Endpoint) => {
    const { perSecond, burst } = endpoint
    const nameOf = Object.entries(endpoints).find(([, one]) => one === endpoint)?.[0]
    const rate = rates.get(endpoint) ?? requestRate(`samsara ${base} ${nameOf}`, { perSecond, burst, clock })
    rates.set(endpoint, rate)
    return rate
  }

  const once = (endpoint: Endpoint, request: HttpRequest): Promise<unknown> =>
    session.speak(async (headers) => {
      const what = `${request.method ?? 'GET'} ${endpoint.path}`
      const reply = await http.send({ ...request, headers: { ...request.headers, ...headers }, maxRedirects: 0 })
      const limitMs = (timeouts.idleMs ?? 60_000) * wholeReplyFactor
      const answer = await readAnswer(reply, { limitBytes, limitMs, clock, what, secrets: [token] })
      const date = Date.parse(answer.headers.date ?? '')
      if (Number.isFinite(date)) aheadMs = clock.now() - date
      if (answer.status >= 200 && answer.status < 300) return answer.json()
      if (answer.status < 400) throw unreadable(what, `it is answered with ${answer.status}`)
      const error: CamError = errorForApi({
        ...{ what, scope: endpoint.scope, status: answer.status, headers: answer.headers },
        ...{ text: answer.text(), clock, redact: http.redact },
      })
      if (error.code === 'AUTHENTICATION') session.refused(error)
      throw error
    }, request.signal)

  return {
    get: (endpoint, query, signal) =>
      retry(
        async () => {
          await rateOf(endpoint).take(signal)
          return once(endpoint, { url: `${base}${endpoint.path}${written(query)}`, signal })
        },
        { ...settings.retry, clock, signal },
      ),
    turn: (endpoint, signal) => rateOf(endpoint).take(signal),
    post: (endpoint, body, signal) =>
      once(endpoint, {
        ...{ url: `${base}${endpoint.path}`, method: 'POST', signal, body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      }),
    vendorNow: () => (aheadMs === undefined ? undefined : clock.now() - aheadMs),
    media: http,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}

/** Percent-encoded; a list as several arguments, never joined. PROTOCOL.md §3. */
function written(query: Arguments): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).map((one) => `${name}=${encodeURIComponent(one)}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
