import { excerpt, type Http, type HttpAnswer, readAnswer, retryAfterMs } from '@cam/download-core/source'
import { type Asked, loginRefused, noLogin, type Refusal, secondFactor } from '../../failures/index.ts'
import type { Settings } from '../../options.ts'
import { type ClassicUser, readCookies, readToken, readUser, type SessionCookieName } from '../../wire/classic/login.ts'
import { trusts } from '../../wire/trusted.ts'

/** What lets requests in. */
export interface ClassicLogin {
  /** Where requests go: the account's own host, or else the one of the login. */
  readonly origin: string
  readonly cookie: SessionCookieName
  readonly session: string
  /** Spares the second factor. */
  readonly tfaKey?: string
  readonly user: ClassicUser
  /** Made here and now, not by an earlier run or another process. */
  readonly own: boolean
}

/** Settings of a source that speaks the classic interface. */
export type ClassicSettings = Settings & { readonly classic: NonNullable<Settings['classic']> }

const smallBytes = 1_000_000

/** For messages. */
export function askedOf({ hosts, classic }: ClassicSettings): Asked {
  return { host: new URL(hosts.classic).host, username: classic.username }
}

/**
 * One login, tried once: `authenticate`, then `authorize` with its token, which lasts 30 seconds and is taken once. Throws
 * AuthenticationError, RateLimitError, ServerError, ProtocolError …
 */
export async function logIn(
  http: Http,
  settings: ClassicSettings,
  tfaKey: string | undefined,
  signal: AbortSignal,
): Promise<ClassicLogin> {
  const asked = askedOf(settings)
  const { username, password } = settings.classic
  const post = (step: Refusal['step'], fields: Readonly<Record<string, string>>) =>
    ask(http, settings, step, fields, tfaKey, signal)

  const { answer, secrets } = await post('authenticate', { username, password })
  const token = readToken(jsonIn(answer))
  if (!token) throw noLogin(asked, `no token (${shown(answer, secrets)})`, answer.status)
  if (token.secondFactor) throw secondFactor(asked)
  const { answer: authorized } = await post('authorize', { token: token.token })
  const cookies = readCookies(authorized.headers['set-cookie'])
  const user = readUser(jsonIn(authorized))
  if (!cookies.session) throw noLogin(asked, 'no session cookie', authorized.status)
  if (!user) throw noLogin(asked, 'a session, but without saying of which account', authorized.status)
  const key = cookies.tfaKey ?? tfaKey
  return {
    origin: originOf(settings, user),
    cookie: cookies.session.name,
    session: cookies.session.value,
    ...(key !== undefined && { tfaKey: key }),
    user,
    own: true,
  }
}

/** The account's own host, as far as it is to be believed: only a trusted one ever gets the session. PROTOCOL.md §1.1. */
export function originOf(settings: ClassicSettings, { subdomain }: ClassicUser): string {
  const { classic, branded } = settings.hosts
  if (branded !== undefined) return branded
  const login = new URL(classic)
  if (subdomain === undefined || !login.hostname.startsWith('login.')) return login.origin
  login.hostname = login.hostname.replace(/^login/, subdomain)
  return trusts(settings.trusted, login) ? login.origin : classic
}

async function ask(
  http: Http,
  settings: ClassicSettings,
  step: Refusal['step'],
  fields: Readonly<Record<string, string>>,
  tfaKey: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly answer: HttpAnswer; readonly secrets: readonly string[] }> {
  const { hosts, clock, timeouts, classic } = settings
  const secrets = [...Object.values(fields), classic.password, ...(tfaKey === undefined ? [] : [tfaKey])]
  const reply = await http.send({
    url: `${hosts.classic}/g/aaa/${step}`,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(tfaKey !== undefined && { cookie: `tfa_key=${tfaKey}` }),
    },
    body: JSON.stringify(fields),
    // A login that leads elsewhere would take the password along.
    maxRedirects: 0,
    signal,
  })
  const limitMs = 10 * (timeouts.idleMs ?? 60_000)
  const what = `The login at ${askedOf(settings).host}`
  const answer = await readAnswer(reply, { limitBytes: smallBytes, limitMs, clock, what, secrets })
  if (answer.status === 200) return { answer, secrets }
  const wait = retryAfterMs(answer.headers, clock.now())
  const said = excerpt(answer.text(), secrets)
  throw loginRefused(askedOf(settings), {
    step,
    status: answer.status,
    ...(said !== '' && { said }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  })
}

function jsonIn(answer: HttpAnswer): unknown {
  try {
    return answer.json()
  } catch {
    return undefined
  }
}

function shown(answer: HttpAnswer, secrets: readonly string[]): string {
  return excerpt(answer.text(), secrets) || 'an empty reply'
}
