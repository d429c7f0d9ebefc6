import {
  createHttp,
  errorForReply,
  type Http,
  type HttpAnswer,
  type HttpReply,
  isCamError,
  NetworkError,
  readAnswer,
} from '@cam/download-core/source'
import { type Asked, noApi, oldTls, sentElsewhere, vendor } from '../failures.ts'
import type { ApiPath, Settings } from '../options.ts'
import { escaped, type Parameter, queryOf } from '../wire/query.ts'
import { createTurns } from './turns.ts'

/** One small request. */
interface Question {
  readonly parameters: readonly Parameter[]
  /** Makes it a POST. */
  readonly body?: string
  readonly signal: AbortSignal
  /** Sent twice, it would do something twice. */
  readonly once?: boolean
  /** Goes ahead of its turn, where nothing is to be waited for any more. */
  readonly unordered?: boolean
  /** Not ended by `hangUp`. */
  readonly lasting?: boolean
  /** Called when its turn has come. */
  begins?(): void
  /** For messages. */
  readonly what: string
}

/** What came back, read whole. */
export interface Heard extends HttpAnswer {
  /** Wall clock, in the middle between the request and the head of its reply. */
  readonly at: number
}

/** The way to one device: where it answers, and one request at a time. */
export interface Line extends AsyncDisposable {
  /** Below 400, or 404, or 502: those have meanings. Throws NetworkError, TimeoutError, ServerError, RequestError … */
  ask(question: Question): Promise<Heard>
  url(parameters: readonly Parameter[]): string
  /** For media; see `Device.http`. */
  readonly http: Http
  redact(text: string): string
  /** Ends the questions under way, logins and logouts excepted; media go on until the line is disposed. */
  hangUp(): void
}

const paths: readonly ApiPath[] = ['/cgi-bin/api.cgi', '/api.cgi']
const limitBytes = 32 * 1024 * 1024
/** A reply read whole may take so many times the idle limit. */
const wholeReplyFactor = 10
/** One transfer under way, and room for questions beside it. */
const connectionsPerHost = 4

