import http from 'node:http'
import https from 'node:https'
import net, { type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { TimeoutError } from '../footage/errors.ts'
import { deadline } from './deadline.ts'
import type { HttpTimeouts, TlsOptions } from './exchange.ts'
import { mendConnection } from './mend-head.ts'
import { tunnel } from './proxy.ts'
import { handshake } from './tls.ts'
import { toCamError } from './to-cam-error.ts'

/** What a request tells the agent about the connection it may open. */
export interface Dialling {
  readonly timeouts: HttpTimeouts
  readonly signal: AbortSignal
  readonly proxy: URL | undefined
  /** Put what is wrong with the reply's head in order before the parser sees it; for connections of their own only. */
  readonly mendHead: boolean
}

/** The connections of one client, per scheme, through a proxy where the environment says so. */
export interface Agents {
  /** `reuse: false` opens a connection of its own, closed after one exchange. */
  of(secure: boolean, reuse: boolean): http.Agent
  destroy(): void
}

type Callback = (error: Error | null, socket?: Duplex) => void
type ConnectionOptions = { host?: string; hostname?: string; port?: number | string; dialling: Dialling }

/** Connections that are handed out only after the TCP connection, the proxy's tunnel and the certificate are in order. */
export function createAgents(clock: Clock, tlsOptions: TlsOptions, maxFreeSockets: number): Agents {
  // The agents lose sight of sockets that are still being opened, and of those whose server changed the protocol.
  const open = new Set<Socket>()
  let destroyed = false
  const track = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  const make = (secure: boolean, keepAlive: boolean) => {
    const agent = secure
      ? new https.Agent({ keepAlive, maxFreeSockets })
      : new http.Agent({ keepAlive, maxFreeSockets })
    const createConnection = (options: ConnectionOptions, done: Callback) => {
      // An abort's reason may be anything; Node needs an Error here, and the request has its reason already.
      const refuse = (why: unknown) =>
        done(why instanceof Error ? why : new Error('connecting was given up', { cause: why }))
      if (destroyed) return refuse(new TypeError('This HTTP client has been closed.'))
      dial(options, secure, clock, tlsOptions, track).then(
        (socket) => done(null, options.dialling.mendHead ? mendConnection(socket) : socket),
        refuse,
      )
    }
    return Object.assign(agent, { createConnection })
  }
  const all = { kept: [make(false, true), make(true, true)], own: [make(false, false), make(true, false)] } as const
  return {
    of: (secure, reuse) => all[reuse ? 'kept' : 'own'][secure ? 1 : 0],
    destroy: () => {
      destroyed = true
      for (const agent of [...all.kept, ...all.own]) agent.destroy()
      for (const socket of open) {
        socket.on('error', () => {})
        socket.destroy(Object.assign(new Error('the client was closed'), { code: 'ECONNRESET' }))
      }
    },
  }
}

async function dial(
  options: ConnectionOptions,
  secure: boolean,
  clock: Clock,
  tlsOptions: TlsOptions,
  track: (socket: Socket) => void,
): Promise<Socket> {
  const { timeouts, signal, proxy } = options.dialling
  const host = String(options.host ?? options.hostname)
  const port = Number(options.port ?? (secure ? 443 : 80))
  if (!proxy) {
    const socket = await connect(host, port, options.dialling, clock, track)
    return secure ? handshake(socket, { host, tls: tlsOptions, tlsMs: timeouts.tlsMs, clock, signal }) : socket
  }
  const proxyHost = proxy.hostname.replace(/^\[|\]$/g, '')
  const proxySecure = proxy.protocol === 'https:'
  const proxyPort = Number(proxy.port) || (proxySecure ? 443 : 80)
  const toProxy = `Connecting to the proxy ${proxyHost}:${proxyPort} that the environment names (NO_PROXY makes exceptions)`
  let socket = await connect(proxyHost, proxyPort, options.dialling, clock, track, toProxy)
  // The device's pin and `insecure` say nothing about the proxy: it is checked like any other server.
  if (proxySecure) socket = await handshake(socket, { host: proxyHost, tls: {}, tlsMs: timeouts.tlsMs, clock, signal })
  if (!secure) return socket
  const tunnelled = await inTime(socket, `Proxy ${proxy.host}`, options.dialling, clock, () =>
    tunnel(socket, proxy, `${host.includes(':') ? `[${host}]` : host}:${port}`),
  )
  return handshake(tunnelled, { host, tls: tlsOptions, tlsMs: timeouts.tlsMs, clock, signal })
}

function connect(
  host: string,
  port: number,
  dialling: Dialling,
  clock: Clock,
  track: (socket: Socket) => void,
  what = `Connecting to ${host}:${port}`,
): Promise<Socket> {
  const socket = net.connect({ host, port, noDelay: true, keepAlive: true })
  track(socket)
  return inTime(socket, what, dialling, clock, () => {
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => reject(toCamError(error, what)))
      socket.once('connect', () => {
        socket.removeAllListeners('error')
        resolve(socket)
      })
    })
  })
}

/** Destroys the socket and throws when the connect limit passes or the signal aborts first. */
async function inTime<T>(
  socket: Socket,
  what: string,
  { timeouts, signal }: Dialling,
  clock: Clock,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const limitMs = timeouts.connectMs
  let giveUp: (reason: unknown) => void = () => {}
  const late = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const onAbort = () => giveUp(signal.reason)
  const cancel = deadline(clock, limitMs, () =>
    giveUp(new TimeoutError(`${what}: no answer within ${limitMs} ms.`, { phase: 'connect', limitMs })),
  )
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
