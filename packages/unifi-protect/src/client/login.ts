import {
  type CamError,
  type EpochMs,
  errorForStatus,
  excerpt,
  type Http,
  type HttpAnswer,
  retryAfterMs,
} from '@cam/download-core/source'
import {
  type Asked,
  badCredentials,
  loginLimit,
  noLogin,
  noSession,
  notUpYet,
  type Refusal,
  secondFactor,
  vendor,
  wrongCode,
} from '../failures/index.ts'
import type { Settings } from '../options.ts'
import type { Generation } from '../session.ts'
import type { Found } from './detect.ts'
import { described, isPage, isRedirect, objectIn, put, readSmall } from './questions.ts'
import { cookieOf, csrfInside, csrfOf, expiryOf, isToken } from './token.ts'

/** What lets requests in. */
export interface Login {
  readonly generation: Generation
  readonly origin: string
  /** UniFi OS: the cookie's name. */
  readonly cookie?: 'TOKEN' | 'UOS_TOKEN'
  readonly token: string
  /** Renewed whenever a reply brings a new one. */
  csrf?: string
  readonly expiresAt: EpochMs
  /** Made here and now, not by an earlier run or another process. */
  readonly own: boolean
}

/** One login, tried once. Throws AuthenticationError, LoginLimitError, ServerError, ProtocolError … */
export async function logIn(http: Http, found: Found, settings: Settings, signal: AbortSignal): Promise<Login> {
  if (found.generation === 'legacy') {
    const login = await logInBefore(http, found.origin, settings, signal)
    if (login) return login
  }
  return logInToUnifiOs(http, found.origin, settings, signal)
}

/** PROTOCOL.md §1.3. Undefined where it is UniFi OS after all. */
async function logInBefore(
  http: Http,
  origin: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<Login | undefined> {
  const { username, password, clock } = settings
  const body = JSON.stringify({ username, password })
  const reply = await put(http, { url: `${origin}/api/auth`, signal, body }, settings)
  const answer = await readSmall(http, reply, settings)
  if (answer.status === 404) return undefined
  if (!isFine(answer)) throw verdict(answer, settings) ?? otherwise(answer, settings)
  const token = answer.headers.authorization?.replace(/^Bearer +/i, '')
  if (isToken(token)) {
    return { generation: 'legacy', origin, token, expiresAt: expiryOf(token, clock.now()), own: true }
  }
  throw isPage(answer)
    ? noLogin(settings, described(answer), answer.status)
    : noSession(settings, answer.status, 'an Authorization header')
}

/** PROTOCOL.md §1.4. */
async function logInToUnifiOs(http: Http, origin: string, settings: Settings, signal: AbortSignal): Promise<Login> {
  const { username, password, otp, clock } = settings
  const body = JSON.stringify({
    username,
    password,
    rememberMe: settings.sessions !== undefined,
    // Some consoles refuse an empty one.
    ...(otp !== undefined && { token: otp }),
  })
  const ask = async (headers: Record<string, string>) =>
    readSmall(http, await put(http, { url: `${origin}/api/auth/login`, signal, body, headers }, settings), settings)
  let answer = await ask({})
  let refused = isFine(answer) ? undefined : verdict(answer, settings)
  const elsewhere = isRedirect(answer) || ((answer.status === 404 || answer.status === 405) && isPage(answer))
  if (!isFine(answer) && !refused && !elsewhere) {
    // It may want the token that its start page gives away.
    const root = await put(http, { url: `${origin}/`, signal }, settings)
    await root.discard()
    const csrf = csrfOf(root.headers)
    if (csrf !== undefined) {
      answer = await ask({ 'x-csrf-token': csrf })
      refused = isFine(answer) ? undefined : verdict(answer, settings)
    }
  }
  if (!isFine(answer)) throw refused ?? otherwise(answer, settings)
  const cookie = cookieOf(answer.headers['set-cookie'])
  if (!cookie) {
    throw isPage(answer)
      ? noLogin(settings, described(answer), answer.status)
      : noSession(settings, answer.status, 'a session cookie')
  }
  const { name, token } = cookie
  const csrf = csrfOf(answer.headers) ?? csrfInside(token)
  const expiresAt = expiryOf(token, clock.now())
  return {
    ...{ generation: 'unifi-os', origin, cookie: name, token, expiresAt, own: true },
    ...(csrf !== undefined && { csrf }),
  }
}

const isFine = ({ status }: HttpAnswer) => status >= 200 && status < 300

/** What a refusal clearly means; undefined where a CSRF token might help. */
function verdict(answer: HttpAnswer, settings: Settings): CamError | undefined {
  const asked: Asked = settings
  const { status, headers } = answer
  const refusal = refusalIn(answer, settings)
  const { code = '' } = refusal
  if (status === 429 || code === 'AUTHENTICATION_FAILED_LIMIT_REACHED') {
    return loginLimit(asked, refusal, retryAfterMs(headers, settings.clock.now()))
  }
  if (status >= 500 || status === 408 || status === 425) {
    const { said } = refusal
    const what = `The login at ${asked.address}`
    return errorForStatus({ status, headers, ...(said !== undefined && { text: said }) }, what, { vendor })
  }
  const speaksOfCode = /2fa|otp|mfa|token/i.test(`${code} ${refusal.said}`)
  if (status === 499) return settings.otp === undefined ? secondFactor(asked, refusal) : wrongCode(asked, refusal)
  if (status === 401 && settings.otp !== undefined && speaksOfCode) return wrongCode(asked, refusal)
  if (status === 401 || (status === 403 && /^AUTHENTICATION_FAILED/.test(code))) return badCredentials(asked, refusal)
  return undefined
}

function otherwise(answer: HttpAnswer, settings: Settings): CamError {
  const { status, headers } = answer
  const refusal = refusalIn(answer, settings)
  if (status === 403) return badCredentials(settings, refusal)
  if (status === 404 && isPage(answer)) return notUpYet('Logging in', settings.address, status)
  if (isRedirect(answer) || status === 404 || status === 405 || isPage(answer)) {
    return noLogin(settings, described(answer), status)
  }
  const { said } = refusal
  const what = `The login at ${settings.address}`
  return errorForStatus({ status, headers, ...(said !== undefined && { text: said }) }, what, { vendor })
}

function refusalIn(answer: HttpAnswer, { password, otp }: Settings): Refusal {
  const json = objectIn(answer)
  const code = [json?.code, json?.error].find((word) => typeof word === 'string' && /^[A-Z_]{3,60}$/.test(word))
  const text = [json?.message, json?.error].find((word) => typeof word === 'string') ?? (json ? '' : answer.text())
  const said = excerpt(String(text), otp === undefined ? [password] : [password, otp])
  return {
    status: answer.status,
    ...(typeof code === 'string' && { code }),
    ...(said !== '' && { said }),
  }
}
