import { writeFileSync } from 'node:fs'
import { type Certificate, createCertificate } from '../kit/certificate.ts'
import { realClock, type SimulatorClock } from '../kit/clock.ts'
import { RequestLog } from '../kit/request-log.ts'
import { type SimulatorServer, startServer } from '../kit/server.ts'
import { Cloud, type HostName, hostNames } from './cloud.ts'
import type { FilmTruth } from './films.ts'
import { footageOf } from './footage.ts'
import type { Order } from './orders.ts'
import { serve } from './routes.ts'
import type { SamsaraSwitches } from './switches.ts'
import type { SamsaraTruth, TruthQuestion } from './truth.ts'
import { inputOf, type SamsaraAngle, type SamsaraInput, type SamsaraMediaType, type SamsaraWorld } from './world.ts'

export interface SamsaraSimulatorOptions {
  /** Of the API's host of the switch `region`; the others take free ones. 0 takes a free one. Default 0. */
  readonly port?: number
  /** HTTPS, one certificate for all hosts. Default false. */
  readonly tls?: boolean
  /** Default `samsara_api_` and 30 letters. */
  readonly token?: string
  readonly clock?: SimulatorClock
  /** The world `custom`, which is taken when this is given. */
  readonly world?: SamsaraWorld
  readonly switches?: Partial<SamsaraSwitches>
}

/** What was paid and what for. */
export interface SamsaraCounters {
  /** Accepted orders, and how many pieces of media they asked for. */
  readonly orders: number
  readonly items: number
  /** Of the quota, since the start. */
  readonly seconds: number
  /** Accepted orders whose reply the client never got. */
  readonly lost: number
  /** Items that were paid for before, and had not failed; a violation each. */
  readonly duplicates: number
  /** Items that the list of uploaded media showed from the start. */
  readonly avoidable: number
  /** Requests that were over a limit. */
  readonly limited: number
  /** Polls of retrievals that had told before that nothing comes of them. */
  readonly pollsAfterEnd: number
}

/** One film of the world. */
export interface FilmQuestion {
  /** Its id. */
  readonly vehicle: string
  readonly angle: SamsaraAngle | SamsaraInput
  readonly start: number
  /** Default a minute after `start`; of an image `start`. */
  readonly end?: number
  /** Default `videoHighRes`. */
  readonly mediaType?: SamsaraMediaType
  /** As it is after `replaceAfter`. Default false. */
  readonly replaced?: boolean
}

/** A pretend cloud that listens. */
export interface SamsaraSimulator extends AsyncDisposable {
  /** Origins, without a slash at the end: the API of each region, and `media`. */
  readonly hosts: Readonly<Record<HostName, string>>
  /** Origin of the API that knows the token. */
  readonly url: string
  readonly token: string
  /** The flags with which a command line reaches it. */
  readonly args: string[]
  /** The token, as the environment of a command line, and `CAM_SAMSARA_ORIGINS`: all hosts, as JSON. */
  readonly env: Record<string, string>
  readonly certificate?: Certificate
  /** Of all hosts. Nodes: organisation, vehicles, vehicle, trips, order, poll, list, media, other. */
  readonly log: RequestLog
  /** What no client may ever do; empty when all is well. */
  readonly violations: readonly string[]
  /** Every accepted order, in order, from the moment it is paid; before the reply to it. */
  readonly orders: readonly Order[]
  counters(): SamsaraCounters
  /** What must come out, from the world and the switches alone. */
  truth(question?: TruthQuestion): SamsaraTruth[]
  /** What a right film is; undefined where there is none. */
  film(question: FilmQuestion): FilmTruth | undefined
  /** Turns switches while it runs. */
  set(switches: Partial<SamsaraSwitches>): void
  /** What began before `to` is no longer on the card; of one vehicle or all. */
  moveRetentionEdge(edge: { readonly vehicle?: string; readonly to: number }): void
  /** How many connections clients hold open. */
  openConnections(): number
  /** Breaks every connection; new ones are taken. */
  breakConnections(): void
  close(): Promise<void>
}

/** Starts a pretend Samsara on 127.0.0.1. */
export async function startSamsara(options: SamsaraSimulatorOptions = {}): Promise<SamsaraSimulator> {
  const {
    port = 0,
    tls = false,
    clock = realClock,
    world,
    token = 'samsara_api_PretendTokenOfTheExample000000',
  } = options
  const switches = { ...(world ? { world: 'custom' as const } : {}), ...options.switches }
  const cloud = new Cloud({ clock, token, switches, world })
  const log = new RequestLog()
  const certificate = tls ? await createCertificate() : undefined
  const servers: SimulatorServer[] = []
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    for (const host of hostNames) {
      const own = host === cloud.switches.region ? port : 0
      servers.push(await startServer({ port: own, tls, clock, log, certificate }, (one) => serve(one, cloud, host)))
    }
  } catch (error) {
    await close()
    throw error
  }
  cloud.hosts = Object.fromEntries(hostNames.map((host, index) => [host, servers[index]!.url])) as typeof cloud.hosts
  const url = cloud.hosts[cloud.switches.region]
  const writeTruth = () => {
    const path = cloud.switches.truthFile
    if (path !== '') writeFileSync(path, `${JSON.stringify(cloud.truth({}), undefined, 1)}\n`)
  }
  writeTruth()
  return {
    ...{ hosts: cloud.hosts, url, token, log, violations: cloud.violations, orders: cloud.orders.all },
    args: ['--base-url', url, ...(certificate ? ['--fingerprint', certificate.fingerprint256] : [])],
    env: { CAM_SAMSARA_TOKEN: token, CAM_SAMSARA_ORIGINS: JSON.stringify(cloud.hosts) },
    ...(certificate ? { certificate } : {}),
    counters: () => countersOf(cloud),
    truth: (question = {}) => cloud.truth(question),
    film: (question) => filmOf(cloud, question),
    set(changes) {
      cloud.set(changes)
      if (changes.truthFile !== undefined) writeTruth()
    },
    moveRetentionEdge({ vehicle, to }) {
      for (const one of cloud.vehicles) if (vehicle === undefined || one.spec.id === vehicle) one.retainedFrom = to
    },
    openConnections: () => servers.reduce((sum, server) => sum + server.openConnections(), 0),
    breakConnections() {
      for (const server of servers) server.breakConnections()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function countersOf({ orders, limits }: Cloud): SamsaraCounters {
  const { all, items, secondsUsed, duplicates, avoidable, pollsAfterEnd } = orders
  const lost = all.filter((order) => order.lost).length
  return {
    ...{ orders: all.length, items: items.length, seconds: secondsUsed, lost, duplicates, avoidable, pollsAfterEnd },
    limited: limits.refused,
  }
}

function filmOf(cloud: Cloud, question: FilmQuestion): FilmTruth | undefined {
  const { vehicle: id, angle, start, mediaType = 'videoHighRes', replaced = false } = question
  const vehicle = cloud.vehicle(id)
  if (!vehicle) throw new TypeError(`there is no vehicle ${JSON.stringify(id)}`)
  const end = mediaType === 'image' ? start : (question.end ?? start + 60_000)
  const asked = { vehicle, input: inputOf(angle), mediaType, window: { start, end } }
  const footage = footageOf(asked, cloud.means, true)
  if (footage.is === 'missing') return undefined
  const { sha256, bytes } = cloud.films.film(asked, footage, replaced)
  return { sha256, bytes }
}
