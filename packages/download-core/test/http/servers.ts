import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'

export interface TestServer extends AsyncDisposable {
  readonly origin: string
  readonly port: number
  /** Every request so far, oldest first. */
  readonly requests: { readonly method: string; readonly url: string; readonly headers: http.IncomingHttpHeaders }[]
  /** Connections accepted so far. */
  connections: number
  /** Connections open now. */
  open(): number
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A real server on a free port of 127.0.0.1. */
export async function serve(
  handler: Handler,
  secure?: { key: string; cert: string },
  host = '127.0.0.1',
): Promise<TestServer> {
  const requests: TestServer['requests'] = []
  const listener: Handler = (request, response) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers })
    handler(request, response)
  }
  const server = secure ? https.createServer(secure, listener) : http.createServer(listener)
  return listen(server, secure ? 'https' : 'http', requests, host)
}

/** A server that writes exactly these bytes in answer to anything, and then does as it is told. */
export async function serveRaw(answer: (socket: Socket, request: string) => void): Promise<TestServer> {
  const requests: TestServer['requests'] = []
  const server = net.createServer((socket) => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      const [method = '', url = ''] = text.split(' ')
      requests.push({ method, url, headers: {} })
      const asked = text
      text = ''
      answer(socket, asked)
    })
  })
  return listen(server, 'http', requests)
}

async function listen(
  server: net.Server,
  scheme: string,
  requests: TestServer['requests'],
  host = '127.0.0.1',
): Promise<TestServer> {
  const sockets = new Set<Socket>()
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const self: TestServer = {
    origin: `${scheme}://${host}:${port}`,
    port,
    requests,
    connections: 0,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on('connection', (socket: Socket) => {
    self.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  return self
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}

export const never = new AbortController().signal
