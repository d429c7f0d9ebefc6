import { writeFileSync } from 'node:fs'
import { type Certificate, createCertificate } from '../kit/certificate.ts'
import { realClock, type SimulatorClock } from '../kit/clock.ts'
import { RequestLog } from '../kit/request-log.ts'
import { type SimulatorServer, startServer } from '../kit/server.ts'
import { Cloud, type Credentials, type HostName, hostNames } from './cloud.ts'
import type { FilmForm } from './films.ts'
import { serve } from './routes.ts'
import type { EagleEyeSwitches } from './switches.ts'
import type { EagleEyeTruth, FilmTruth } from './truth.ts'
import type { TokenReply, Tokens } from './v3/tokens.ts'
import type { EagleEyeWorld, TimeWindow } from './world.ts'

export interface EagleEyeSimulatorOptions {
  /** Of the classic login host; the others take free ones. 0 takes a free one. Default 0. */
  readonly port?: number
  /** HTTPS, one certificate for all hosts. Default false. */
  readonly tls?: boolean
  /** Default `archivist@example.com`, `pass`, `client-id`, `client-secret`. */
  readonly credentials?: Partial<Credentials>
  readonly clock?: SimulatorClock
  /** The world `custom`, which is taken when this is given. */
  readonly world?: EagleEyeWorld
  readonly switches?: Partial<EagleEyeSwitches>
}

/** A pretend cloud that listens. */
export interface EagleEyeSimulator extends AsyncDisposable {
  /** Origins, without a slash at the end. */
  readonly hosts: Readonly<Record<HostName, string>>
  /** Origin of the classic login host. */
  readonly url: string
  /** The flags with which a command line reaches it, through the API that the switch `api` names. */
  readonly args: string[]
  /** The credentials, as the environment of a command line, and `CAM_EAGLEEYE_ORIGINS`: all hosts, as JSON. */
  readonly env: Record<string, string>
  readonly certificate?: Certificate
  /**
   * Of all hosts. Nodes: authenticate, two-factor, authorize, isauth, logout, switch-account, devices, device, list,
   * media, prefetch, consent, token, revoke, discovery, client-settings, user, cameras, camera, media-session, export,
   * jobs, job, downloads, download, files, file, other.
   */
  readonly log: RequestLog
  /** What no client may ever do; empty when all is well. */
  readonly violations: readonly string[]
  /** What the token endpoint did. */
  readonly tokens: Tokens['counts']
  /** What there is, from the world, the clock and the switches `denied` and `expired` alone. */
  truth(window?: Partial<TimeWindow>): EagleEyeTruth[]
  /** What a right file of any window is, such as of a piece; undefined where nothing was recorded. Default form `flv`. */
  film(cameraId: string, window: TimeWindow, form?: FilmForm): FilmTruth | undefined
  /** Turns switches while it runs. */
  set(switches: Partial<EagleEyeSwitches>): void
  /** Every classic session and access token is over; refresh tokens stay. */
  expireSessions(): void
  /** Tokens as after a consent, without one. */
  issueTokens(): TokenReply
  /** Replaces the newest tokens as if somebody else had refreshed, and says what they are now. */
  rotateNow(): TokenReply
  /** The account moves to the other cluster: base URLs change. */
  moveAccount(): void
  /** A clip ends so many milliseconds later. */
  extend(cameraId: string, start: number, by: number): void
  /** What began before `to` is out of retention; of one camera or all. */
  moveRetentionEdge(edge: { readonly camera?: string; readonly to: number }): void
  /** How many connections clients hold open. */
  openConnections(): number
  close(): Promise<void>
}

/** Starts a pretend Eagle Eye cloud on 127.0.0.1. */
export async function startEagleEye(options: EagleEyeSimulatorOptions = {}): Promise<EagleEyeSimulator> {
  const { port = 0, tls = false, clock = realClock, world } = options
  const credentials: Credentials = {
    ...{ username: 'archivist@example.com', password: 'pass', clientId: 'client-id', clientSecret: 'client-secret' },
    ...options.credentials,
  }
  const switches = { ...(world ? { world: 'custom' as const } : {}), ...options.switches }
  const cloud = new Cloud({ clock, credentials, switches, world })
  const log = new RequestLog()
  const certificate = tls ? await createCertificate() : undefined
  const servers: SimulatorServer[] = []
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    for (const host of hostNames) {
      const own = host === 'classicLogin' ? port : 0
      servers.push(await startServer({ port: own, tls, clock, log, certificate }, (one) => serve(one, cloud, host)))
    }
  } catch (error) {
    await close()
    throw error
  }
  cloud.hosts = Object.fromEntries(hostNames.map((host, index) => [host, servers[index]!.url])) as typeof cloud.hosts
  const writeTruth = () => {
    const path = cloud.switches.truthFile
    if (path !== '') writeFileSync(path, `${JSON.stringify(cloud.truth(), undefined, 1)}\n`)
  }
  writeTruth()
  return {
    ...{ hosts: cloud.hosts, url: cloud.hosts.classicLogin, log },
    ...reachedBy(cloud, certificate),
    ...(certificate ? { certificate } : {}),
    violations: cloud.violations,
    tokens: cloud.tokens.counts,
    truth: (window) => cloud.truth(window),
    film: (cameraId, window, form = 'flv') => cloud.film(cameraId, window, form),
    set(changes) {
      cloud.set(changes)
      if (changes.truthFile !== undefined) writeTruth()
    },
    expireSessions() {
      cloud.sessions.revoke()
      cloud.tokens.expireAccess()
    },
    issueTokens: () => cloud.tokens.issue(),
    rotateNow: () => cloud.tokens.rotateNewest(),
    moveAccount() {
      cloud.cluster = cloud.cluster === 'apiCluster' ? 'apiOther' : 'apiCluster'
    },
    extend: (cameraId, start, by) => cloud.extend(cameraId, start, by),
    moveRetentionEdge({ camera, to }) {
      for (const one of cloud.cameras) if (camera === undefined || one.spec.id === camera) one.retainedFrom = to
    },
    openConnections: () => servers.reduce((sum, server) => sum + server.openConnections(), 0),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** How a command line is told where the hosts are, and who it is. */
function reachedBy(
  { hosts, switches, credentials }: Cloud,
  certificate: Certificate | undefined,
): Pick<EagleEyeSimulator, 'args' | 'env'> {
  const { username, password, clientId, clientSecret } = credentials
  const classic = switches.api === 'classic'
  const secrets: Record<string, string> = classic
    ? { CAM_EAGLEEYE_USERNAME: username, CAM_EAGLEEYE_PASSWORD: password, CAM_EAGLEEYE_API_KEY: switches.apiKey }
    : {
        CAM_EAGLEEYE_CLIENT_ID: clientId,
        ...(switches.publicClient ? {} : { CAM_EAGLEEYE_CLIENT_SECRET: clientSecret }),
      }
  return {
    args: [
      ...['--api', switches.api, '--base-url', classic ? hosts.classicLogin : hosts.api],
      ...(certificate ? ['--fingerprint', certificate.fingerprint256] : []),
    ],
    env: { ...secrets, CAM_EAGLEEYE_ORIGINS: JSON.stringify(hosts) },
  }
}
