import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { type Certificate, createCertificate } from './certificate.ts'
import { realClock, type SimulatorClock } from './clock.ts'
import { Exchange } from './exchange.ts'
import { targetAsSent, withRawTargets } from './raw-targets.ts'
import { RequestLog } from './request-log.ts'

export interface ServerOptions {
  /** 0 takes a free one. Default 0. */
  readonly port?: number
  /** HTTPS with a certificate made at the start. Default false. */
  readonly tls?: boolean
  /** Whose certificate it is, where that is not `localhost`: the name stands before localhost and 127.0.0.1. */
  readonly certificateName?: string
  /** Speak TLS 1.1 at best, with ciphers of that time. Default false. */
  readonly legacyTls?: boolean
  /** Answer request targets with bytes above 0x7f too. Default false. */
  readonly rawTargets?: boolean
  readonly clock?: SimulatorClock
  /** Where requests are remembered, for several servers with one log. Default: a log of its own. */
  readonly log?: RequestLog
  /** Used instead of one made at the start, for several servers with one certificate; needs `tls`. */
  readonly certificate?: Certificate | undefined
}

/** An HTTP server on 127.0.0.1 that remembers what it was asked. */
export interface SimulatorServer extends AsyncDisposable {
  /** Origin, without a slash at the end. */
  readonly url: string
  /** `127.0.0.1:port`. */
  readonly host: string
  readonly port: number
  readonly log: RequestLog
  readonly certificate?: Certificate
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  /** How many connections clients hold open. */
  openConnections(): number
  /** Breaks every connection; new ones are taken. */
  breakConnections(): void
  /** Ends every connection; returns once the port is free. */
  close(): Promise<void>
}

/** Starts it. `answer` is called for each request; what it throws becomes a 500 with the message. */
export async function startServer(
  options: ServerOptions,
  answer: (exchange: Exchange) => Promise<void>,
): Promise<SimulatorServer> {
  const { port = 0, clock = realClock, certificateName } = options
  const names = certificateName === undefined ? [] : [certificateName]
  const made = () => options.certificate ?? createCertificate(certificateName, names)
  const certificate = options.tls ? await made() : undefined
  const log = options.log ?? new RequestLog()
  const closing = new AbortController()
  const sockets = new Set<Socket>()
  const http = createHttpServer({ keepAliveTimeout: 5000, requestTimeout: 0 }, (request, response) => {
    void serve(request, response)
  })
  http.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else socket.destroy()
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response, targetAsSent(request.url ?? '/'), {
      log,
      clock,
      closing: closing.signal,
    })
    try {
      await answer(exchange)
    } catch (error) {
      await exchange.fail(error)
    }
  }

  const accept = (socket: Socket | TLSSocket) => {
    socket.on('error', () => socket.destroy())
    http.emit('connection', options.rawTargets ? withRawTargets(socket) : socket)
  }
  const remember = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const old = options.legacyTls
    ? { minVersion: 'TLSv1' as const, maxVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
    : {}
  const listener = certificate
    ? createTlsServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem, ...old }, accept)
    : createTcpServer({ noDelay: true }, accept)
  listener.on('connection', remember)
  listener.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(port, '127.0.0.1', () => {
      listener.removeListener('error', reject)
      resolve()
    })
  })
  const { port: taken } = listener.address() as AddressInfo
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= new Promise<void>((resolve) => {
      closing.abort(new Error('the simulator closes'))
      listener.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
    return closed
  }
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${taken}`,
    host: `127.0.0.1:${taken}`,
    port: taken,
    log,
    ...(certificate ? { certificate } : {}),
    closing: closing.signal,
    openConnections: () => sockets.size,
    breakConnections() {
      for (const socket of sockets) socket.destroy()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
