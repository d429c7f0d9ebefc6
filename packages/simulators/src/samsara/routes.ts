import type { Exchange } from '../kit/exchange.ts'
import { apiError, bearerOf, type Call } from './call.ts'
import type { Cloud, HostName } from './cloud.ts'
import { errorOf } from './failing.ts'
import { mediaHost } from './media-host.ts'
import { mediaList } from './media-list.ts'
import { organisation, trips } from './organisation.ts'
import { poll } from './poll.ts'
import { order } from './retrieve.ts'
import type { SamsaraSwitches } from './switches.ts'
import { vehicle, vehicles } from './vehicles.ts'

interface Route {
  readonly node: string
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  /** What the token must be allowed. */
  readonly scope: string
  /** The switch with how many there may be, and in how many milliseconds. */
  readonly limit?: readonly [keyof SamsaraSwitches & `${string}Per${string}`, number]
  readonly answer: (call: Call, id: string) => Promise<void>
}

const retrieval = /^\/cameras\/media\/retrieval$/

const routes: readonly Route[] = [
  { node: 'organisation', method: 'GET', path: /^\/me$/, scope: 'org', answer: organisation },
  {
    node: 'vehicles',
    method: 'GET',
    path: /^\/fleet\/vehicles$/,
    scope: 'vehicles',
    limit: ['vehiclesPerSecond', 1000],
    answer: vehicles,
  },
  { node: 'vehicle', method: 'GET', path: /^\/fleet\/vehicles\/([^/]+)$/, scope: 'vehicles', answer: vehicle },
  {
    node: 'trips',
    method: 'GET',
    path: /^\/trips\/stream$/,
    scope: 'trips',
    limit: ['listPerSecond', 1000],
    answer: trips,
  },
  {
    node: 'order',
    method: 'POST',
    path: retrieval,
    scope: 'media-write',
    limit: ['postPerMinute', 60_000],
    answer: order,
  },
  { node: 'poll', method: 'GET', path: retrieval, scope: 'media-read', limit: ['pollPerSecond', 1000], answer: poll },
  {
    node: 'list',
    method: 'GET',
    path: /^\/cameras\/media$/,
    scope: 'media-read',
    limit: ['listPerSecond', 1000],
    answer: mediaList,
  },
]

/** Answers one request to one of the hosts. */
export async function serve(exchange: Exchange, cloud: Cloud, host: HostName): Promise<void> {
  const call: Call = { exchange, cloud, host, query: new URLSearchParams(exchange.query) }
  if (exchange.target.includes(cloud.token)) cloud.violation(`the token stands in a URL: ${exchange.path}`)
  return host === 'media' ? mediaHost(call) : serveApi(call)
}

async function serveApi(call: Call): Promise<void> {
  const { exchange, cloud, host } = call
  const { path, method, entry } = exchange
  const { switches, limits, clock } = cloud
  const here = routes.filter((one) => one.path.test(path))
  const route = here.find((one) => one.method === method)
  entry.node = route?.node ?? 'other'
  if (!/^(GET|HEAD)$/.test(method) && !route) cloud.violation(`${method} ${path}`)
  if (host !== switches.region) return errorOf(call, Number(switches.wrongRegion))
  if (bearerOf(call) !== cloud.token) return errorOf(call, 401)
  entry.authenticated = true
  if (here.length === 0) return errorOf(call, 404)
  if (!route) return apiError(call, 405, `${method} not allowed on ${path}.`)
  if (!switches.scopes.split(' ').includes(route.scope)) return errorOf(call, Number(switches.forbidden))
  if (switches.rateLimits) {
    const [limit, within] = route.limit ?? ['tokenPerSecond', 1000]
    const now = clock.now()
    const wait =
      limits.take('all', switches.tokenPerSecond, 1000, now) ||
      limits.take(route.node, switches[limit] as number, within, now)
    if (wait > 0) return errorOf(call, 429, wait)
  }
  return route.answer(call, route.path.exec(path)?.[1] ?? '')
}
