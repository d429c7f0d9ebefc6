import {
  errorForReply,
  type Http,
  type HttpAnswer,
  type HttpReply,
  type HttpRequest,
  isCamError,
  readAnswer,
  redact,
  retry,
} from '@cam/download-core/source'
import { bounced, notUpYet, refusedAgain, vendor } from '../failures/index.ts'
import type { Settings } from '../options.ts'
import type { AccessKeys } from './access-key.ts'
import type { Entrance } from './entrance.ts'
import type { Login } from './login.ts'
import { described, isPage, isRedirect } from './questions.ts'
import { csrfOf } from './token.ts'

/** What the conversation is made of. */
export interface Parts {
  readonly http: Http
  readonly entrance: Entrance
  readonly keys: AccessKeys
  readonly settings: Settings
}

/** A reply read whole may take so many times the idle limit. */
const wholeReplyFactor = 10
/** A login that is refused is replaced at most so often for one request: once by another process's, once by our own. */
const mostRenewals = 2

/** `http` with the session on every request. */
export interface Conversation {
  /** For transfers: one exchange, not retried. Disposing it does nothing. */
  readonly http: Http
  /** Reads one reply whole; not retried. */
  askOnce(request: HttpRequest & { readonly limitBytes?: number }): Promise<HttpAnswer>
}

/** Speaks to the console as whoever the entrance let in. */
export function createConversation({ http, entrance, keys, settings }: Parts): Conversation {
  const { clock, timeouts } = settings
  let exportsOfLogin = 0
  let countedLogin: string | undefined
  /** The last login that anything came back for. */
  let answered: string | undefined
  /** A new login once changed nothing about pages in place of answers: no more logins for that. */
  let pagesStay = false

  const redactAll = (text: string) => redact(http.redact(text), secretsOf(entrance.current, keys, settings))

  /** A login for one more export, renewed where the user wants that after so many. */
  const loginForExport = async (signal: AbortSignal): Promise<Login> => {
    let login = await entrance.login(signal)
    if (login.generation !== 'legacy') return login
    if (countedLogin === login.token && exportsOfLogin >= (settings.renew.loginAfter ?? Number.POSITIVE_INFINITY)) {
      entrance.refused(login)
      login = await entrance.login(signal)
    }
    exportsOfLogin = countedLogin === login.token ? exportsOfLogin + 1 : 1
    countedLogin = login.token
    return login
  }

  /** The reply, or undefined where not even a key was to be had. */
  const sendAs = async (login: Login, request: HttpRequest, keyed: boolean): Promise<HttpReply | undefined> => {
    const url = new URL(request.url, login.origin)
    if (url.origin !== login.origin) throw new TypeError(`The session is for ${login.origin}, not for ${url.origin}.`)
    if (keyed) {
      const key = await keys.take(login, request.signal)
      if (key === undefined) return undefined
      url.searchParams.set('accessKey', key)
    }
    const headers = { ...request.headers, ...lettingIn(login, request.method) }
    try {
      const reply = await http.send({ ...request, url, headers, maxRedirects: 0 })
      answered = login.token
      const csrf = csrfOf(reply.headers)
      if (csrf !== undefined && login.generation === 'unifi-os') login.csrf = csrf
      return reply
    } catch (error) {
      const silent = isCamError(error) && (error.code === 'NETWORK' || error.code === 'TIMEOUT')
      if (silent && answered !== login.token) entrance.unanswered(login)
      throw error
    }
  }

  const send = async (request: HttpRequest): Promise<HttpReply> => {
    const { signal } = request
    for (let renewals = 0; ; ) {
      const exporting = isExport(request.url)
      const login = await (exporting ? loginForExport(signal) : entrance.login(signal))
      const legacyExport = exporting && login.generation === 'legacy'
      const reply = await sendAs(login, request, legacyExport && keys.used)
      const status = reply?.status ?? 401
      const page = reply && (isRedirect(reply) || (status === 200 && isPage(reply)))
      if (reply && status !== 401 && !page) return reply
      const got = reply ? described(reply) : '401'
      await reply?.discard()
      const what = redactAll(`${request.method ?? 'GET'} ${new URL(request.url, login.origin).href}`)
      const renewed = (renewals > 0 && login.own) || renewals >= mostRenewals
      if (page && (renewed || pagesStay)) {
        pagesStay = true
        throw bounced(settings, what, got, status)
      }
      if (renewed) {
        // Some old consoles take a Bearer token for everything but exports.
        if (!legacyExport || keys.used) throw refusedAgain(settings, what)
        keys.use()
        continue
      }
      entrance.refused(login)
      renewals++
    }
  }

  const askOnce = async (request: HttpRequest & { readonly limitBytes?: number }): Promise<HttpAnswer> => {
    const reply = await send({ ...request, headers: { accept: 'application/json', ...request.headers } })
    const what = redactAll(`${request.method ?? 'GET'} ${reply.url}`)
    if (reply.status === 404 && isPage(reply)) {
      await reply.discard()
      throw notUpYet(what, settings.address, reply.status)
    }
    const secrets = secretsOf(entrance.current, keys, settings)
    if (reply.status >= 400) throw await errorForReply(reply, what, { vendor, clock, secrets })
    const idleMs = request.timeouts?.idleMs ?? timeouts.idleMs ?? 60_000
    return readAnswer(reply, {
      ...{ limitMs: idleMs * wholeReplyFactor, clock, what, secrets },
      ...(request.limitBytes !== undefined && { limitBytes: request.limitBytes }),
    })
  }

  return {
    askOnce,
    http: {
      send,
      ask: (request) => unlessRunEnds(settings, request.signal, () => askOnce(request)),
      redact: redactAll,
      // Whoever is handed this may not close everybody's connections.
      async [Symbol.asyncDispose]() {},
    },
  }
}

/** Tries again as the policy says, except what would fail in the same way for everything. */
export async function unlessRunEnds<T>(settings: Settings, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const result = await retry<{ value: T } | { error: unknown }>(
    async () => {
      try {
        return { value: await work() }
      } catch (error) {
        if (isCamError(error) && error.stops === 'run') return { error }
        throw error
      }
    },
    { ...settings.retry, clock: settings.clock, signal },
  )
  if ('error' in result) throw result.error
  return result.value
}

/** The headers that let a request in. Only what changes something needs the CSRF token. PROTOCOL.md §1.4. */
export function lettingIn({ cookie, token, csrf }: Login, method = 'GET'): Record<string, string> {
  if (!cookie) return { authorization: `Bearer ${token}` }
  const changes = method !== 'GET' && method !== 'HEAD'
  return { cookie: `${cookie}=${token}`, ...(changes && csrf !== undefined && { 'x-csrf-token': csrf }) }
}

function secretsOf(login: Login | undefined, keys: AccessKeys, { password, otp }: Settings): string[] {
  return [password, otp, login?.token, login?.csrf, ...keys.secrets].filter((secret) => secret !== undefined)
}

function isExport(url: string | URL): boolean {
  return /\/video\/export(\?|$)/.test(String(url))
}
