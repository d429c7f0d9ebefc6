import type { Exchange } from '../kit/exchange.ts'
import type { Console } from './console.ts'
import { event, events, notFound } from './events.ts'
import { videoExport } from './export.ts'
import { letIn } from './gate.ts'
import { integration } from './integration.ts'
import { accessKey, login, logout, root, userOf } from './login.ts'
import { bootstrap, camera, cameras, nvr, system } from './pages.ts'
import { recordingSnapshot, snapshot, thumbnail } from './pictures.ts'
import { type Call, nginxPage, sendHtml, sendJson } from './replies.ts'

interface Route {
  readonly node: string
  readonly path: RegExp
  readonly answer: (call: Call, id: string) => Promise<void>
}

const osRoot = '/proxy/protect/api/'

/** Below the API root, all of them GET and for whoever is logged in. */
const routes: readonly Route[] = [
  { node: 'media', path: /^video\/export$/, answer: videoExport },
  { node: 'cameras', path: /^cameras$/, answer: cameras },
  { node: 'camera', path: /^cameras\/([^/]+)$/, answer: camera },
  { node: 'nvr', path: /^nvr$/, answer: nvr },
  { node: 'bootstrap', path: /^bootstrap$/, answer: bootstrap },
  { node: 'events', path: /^events$/, answer: events },
  { node: 'event', path: /^events\/([^/]+)$/, answer: event },
  { node: 'thumbnail', path: /^events\/([^/]+)\/thumbnail$/, answer: thumbnail },
  // The older form takes the id with its prefix.
  { node: 'thumbnail', path: /^thumbnails\/e-([^/]+)$/, answer: thumbnail },
  { node: 'snapshot', path: /^cameras\/([^/]+)\/snapshot$/, answer: (call, id) => snapshot(call, id, 0) },
  { node: 'snapshot', path: /^cameras\/([^/]+)\/package-snapshot$/, answer: (call, id) => snapshot(call, id, 3) },
  { node: 'snapshot', path: /^cameras\/([^/]+)\/recording-snapshot$/, answer: recordingSnapshot },
]

/** Answers one request. */
export async function serve(exchange: Exchange, console: Console): Promise<void> {
  const call: Call = { exchange, console, query: new URLSearchParams(exchange.query) }
  Object.assign(exchange.commonHeaders, console.legacy ? legacyHeaders : osHeaders)
  const { entry, path, method } = exchange
  const below = belowRoot(path, console)
  const route = routes.find((one) => below !== undefined && one.path.test(below))
  entry.node = nodeOf(path, method, console) ?? route?.node ?? 'other'
  if (console.down) return whileDown(call)
  if (entry.node === 'probe') return root(call)
  if (entry.node === 'login') return login(call)
  if (!console.legacy && path === '/api/system') return system(call)
  if (!console.legacy && path === '/api/auth/login') return sendJson(call, 405, { error: 'Method Not Allowed' })
  const integrationPath = /^\/proxy\/protect\/integration\/v1\/(.+)$/.exec(path)?.[1]
  if (!console.legacy && integrationPath) return integration(call, integrationPath)
  noteWrites(call)
  const loggedIn = below === undefined && !needsLogin(entry.node) ? undefined : await letIn(call)
  if (!loggedIn) return exchange.response.headersSent ? undefined : notFound(call)
  if (entry.node === 'access-key') return accessKey(loggedIn)
  if (entry.node === 'logout') return logout(loggedIn)
  if (entry.node === 'self') return sendJson(call, 200, userOf(console.username))
  if (!route || method !== 'GET') return notFound(call)
  return route.answer(loggedIn, route.path.exec(below!)?.[1] ?? '')
}

const osHeaders = {
  Server: 'nginx',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Robots-Tag': 'noindex',
  'Access-Control-Allow-Credentials': 'true',
}
const legacyHeaders = { 'X-Powered-By': 'Express' }

/** What comes after the API root; undefined elsewhere. */
function belowRoot(path: string, console: Console): string | undefined {
  const apiRoot = console.legacy ? '/api/' : osRoot
  if (!path.startsWith(apiRoot) || (console.legacy && path.startsWith('/api/auth'))) return undefined
  return path.slice(apiRoot.length)
}

/** What a request outside the API root is. */
function nodeOf(path: string, method: string, { legacy }: Console): string | undefined {
  if (path === '/' && method === 'GET') return 'probe'
  if (method === 'POST' && path === (legacy ? '/api/auth' : '/api/auth/login')) return 'login'
  if (method === 'POST' && legacy && path === '/api/auth/access-key') return 'access-key'
  if (method === 'POST' && path === '/api/auth/logout') return 'logout'
  if (legacy || method !== 'GET') return undefined
  return { '/api/system': 'system', '/api/users/self': 'self' }[path]
}

const needsLogin = (node: string) => node === 'access-key' || node === 'logout' || node === 'self'

/** Deleting footage or changing a setting is what no archiver may ever do, whoever asks in whatever way. */
function noteWrites({ exchange, console }: Call): void {
  const { method, target, entry, path } = exchange
  const harmless = method === 'GET' || method === 'HEAD' || needsLogin(entry.node) || path.startsWith('/api/auth')
  if (!harmless) console.violations.push(`${method} ${target}`)
}

const downWords = { '502': 'Bad Gateway', '503': 'Service Temporarily Unavailable', '504': 'Gateway Time-out' } as const

async function whileDown(call: Call): Promise<void> {
  const { downStatus } = call.console.switches
  if (downStatus === 'refuse') return call.exchange.drop()
  if (downStatus === '404-html') return sendHtml(call, 404, nginxPage('404 Not Found'))
  return sendHtml(call, Number(downStatus), nginxPage(`${downStatus} ${downWords[downStatus]}`))
}
