import { type Call, cookieOf, fieldsOf, retryHeaders, sendJson, sendText } from '../call.ts'

const refusals: Readonly<Record<string, string>> = {
  ...{ 400: 'Invalid arguments', 401: 'Invalid credentials', 402: 'Account is suspended', 412: 'User is disabled' },
  ...{ 460: 'Account is inactive', 461: 'Account is pending', 462: 'User is pending', 465: 'IP address not allowed' },
  ...{ 429: 'Too Many Requests', 503: 'Service Unavailable' },
}

/** `POST /g/aaa/authenticate`. */
export async function authenticate(call: Call): Promise<void> {
  const { cloud } = call
  const fields = await fieldsOf(call)
  const { loginRefused, tfa } = cloud.switches
  if (loginRefused !== 'none') {
    const headers = loginRefused === '429' || loginRefused === '503' ? retryHeaders(call) : {}
    return sendText(call, Number(loginRefused), refusals[loginRefused]!, headers)
  }
  const { username, password } = fields ?? {}
  if (typeof username !== 'string' || typeof password !== 'string') return sendText(call, 400, refusals[400]!)
  if (username !== cloud.credentials.username || password !== cloud.credentials.password)
    return sendText(call, 401, refusals[401]!)
  const second = tfa !== 'none' && !cloud.sessions.trusts(cookieOf(call, 'tfa_key'))
  const { token } = cloud.sessions.newToken(second)
  const ways = { sms: tfa === 'sms' ? '*** *** 779' : 'No sms phone found', email: '****@example.com' }
  return sendJson(call, 200, { token, ...(second ? { two_factor_authentication_code: ways } : {}) })
}

/** `POST /g/aaa/two_factor_authenticate`: the code would be sent now. */
export async function sendCode(call: Call): Promise<void> {
  const { token, two_factor_authentication_type: way } = (await fieldsOf(call)) ?? {}
  const known = call.cloud.sessions.token(token)
  if (!known?.tfa) return sendText(call, 400, 'Invalid arguments')
  if (way !== 'sms' && way !== 'email') return sendText(call, 415, 'Unsupported type')
  if (way === 'sms' && call.cloud.switches.tfa !== 'sms') return sendText(call, 412, 'Cannot send')
  return call.exchange.reply(200)
}

/** `POST /g/aaa/authorize`. */
export async function authorize(call: Call): Promise<void> {
  const { cloud, exchange } = call
  const { token, two_factor_authentication_code: code } = (await fieldsOf(call)) ?? {}
  if (typeof token !== 'string') return sendText(call, 400, 'Invalid arguments')
  const known = cloud.sessions.token(token)
  if (!known) return sendText(call, 401, 'Invalid token')
  if (known.tfa) {
    if (known.wrongCodes >= 3) return sendText(call, 429, 'Locked')
    if (code === undefined) return sendText(call, 401, 'The code is missing')
    if (String(code) !== cloud.switches.tfaCode) {
      known.wrongCodes++
      return sendText(call, 406, 'Wrong code')
    }
  }
  const session = cloud.sessions.begin(known)
  const names = {
    both: ['auth_key', 'videobank_sessionid'],
    auth_key: ['auth_key'],
    videobank_sessionid: ['videobank_sessionid'],
  }
  const attributes = `; Path=/; HttpOnly${call.cloud.hosts.classicLogin.startsWith('https:') ? '; Secure' : ''}`
  const cookies = names[cloud.switches.sessionCookie].map((name) => `${name}=${session}${attributes}`)
  if (known.tfa) cookies.push(`tfa_key=${cloud.sessions.trust()}; Max-Age=2592000${attributes}`)
  exchange.entry.authenticated = true
  return sendJson(call, 200, userOf(call), { 'Set-Cookie': cookies })
}

function userOf({ cloud }: Call) {
  const { world, credentials, switches, cameras } = cloud
  return {
    ...{ id: 'ca0e1cf2', user_id: 'ca0e1cf2', first_name: 'Ada', last_name: 'Example', email: credentials.username },
    ...{ owner_account_id: world.accountId, active_account_id: world.accountId, active_brand_subdomain: 'c001' },
    camera_access: cameras.map(({ spec }) => [spec.id, 'r']),
    ...{ inactive_session_timeout: 15, is_export_video: 1, is_recorded_video: 1, is_view_preview_video: 1 },
    ...{ is_live_video: 1, is_master: 0, is_superuser: 0, is_account_superuser: 0 },
    is_two_factor_authentication_enabled: switches.tfa === 'none' ? 0 : 1,
    ...{ timezone: 'US/Central', utc_offset: -21_600, last_login: '20260208120000.000' },
  }
}

/** `POST /g/aaa/switch_account`: there is only the own one. */
export async function switchAccount(call: Call): Promise<void> {
  const { account_id: id } = (await fieldsOf(call)) ?? {}
  return call.exchange.reply(id === call.cloud.world.accountId ? 200 : 404)
}
