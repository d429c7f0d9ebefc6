import {
  createHttp,
  errorForReply,
  type Http,
  type HttpAnswer,
  type HttpReply,
  type HttpRequest,
  ProtocolError,
  readAnswer,
  redact,
  retry,
} from '@cam/download-core/source'
import { createEntrance } from '../client/classic/entrance.ts'
import { askedOf, type ClassicLogin, type ClassicSettings } from '../client/classic/log-in.ts'
import { notForThisUser, refusedAgain, sentAround, sentElsewhere, vendor } from '../failures/index.ts'
import type { ClassicUser } from '../wire/classic/login.ts'
import { trusts } from '../wire/trusted.ts'

/** `undefined` is left out. */
type Query = Readonly<Record<string, string | number | undefined>>

/** One login, made on first use, once, whoever asks, and made anew once where the vendor no longer takes it. */
export interface ClassicSession extends AsyncDisposable {
  /** Logs in. Throws AuthenticationError, RateLimitError, ProtocolError, NetworkError … */
  user(signal: AbortSignal): Promise<ClassicUser>
  /** The absolute URL of a path on the account's own host. Nothing secret is in it. */
  url(path: string, query: Query, signal: AbortSignal): Promise<string>
  /** GET, read whole (at most 16 MiB), retried, with the session; an error status is a CamError. */
  ask(path: string, query: Query, signal: AbortSignal): Promise<HttpAnswer>
  /** For `openBody`: `send` adds the session, follows redirects within the trusted hosts, and on 401 logs in once more. */
  readonly http: Http
}

const mostRedirects = 5
/** A session that is refused is replaced at most so often for one request: once by another process's, once by our own. */
const mostRenewals = 2
const logOutMs = 3000
const redirects = new Set([301, 302, 303, 307, 308])

/** Nothing is contacted before the first call. Disposing ends the session unless a store keeps it. */
export function createClassicSession(settings: ClassicSettings): ClassicSession {
  const { hosts, classic, clock, timeouts, trusted } = settings
  const asked = askedOf(settings)
  const origins = [hosts.classic, ...(hosts.branded === undefined ? [] : [hosts.branded]), ...trusted]
  const http = createHttp({
    origins: origins as [string, ...string[]],
    timeouts,
    // Questions must not wait for films to end.
    connectionsPerHost: 6,
    clock,
    ...(classic.apiKey !== undefined && { secretHeaders: keyHeader(classic.apiKey, classic.apiKeyHeader) }),
    ...(settings.tls && { tls: settings.tls }),
    ...(settings.env && { env: settings.env }),
  })
  const entrance = createEntrance(http, settings)
  /** Sessions that are good, although they were refused something. */
  const vouched = new Set<string>()

  const secrets = () => {
    const { session, tfaKey } = entrance.current ?? {}
    return [classic.password, classic.apiKey, classic.tfaKey, session, tfaKey].filter((one) => one !== undefined)
  }
  const redactAll = (text: string) => redact(http.redact(text), secrets())
  const described = ({ method = 'GET', url }: HttpRequest) =>
    redactAll(`${method} ${new URL(url, hosts.classic).pathname}`)

  const sendAs = async ({ cookie, session, origin }: ClassicLogin, request: HttpRequest): Promise<HttpReply> => {
    let url = new URL(request.url, origin)
    for (let hop = 0; hop <= mostRedirects; hop++) {
      if (!trusts(origins, url)) throw sentElsewhere(described(request), url.origin)
      const headers = { ...request.headers, cookie: `${cookie}=${session}` }
      const reply = await http.send({ ...request, url, headers, maxRedirects: 0 })
      const { location } = reply.headers
      if (!redirects.has(reply.status) || location === undefined) return reply
      await reply.discard()
      if (!URL.canParse(location, url.href)) throw sentElsewhere(described(request), 'something that is no URL')
      url = new URL(location, url)
    }
    throw sentAround(described(request))
  }

  const isGood = async (login: ClassicLogin, signal: AbortSignal): Promise<boolean> => {
    const reply = await sendAs(login, { url: '/g/aaa/isauth', signal })
    await reply.discard()
    return reply.status === 200
  }

  const send = async (request: HttpRequest): Promise<HttpReply> => {
    const { signal } = request
    for (let renewals = 0; ; renewals++) {
      const login = await entrance.login(signal)
      const reply = await sendAs(login, request)
      if (reply.status !== 401) return reply
      await reply.discard()
      const renewed = (renewals > 0 && login.own) || renewals >= mostRenewals
      if (renewed || vouched.has(login.session)) {
        if (await isGood(login, signal)) {
          vouched.add(login.session)
          throw notForThisUser(asked, described(request))
        }
        if (renewed) throw refusedAgain(asked, described(request))
      }
      entrance.refused(login)
    }
  }

  const askOnce = async (request: HttpRequest & { readonly limitBytes?: number }): Promise<HttpAnswer> => {
    const reply = await send({ ...request, headers: { accept: 'application/json', ...request.headers } })
    const what = described(request)
    if (reply.status >= 400) throw await errorForReply(reply, what, { vendor, clock, redact: redactAll })
    return readAnswer(reply, {
      ...{ limitMs: 10 * (timeouts.idleMs ?? 60_000), clock, what, secrets: secrets() },
      ...(request.limitBytes !== undefined && { limitBytes: request.limitBytes }),
    })
  }

  const again = <T>(signal: AbortSignal, work: () => Promise<T>) => retry(work, { ...settings.retry, clock, signal })
  const url = async (path: string, query: Query, signal: AbortSignal) =>
    addressOf((await entrance.login(signal)).origin, path, query)

  return {
    user: (signal) => again(signal, async () => (await entrance.login(signal)).user),
    url,
    ask: (path, query, signal) => again(signal, async () => askOnce({ url: await url(path, query, signal), signal })),
    http: {
      send,
      ask: (request) => again(request.signal, () => askOnce(request)),
      redact: redactAll,
      // Whoever is handed this may not close everybody's connections.
      async [Symbol.asyncDispose]() {},
    },
    async [Symbol.asyncDispose]() {
      const { current } = entrance
      try {
        if (current && !settings.sessions) await logOut(current)
      } finally {
        await http[Symbol.asyncDispose]()
      }
    },
  }

  /** Ends a session that nobody will use again. Never throws: it ends by itself, too. */
  async function logOut(login: ClassicLogin): Promise<void> {
    const late = new AbortController()
    const done = new AbortController()
    void clock.wait(logOutMs, done.signal).then(
      () => late.abort(),
      () => {},
    )
    try {
      const reply = await sendAs(login, { url: '/g/aaa/logout', method: 'POST', signal: late.signal })
      await reply.discard()
    } catch {
      // Nothing depends on it.
    } finally {
      done.abort()
    }
  }
}

/** PROTOCOL.md §1.1: three spellings are in use. */
function keyHeader(key: string, spelling: NonNullable<ClassicSettings['classic']>['apiKeyHeader']) {
  if (spelling === 'Authorization') return { authorization: key }
  return { authentication: spelling === 'Authentication:' ? `${key}:` : key }
}

function addressOf(origin: string, path: string, query: Query): string {
  // The vendor answers a slash at the end with 500.
  if (path.endsWith('/')) throw new ProtocolError(`${JSON.stringify(path)} is no path of the vendor's.`, { vendor })
  const url = new URL(path, `${origin}/`)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url.href
}
