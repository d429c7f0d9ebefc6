import type { Certificate } from '../kit/certificate.ts'
import { realClock, type SimulatorClock } from '../kit/clock.ts'
import type { Exchange } from '../kit/exchange.ts'
import type { RequestLog } from '../kit/request-log.ts'
import { Serial } from '../kit/serial.ts'
import { startServer } from '../kit/server.ts'
import { Camera } from './camera.ts'
import { Gate, htmlType, page } from './gate.ts'
import { archivesOfTimelapseMe, nodes } from './nodes.ts'
import { callOf, sendError } from './replies.ts'
import type { AxisSwitches } from './switches.ts'
import type { ArchiveSpec, Truth } from './world.ts'

export interface AxisTimelapse2Options {
  /** 0 takes a free one. Default 0. */
  readonly port?: number
  /** HTTPS with a certificate made at the start. Default false. */
  readonly tls?: boolean
  /** Default `root`. */
  readonly user?: string
  /** Default `pass`. */
  readonly password?: string
  /** Twelve hex digits; the realm is `AXIS_` and this. Default `ACCC8E000001`. */
  readonly serial?: string
  readonly switches?: Partial<AxisSwitches>
  /** The archives of the world `custom`, which is taken when this is given. */
  readonly archives?: readonly ArchiveSpec[]
  readonly clock?: SimulatorClock
}

/** A pretend camera that listens. */
export interface AxisTimelapse2Simulator extends AsyncDisposable {
  /** Origin, without a slash at the end. */
  readonly url: string
  /** `127.0.0.1:port`. */
  readonly host: string
  /** The flags with which a command line reaches it. */
  readonly args: string[]
  /** The credentials, as the environment of a command line. */
  readonly env: Record<string, string>
  readonly log: RequestLog
  /** What no client may ever do, such as touching `reset`; empty when all is well. */
  readonly violations: readonly string[]
  readonly certificate?: Certificate
  /** How many requests came with wrong credentials. */
  readonly badLogins: number
  /** What is downloadable now. */
  truth(): Truth[]
  /** Turns switches while it runs. */
  set(switches: Partial<AxisSwitches>): void
  close(): Promise<void>
}

/** Starts a pretend Axis camera with the Timelapse2 application, on 127.0.0.1. */
export async function startAxisTimelapse2(options: AxisTimelapse2Options = {}): Promise<AxisTimelapse2Simulator> {
  const { user = 'root', password = 'pass', serial = 'ACCC8E000001', clock = realClock, archives } = options
  const switches = { ...(archives ? { world: 'custom' as const } : {}), ...options.switches }
  const camera = new Camera({ serial, clock, switches, archives: archives ?? [] })
  const gate = new Gate(camera, user, password)
  const queue = new Serial()
  const { port = 0, tls = false } = options
  const server = await startServer({ port, tls, clock, rawTargets: true }, (exchange) =>
    serve(exchange, camera, gate, queue),
  )
  const { url, host, log, certificate } = server
  return {
    ...{ url, host, log },
    args: ['--host', certificate ? url : host, ...(certificate ? ['--fingerprint', certificate.fingerprint256] : [])],
    env: { CAM_AXIS_USER: user, CAM_AXIS_PASSWORD: password },
    violations: camera.violations,
    ...(certificate ? { certificate } : {}),
    get badLogins() {
      return gate.badLogins
    },
    truth: () => camera.truth(),
    set: (changes) => camera.set(changes),
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  }
}

const queueLength = 5

async function serve(exchange: Exchange, camera: Camera, gate: Gate, queue: Serial): Promise<void> {
  const { dialect, switches } = camera
  Object.assign(exchange.commonHeaders, { Server: 'Apache/2.4.65 (Unix) OpenSSL/3.0.17' })
  const name = exchange.path.startsWith(dialect.path) ? exchange.path.slice(dialect.path.length) : undefined
  const me = dialect.app === 'timelapseme'
  const node = me
    ? name === 'archives'
      ? { name: 'list', answer: archivesOfTimelapseMe }
      : undefined
    : nodes[dialect.container].get(name ?? '')
  exchange.entry.node = node?.name ?? 'other'
  // The real thing wipes the card, whoever asks in whatever way: that somebody tried is all there is to know.
  if (/\/reset\/?$/i.test(exchange.path)) camera.violations.push(`${exchange.method} ${exchange.target}`)
  if (!(await gate.letsIn(exchange))) return
  if (!node) return exchange.reply(404, { headers: htmlType, body: page(404, 'Not Found') })
  if (switches.backlog503 && queue.length > queueLength)
    return exchange.reply(503, { headers: htmlType, body: page(503, 'Service Unavailable') })
  const work = async () => {
    if (exchange.gone.aborted) return
    const call = callOf(exchange, camera)
    if (!me && !node.early && !camera.ready) {
      const words = dialect.startupStatus === 503 ? 'Service is still starting' : 'Not Found'
      return sendError(call, dialect.startupStatus, words)
    }
    try {
      await node.answer(call)
    } catch (error) {
      await exchange.fail(error)
    }
  }
  return switches.serial ? queue.run(work) : work()
}
