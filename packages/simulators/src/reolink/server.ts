import { writeFileSync } from 'node:fs'
import { type Certificate, createCertificate } from '../kit/certificate.ts'
import { realClock, type SimulatorClock } from '../kit/clock.ts'
import { type RequestEntry, RequestLog } from '../kit/request-log.ts'
import { type SimulatorServer, startServer } from '../kit/server.ts'
import { Device } from './device.ts'
import type { ReolinkFilmTruth } from './films.ts'
import { stretchesOf } from './nvr-download.ts'
import { servePlain } from './plain.ts'
import { serve } from './routes.ts'
import type { ReolinkSwitches } from './switches.ts'
import { type ReolinkTruth, type ReolinkTruthQuestion, truthOf } from './truth.ts'
import type { ReolinkStream, ReolinkWorld } from './world.ts'

export interface ReolinkSimulatorOptions {
  /** 0 takes a free one. Default 0. */
  readonly port?: number
  /** HTTPS. Default false. */
  readonly tls?: boolean
  /** Default `admin`. */
  readonly username?: string
  /** Default `pass-1234`. */
  readonly password?: string
  readonly clock?: SimulatorClock
  /** The world `custom`, which is taken when this is given. */
  readonly world?: ReolinkWorld
  readonly switches?: Partial<ReolinkSwitches>
}

/** A pretend device that listens. */
export interface ReolinkSimulator extends AsyncDisposable {
  /** Origin, without a slash at the end. */
  readonly url: string
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly port: number
  /** Of the plain port beside TLS, where there is one. */
  readonly plainUrl?: string
  readonly username: string
  readonly password: string
  /** The flags with which a command line reaches it. */
  readonly args: string[]
  /** The credentials, as the environment of a command line. */
  readonly env: Record<string, string>
  readonly certificate?: Certificate
  /** Nodes: the command, such as Login, Snap, Download; batch, flv, other. */
  readonly log: RequestLog
  /** The entries of `log`: every request with its target as it was written. */
  readonly requests: readonly RequestEntry[]
  /** What no client may ever do; empty when all is well. */
  readonly violations: readonly string[]
  /** What there is, what was sent and who is logged in. */
  truth(question?: ReolinkTruthQuestion): ReolinkTruth
  /** What a right file of a window inside one recording is, as NvrDownload makes it; undefined where there is none. */
  film(window: {
    readonly channel: number
    readonly stream?: ReolinkStream
    readonly start: number
    readonly end: number
  }): ReolinkFilmTruth | undefined
  /** Turns switches while it runs. */
  set(switches: Partial<ReolinkSwitches>): void
  /** Every token is over. */
  revokeSessions(): void
  /** As by its command: connections break, it is away for `bootMs`, and then all sessions are over. */
  reboot(): void
  /** The most downloads there ever were at once. */
  readonly maximumDownloads: number
  /** How many connections clients hold open. */
  openConnections(): number
  /** Breaks every connection; new ones are taken. */
  breakConnections(): void
  close(): Promise<void>
}

/** Starts a pretend Reolink camera, recorder or hub on 127.0.0.1. */
export async function startReolink(options: ReolinkSimulatorOptions = {}): Promise<ReolinkSimulator> {
  const { port = 0, tls = false, username = 'admin', password = 'pass-1234', clock = realClock, world } = options
  const switches = { ...(world ? { world: 'custom' as const } : {}), ...options.switches }
  const device = new Device({ clock, username, password, switches, world })
  const log = new RequestLog()
  const certificate = tls ? await createCertificate() : undefined
  const servers: SimulatorServer[] = []
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    const { legacyTls } = device.switches
    servers.push(await startServer({ port, tls, legacyTls, clock, log, certificate }, (one) => serve(one, device)))
    if (tls && device.switches.plainHttp !== 'off')
      servers.push(await startServer({ clock, log }, (one) => servePlain(one, device, servers[0]!.host)))
  } catch (error) {
    await close()
    throw error
  }
  device.breakConnections = () => {
    for (const server of servers) server.breakConnections()
  }
  const [{ url, host, port: taken }, plain] = servers as [SimulatorServer, SimulatorServer?]
  const writeTruth = () => {
    const path = device.switches.truthFile
    if (path !== '') writeFileSync(path, `${JSON.stringify(truthOf(device).recordings, undefined, 1)}\n`)
  }
  writeTruth()
  return {
    ...{ url, host, port: taken, username, password, log, requests: log.entries, violations: device.violations },
    ...(plain ? { plainUrl: plain.url } : {}),
    args: ['--host', certificate ? url : host, ...(certificate ? ['--fingerprint', certificate.fingerprint256] : [])],
    env: { CAM_REOLINK_USERNAME: username, CAM_REOLINK_PASSWORD: password },
    ...(certificate ? { certificate } : {}),
    truth: (question) => truthOf(device, question),
    film({ channel, stream = 'main', start, end }) {
      const [stretch] = stretchesOf(device, device.seen(channel, stream), device.wall(start), device.wall(end))
      return stretch && device.films.truth(stretch)
    },
    set(changes) {
      device.set(changes)
      if (changes.truthFile !== undefined) writeTruth()
    },
    revokeSessions: () => device.sessions.revoke(),
    reboot: () => device.reboot(),
    get maximumDownloads() {
      return device.vod.maximum
    },
    openConnections: () => servers.reduce((sum, server) => sum + server.openConnections(), 0),
    breakConnections: device.breakConnections,
    close,
    [Symbol.asyncDispose]: close,
  }
}
