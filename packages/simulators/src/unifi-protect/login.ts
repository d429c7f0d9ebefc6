import { timingSafeEqual } from 'node:crypto'
import { type Call, type Headers, loginPage, sendHtml, sendJson } from './replies.ts'
import { newCsrf, type Session, userId } from './sessions.ts'
import { settled } from './switches.ts'

const day = 86_400_000
const rootTokens = 1000

/** `GET /`: UniFi OS hands out a CSRF token there, legacy consoles do not. */
export function root(call: Call): Promise<void> {
  const { console } = call
  if (console.legacy) return sendHtml(call, 200, loginPage, { 'Accept-Ranges': 'bytes' })
  const token = newCsrf()
  console.rootCsrf.add(token)
  if (console.rootCsrf.size > rootTokens) console.rootCsrf.delete(console.rootCsrf.values().next().value!)
  return sendHtml(call, 200, loginPage, { 'X-CSRF-Token': token })
}

/** The login of either generation, where the path and the method are right. */
export async function login(call: Call): Promise<void> {
  const { console, exchange } = call
  const { switches, logins, clock } = console
  const { loginLimit, loginWindow, countSuccess, loginRetryAfter, csrfOnLogin } = switches
  const sent = await credentials(call)
  if (!console.legacy && csrfOnLogin === 'required' && !console.rootCsrf.has(exchange.header('x-csrf-token') ?? '')) {
    logins.refused++
    return sendJson(call, 403, { error: 'Invalid CSRF token' })
  }
  if (!sent) {
    logins.refused++
    return sendJson(call, 400, { error: 'Invalid request body' })
  }
  const now = clock.now()
  console.loginTimes = console.loginTimes.filter((time) => now - time < loginWindow)
  if (console.loginTimes.length >= loginLimit) {
    logins.limited++
    return sendJson(
      call,
      429,
      {
        code: 'AUTHENTICATION_FAILED_LIMIT_REACHED',
        message: "You've reached the login attempt limit",
        level: 'debug',
      },
      loginRetryAfter > 0 ? { 'Retry-After': String(loginRetryAfter) } : {},
    )
  }
  const refusal = refusalOf(call, sent)
  if (refusal || countSuccess) console.loginTimes.push(now)
  if (refusal) {
    logins.refused++
    return refusal()
  }
  logins.ok++
  exchange.entry.authenticated = true
  const lasts = switches.sessionTtl ?? (sent.remember ? 30 * day : day / 12)
  const session = console.sessions.begin(lasts, console.legacy ? 'word' : 'jwt')
  const user = userOf(console.username)
  if (console.legacy) return sendJson(call, 200, user, { Authorization: session.token })
  const name = settled(switches, 'cookieName')
  // The newer of the two consoles came with the newer attribute.
  const partitioned = name === 'UOS_TOKEN' ? '; partitioned' : ''
  const cookie = `${name}=${session.token}; path=/; samesite=none; secure; httponly${partitioned}`
  return sendJson(call, 200, user, { 'Set-Cookie': cookie, ...csrfHeaders(call, session, true) })
}

interface Credentials {
  readonly username: unknown
  readonly password: unknown
  readonly token: unknown
  readonly remember: boolean
}

async function credentials({ exchange }: Call): Promise<Credentials | undefined> {
  try {
    const body = JSON.parse((await exchange.body()).toString()) as Record<string, unknown>
    const { username, password, token } = body
    // Some consoles refuse a null where a code could stand.
    if (token === null) return undefined
    return { username, password, token, remember: body.rememberMe === true || body.remember === true }
  } catch {
    return undefined
  }
}

function refusalOf(call: Call, { username, password, token }: Credentials): (() => Promise<void>) | undefined {
  const { console } = call
  const { switches } = console
  if (!same(username, console.username) || !same(password, console.password)) return () => wrongPassword(call)
  if (switches.mfa === 'none' || console.legacy) return undefined
  if (switches.mfa === 'totp' && token === switches.otp) return undefined
  if (switches.mfa === 'totp' && typeof token === 'string' && token !== '') {
    const wrong = { code: 'AUTHENTICATION_FAILED_INVALID_2FA_TOKEN', message: 'Invalid 2FA token', level: 'debug' }
    return () => sendJson(call, Number(switches.wrongOtp), wrong)
  }
  const id = '7c1e2f52-46b0-4d1c-8a5a-0d8f3f7f2b11'
  const type = switches.mfa === 'totp' ? 'totp' : 'email'
  const challenge = {
    message: 'MFA token required to authenticate to SSO',
    code: 'MFA_AUTH_REQUIRED',
    data: { required: '2fa', authenticators: [{ id, type, status: 'active' }] },
  }
  return () => sendJson(call, 499, challenge)
}

function wrongPassword(call: Call): Promise<void> {
  const form = settled(call.console.switches, 'badCreds')
  if (form === '403-old')
    return sendJson(call, 403, { code: 'AUTHENTICATION_FAILED', message: 'Authentication failed' })
  if (form === '403-new') {
    const code = 'AUTHENTICATION_FAILED_INVALID_CREDENTIALS'
    return sendJson(call, 403, { code, message: 'Invalid username or password', level: 'debug' })
  }
  if (call.console.legacy) return sendJson(call, 401, { error: 'invalid username or password' })
  return call.exchange.reply(401, { headers: { 'Content-Type': 'text/plain' }, body: 'Unauthorized' })
}

function same(sent: unknown, right: string): boolean {
  if (typeof sent !== 'string') return false
  const [a, b] = [Buffer.from(sent), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The headers that tell the CSRF token for writes. Of both, only the updated one is good. */
export function csrfHeaders({ console }: Call, session: Session, atLogin = false): Headers {
  const form = settled(console.switches, 'csrfHeader')
  if (console.legacy || (!atLogin && !console.switches.rotateCsrf)) return {}
  if (form === 'x-csrf-token') return { 'X-CSRF-Token': session.csrf }
  if (form === 'x-updated-csrf-token') return { 'X-Updated-CSRF-Token': session.csrf }
  return { 'X-CSRF-Token': newCsrf(), 'X-Updated-CSRF-Token': session.csrf }
}

/** `POST /api/auth/access-key` of legacy consoles. */
export function accessKey(call: Call): Promise<void> {
  return sendJson(call, 200, { accessKey: call.console.sessions.newAccessKey(call.console.switches.accessKeyTtl) })
}

export function logout(call: Call): Promise<void> {
  if (call.session) call.console.sessions.end(call.session)
  const name = settled(call.console.switches, 'cookieName')
  const cookie = `${name}=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; samesite=none; secure; httponly`
  return sendJson(call, 200, { success: true }, call.console.legacy ? {} : { 'Set-Cookie': cookie })
}

/** The user object. */
export function userOf(username: string) {
  return {
    id: userId,
    unique_id: userId,
    modelKey: 'user',
    username,
    first_name: 'Archive',
    last_name: 'Keeper',
    full_name: 'Archive Keeper',
    localUsername: username,
    local_account_exist: true,
    only_local_account: true,
    isOwner: false,
    isSuperAdmin: false,
    permissions: {},
    scopes: [],
    roles: [{ name: 'View Only', unique_id: '0c6d1f7e-36d5-4d4a-8f52-9a6d1bb1f0a7' }],
    allPermissions: ['camera:read,readmedia:*', 'nvr:read:*'],
    // Empty even where a token was given.
    deviceToken: '',
  }
}