/** Nothing is contacted before the first question. */
export function createLine(settings: Settings, asked: Asked): Line {
  const { clock, timeouts, username, password } = settings
  const turns = createTurns()
  let origin = settings.origin
  let path: ApiPath = settings.path ?? '/cgi-bin/api.cgi'
  /** It answered as a device does: from then on address and path stay. */
  let proven = false
  let http = open(origin)
  const underWay = new Set<AbortController>()

  function open(at: string): Http {
    return createHttp({
      origins: [at],
      timeouts,
      connectionsPerHost,
      // Retried where the device's reasons are understood.
      retry: { retries: 0 },
      clock,
      ...(settings.tls && { tls: settings.tls }),
      ...(settings.env && { env: settings.env }),
    })
  }

  const move = async (to: string) => {
    const before = http
    origin = to
    http = open(to)
    await before[Symbol.asyncDispose]()
  }

  const url = (parameters: readonly Parameter[]) => `${origin}${path}?${queryOf(parameters)}`
  const redact = (text: string) => {
    const clean = http.redact(text)
    return [password, encodeURIComponent(password), escaped(password)].reduce(
      (left, secret) => left.replaceAll(secret, '***'),
      clean,
    )
  }

  const send = (question: Question): Promise<HttpReply> => {
    const { parameters, body, signal, once } = question
    const target = url(parameters)
    return http.send({
      url: target,
      rawTarget: target.slice(origin.length),
      signal,
      maxRedirects: 0,
      idempotent: !once,
      keepAlive: !once,
      ...(body !== undefined && { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
    })
  }

  /** The first contact may lead from http to https, and no further than to the same host. */
  const reach = async (question: Question): Promise<HttpReply> => {
    let reply: HttpReply
    try {
      reply = await send(question)
    } catch (error) {
      if (isOldTls(error)) throw oldTls(asked, error)
      const secure = closedHttp(error) ? secureOrigin() : undefined
      if (secure === undefined) throw error
      const plain = origin
      await move(secure)
      try {
        return await send(question)
      } catch (second) {
        // Neither answers: the address is the one the user gave.
        if (!isCamError(second) || second.code !== 'NETWORK') throw second
        await move(plain)
        throw error
      }
    }
    if (!redirects(reply)) return reply
    const { status, headers } = reply
    await reply.discard()
    const there = secureOrigin(headers.location)
    if (there === undefined) throw sentElsewhere(asked, status, headers.location)
    await move(there)
    const again = await send(question)
    if (!redirects(again)) return again
    await again.discard()
    throw sentElsewhere(asked, again.status, again.headers.location)
  }

  const secureOrigin = (location?: string): string | undefined => {
    if (!settings.mayUpgrade || proven || !origin.startsWith('http:')) return undefined
    const here = new URL(origin)
    if (location === undefined) return here.port === '' ? `https://${here.hostname}` : undefined
    if (!URL.canParse(location, origin)) return undefined
    const there = new URL(location, origin)
    return there.protocol === 'https:' && there.hostname === here.hostname ? there.origin : undefined
  }

  /** Some devices have their commands on the shorter path only. PROTOCOL.md §1.1. */
  const find = async (question: Question): Promise<HttpReply> => {
    const reply = await reach(question)
    if (reply.status !== 404 || proven || settings.path !== undefined) return reply
    await reply.discard()
    const [first] = paths
    path = paths.find((each) => each !== path)!
    const other = await reach(question)
    if (other.status !== 404) return other
    await other.discard()
    path = first!
    throw noApi(asked, paths)
  }

  const inTurn = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const pass = await turns.take(signal)
    try {
      return await work()
    } finally {
      pass()
    }
  }

  const askNow = async (question: Question): Promise<Heard> => {
    question.begins?.()
    const began = clock.now()
    const reply = await find(question)
    const at = Math.round((began + clock.now()) / 2)
    if (reply.status >= 400 && reply.status !== 404 && reply.status !== 502) {
      const what = `${question.what} of ${asked.address}`
      throw await errorForReply(reply, what, { vendor, clock, redact, secrets: [password, username] })
    }
    const limitMs = (timeouts.idleMs ?? 30_000) * wholeReplyFactor
    const answer = await readAnswer(reply, { limitBytes, limitMs, clock, what: redact(reply.url), secrets: [password] })
    if (reply.status < 400) proven = true
    return { ...answer, at }
  }

  return {
    url,
    redact,
    async ask(question) {
      if (question.unordered) return askNow(question)
      if (question.once || question.lasting) return inTurn(question.signal, () => askNow(question))
      const { signal } = question
      signal.throwIfAborted()
      const either = new AbortController()
      const end = () => either.abort(signal.reason)
      underWay.add(either)
      signal.addEventListener('abort', end, { once: true })
      try {
        return await inTurn(either.signal, () => askNow({ ...question, signal: either.signal }))
      } finally {
        underWay.delete(either)
        signal.removeEventListener('abort', end)
      }
    },
    hangUp() {
      for (const each of underWay) each.abort(closed())
    },
    http: {
      send: (request) => inTurn(request.signal, () => http.send({ maxRedirects: 0, ...request })),
      ask: (request) => inTurn(request.signal, () => http.ask({ maxRedirects: 0, ...request })),
      redact,
      // Whoever is handed this may not close everybody's connections.
      async [Symbol.asyncDispose]() {},
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}

/** What is asked of a source that was disposed ends with this. */
export function closed(): TypeError {
  return new TypeError('This Reolink source has been closed.')
}

function redirects({ status }: Pick<HttpReply, 'status'>): boolean {
  return status >= 300 && status < 400 && status !== 304
}

/** What OpenSSL says of a device that speaks nothing it would speak by itself. */
function isOldTls(error: unknown): error is NetworkError {
  return error instanceof NetworkError && /^(EPROTO|ERR_SSL_)/.test(error.reason)
}

function closedHttp(error: unknown): boolean {
  return isCamError(error) && 'reason' in error && error.reason === 'ECONNREFUSED'
}
