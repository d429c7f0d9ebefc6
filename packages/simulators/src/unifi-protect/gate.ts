import { csrfHeaders } from './login.ts'
import { type Call, loginPage, sendHtml, sendJson } from './replies.ts'
import type { Session } from './sessions.ts'
import { newCsrf } from './sessions.ts'
import { settled } from './switches.ts'

/** The call with its session, or undefined where it has been answered. */
export async function letIn(call: Call): Promise<Call | undefined> {
  const { console, exchange } = call
  const session = console.legacy ? byToken(call) : byCookie(call)
  if (!session && !(console.legacy && console.sessions.isAccessKey(call.query.get('accessKey') ?? ''))) {
    await refuse(call)
    return undefined
  }
  if (!session) {
    exchange.entry.authenticated = true
    return call
  }
  session.requests++
  if (session.requests > console.switches.expireSessionAfterRequests) {
    console.sessions.end(session)
    await refuse(call)
    return undefined
  }
  exchange.entry.authenticated = true
  const known = { ...call, session }
  const writes = exchange.method !== 'GET' && exchange.method !== 'HEAD'
  if (!console.legacy && writes && exchange.header('x-csrf-token') !== session.csrf) {
    await sendJson(call, 403, { error: 'Invalid CSRF token' })
    return undefined
  }
  if (console.switches.rotateCsrf) session.csrf = newCsrf()
  Object.assign(exchange.commonHeaders, csrfHeaders(known, session))
  return known
}

function byToken({ console, exchange }: Call): Session | undefined {
  const [, token] = /^Bearer (\S+)$/i.exec(exchange.request.headers.authorization ?? '') ?? []
  return console.sessions.find(token)
}

function byCookie({ console, exchange }: Call): Session | undefined {
  const name = settled(console.switches, 'cookieName')
  const cookies = (exchange.header('cookie') ?? '').split(/;\s*/)
  return console.sessions.find(cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1))
}

function refuse(call: Call): Promise<void> {
  const { console, exchange } = call
  const key = exchange.header('x-api-key') !== undefined
  // With a key of the integration API the private one says 401 everywhere but here.
  if (key && exchange.path.endsWith('/bootstrap')) return sendJson(call, 500, { error: 'Internal Server Error' })
  if (!key && console.switches.expired === '302') return sendHtml(call, 302, '', { Location: '/login' })
  if (!key && console.switches.expired === '200-html') return sendHtml(call, 200, loginPage)
  if (console.legacy) return sendJson(call, 401, { error: 'Unauthorized', type: 'AuthenticationError' })
  return sendJson(call, 401, { code: 401, error: { code: 401, message: 'Unauthorized' }, message: 'Unauthorized' })
}
