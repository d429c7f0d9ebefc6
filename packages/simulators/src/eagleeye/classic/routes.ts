import { type Call, cookieOf, sendJson, sendText } from '../call.ts'
import { device, devices } from './devices.ts'
import { list } from './list.ts'
import { authenticate, authorize, sendCode, switchAccount } from './login.ts'
import { play, prefetch } from './play.ts'

interface Route {
  readonly node: string
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  /** Needs no session. */
  readonly open?: true
  readonly answer: (call: Call) => Promise<void>
}

const routes: readonly Route[] = [
  { node: 'authenticate', method: 'POST', path: /^\/g\/aaa\/authenticate$/, open: true, answer: authenticate },
  { node: 'two-factor', method: 'POST', path: /^\/g\/aaa\/two_factor_authenticate$/, open: true, answer: sendCode },
  { node: 'authorize', method: 'POST', path: /^\/g\/aaa\/authorize$/, open: true, answer: authorize },
  { node: 'isauth', method: 'GET', path: /^\/g\/aaa\/isauth$/, answer: (call) => sendJson(call, 200, true) },
  { node: 'logout', method: 'POST', path: /^\/g\/aaa\/logout$/, answer: logout },
  { node: 'switch-account', method: 'POST', path: /^\/g\/aaa\/switch_account$/, answer: switchAccount },
  { node: 'devices', method: 'GET', path: /^\/g\/device\/list$/, answer: devices },
  { node: 'device', method: 'GET', path: /^\/g\/device$/, answer: device },
  { node: 'list', method: 'GET', path: /^\/asset\/list\/video(\.flv|\.mp4)?$/, answer: list },
  { node: 'media', method: 'GET', path: /^\/asset\/play\/video\.(flv|mp4)$/, answer: play },
  { node: 'prefetch', method: 'GET', path: /^\/asset\/cloud\/video\.flv$/, answer: prefetch },
]

/** Answers one request to a classic host. */
export async function serveClassic(call: Call): Promise<void> {
  const { exchange, cloud } = call
  const { path, method, entry } = exchange
  const route = routes.find((one) => one.path.test(path))
  entry.node = route?.node ?? 'other'
  if (method !== 'GET' && method !== 'HEAD' && route?.method !== method) cloud.violation(`${method} ${exchange.target}`)
  if (path.length > 1 && path.endsWith('/')) return sendText(call, 500, 'Internal Server Error')
  if (!hasKey(call)) return sendText(call, 401, 'Unauthorized')
  if (!route) return sendText(call, 404, 'Not Found')
  if (route.method !== method) return sendText(call, 405, 'Method Not Allowed')
  if (route.open) return route.answer(call)
  if (call.query.get('A') !== undefined) cloud.violation(`a session id in a URL: ${method} ${path}`)
  if (!cloud.sessions.use(sessionOf(call))) return sendText(call, 401, 'Unauthorized')
  entry.authenticated = true
  const { moved } = cloud.switches
  if (call.host !== 'classicArchiver' && (moved === 'both' || moved === { list: 'list', media: 'play' }[route.node]))
    return sendText(call, 301, '', { Location: `${cloud.hosts.classicArchiver}${exchange.target}` })
  return route.answer(call)
}

/** The cookie, under its old name too; a session id in the query comes first. */
function sessionOf(call: Call): string | undefined {
  return call.query.get('A') ?? cookieOf(call, 'auth_key') ?? cookieOf(call, 'videobank_sessionid')
}

/** Where a key is required: `Authentication: key`, `Authentication: key:` or `Authorization: key`. */
function hasKey({ exchange, cloud }: Call): boolean {
  const { apiKey, apiKeyRequired } = cloud.switches
  const sent = [exchange.header('authentication'), exchange.request.headers.authorization]
  return !apiKeyRequired || sent.some((value) => value?.trim().replace(/:$/, '') === apiKey)
}

async function logout(call: Call): Promise<void> {
  call.cloud.sessions.end(sessionOf(call))
  return call.exchange.reply(204)
}
