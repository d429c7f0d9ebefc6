import { writeFileSync } from 'node:fs'
import type { Certificate } from '../kit/certificate.ts'
import { realClock, type SimulatorClock } from '../kit/clock.ts'
import type { RequestLog } from '../kit/request-log.ts'
import { startServer } from '../kit/server.ts'
import { Console } from './console.ts'
import { serve } from './routes.ts'
import type { UnifiProtectSwitches } from './switches.ts'
import type { TruthQuery, UnifiProtectTruth } from './truth.ts'
import type { ProtectWorld } from './world.ts'

export interface UnifiProtectSimulatorOptions {
  /** 0 takes a free one. Default 0. */
  readonly port?: number
  /** Default `archivist`. */
  readonly username?: string
  /** Default `pass`. */
  readonly password?: string
  readonly clock?: SimulatorClock
  /** The world `custom`, which is taken when this is given. */
  readonly world?: ProtectWorld
  readonly switches?: Partial<UnifiProtectSwitches>
}

/** A pretend console that listens. It always speaks TLS. */
export interface UnifiProtectSimulator extends AsyncDisposable {
  /** Origin, without a slash at the end. */
  readonly url: string
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly port: number
  /** The flags with which a command line reaches it. */
  readonly args: string[]
  /** The credentials, as the environment of a command line. */
  readonly env: Record<string, string>
  /** Of `unifi.local`, which is not where it is reached; localhost and 127.0.0.1 are named too. */
  readonly certificate: Certificate
  /** Nodes: probe, login, access-key, logout, bootstrap, cameras, camera, nvr, events, event, snapshot, thumbnail, system, self, media, other. */
  readonly log: RequestLog
  /** What no client may ever do, such as deleting footage; empty when all is well. */
  readonly violations: readonly string[]
  /** Logins that reached the server. */
  readonly logins: Readonly<Record<'ok' | 'refused' | 'limited', number>>
  /** How many exports were asked for, how many are being answered, and the most that ever were at once. */
  readonly exports: Readonly<Record<'asked' | 'inFlight' | 'maximum', number>>
  readonly crashes: number
  /** What there is, from the world alone. After the retention edge has moved, what there is then. */
  truth(query?: TruthQuery): UnifiProtectTruth[]
  /** Turns switches while it runs. */
  set(switches: Partial<UnifiProtectSwitches>): void
  /** Every login and access key is over. */
  revokeSessions(): void
  /** As after too much load: connections break, it is down for `downMs`, and then all sessions are over. */
  crash(): void
  /** The oldest footage is gone: up to a moment, or so many milliseconds of it; of one camera (id or name) or all. */
  moveRetentionEdge(edge: { readonly camera?: string; readonly to?: number; readonly by?: number }): void
  /** How many connections clients hold open. */
  openConnections(): number
  close(): Promise<void>
}

/** Starts a pretend UniFi Protect console on 127.0.0.1. */
export async function startUnifiProtect(options: UnifiProtectSimulatorOptions = {}): Promise<UnifiProtectSimulator> {
  const { port = 0, username = 'archivist', password = 'pass', clock = realClock, world } = options
  const switches = { ...(world ? { world: 'custom' as const } : {}), ...options.switches }
  let breakConnections = () => {}
  const console = new Console({
    ...{ clock, username, password, switches, world },
    breakConnections: () => breakConnections(),
  })
  const server = await startServer({ port, tls: true, certificateName: 'unifi.local', clock }, (exchange) =>
    serve(exchange, console),
  )
  breakConnections = server.breakConnections
  const { url, host, log, certificate } = server
  const writeTruth = () => {
    const path = console.switches.truthFile
    if (path !== '') writeFileSync(path, `${JSON.stringify(console.truth(), undefined, 1)}\n`)
  }
  writeTruth()
  return {
    ...{ url, host, log, port: server.port, certificate: certificate! },
    args: [
      ...['--address', '127.0.0.1', '--port', String(server.port)],
      ...['--fingerprint', certificate!.fingerprint256],
    ],
    env: { CAM_UNIFI_USERNAME: username, CAM_UNIFI_PASSWORD: password },
    violations: console.violations,
    logins: console.logins,
    exports: console.exports,
    get crashes() {
      return console.crashes
    },
    truth: (query) => console.truth(query),
    set(changes) {
      console.set(changes)
      if (changes.truthFile !== undefined) writeTruth()
    },
    revokeSessions: () => console.sessions.revoke(),
    crash: () => console.crash(),
    moveRetentionEdge: (edge) => console.moveRetentionEdge(edge),
    openConnections: server.openConnections,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  }
}
