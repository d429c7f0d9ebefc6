import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Behaviour, behave } from './behaviours.ts'
import type { Reply } from './reply.ts'
import { parseRequest } from './request.ts'
import { send } from './send.ts'

/** What the server has and how it behaves. Everything but the content may be changed while it runs, by `set`. */
export interface FileServerOptions {
  readonly content: Uint8Array
  /** What the `changed…` behaviours change to. Default: the content. */
  readonly content2?: Uint8Array
  /** Default `honest`. */
  readonly behaviour?: Behaviour
  /** `changed…`: from the first request on, not only from the second. */
  readonly changed?: boolean
  /** The first reply with the whole file is cut (FIN) after so many bytes, whatever the behaviour. */
  readonly cutFirstAt?: number
  /** Byte at which faults happen. Default: the middle. */
  readonly breakAt?: number
  /** How many requests meet the fault before the server behaves. Default: what the behaviour's name says, mostly 1. */
  readonly times?: number
  /** `drip`, `slow-first-byte`. */
  readonly delayMs?: number
  /** `status`, `retry-after`. */
  readonly status?: number
  readonly retryAfter?: string
  /** How far the server's clock is off. */
  readonly clockOffMs?: number
  readonly location?: string
  readonly disposition?: string
  /** `rate-capped`, per connection. Default 1,000,000. */
  readonly bytesPerSecond?: number
}

/** One request as the server saw it. */
export interface FileServerRequest {
  /** 1 for the first. */
  readonly number: number
  /** 1 for the first connection. */
  readonly connection: number
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly behaviour: Behaviour
  status: number
  /** Bytes of the body handed to the system. */
  bodyBytes: number
}

export interface FileServer extends AsyncDisposable {
  /** Of the file. */
  readonly url: string
  readonly port: number
  readonly requests: readonly FileServerRequest[]
  /** Behaves so from now on; counts of requests that depend on the behaviour begin anew. */
  set(options: Partial<FileServerOptions>): void
  close(): Promise<void>
}

/** A server on 127.0.0.1 with one file and one of many ways to serve it, written byte by byte so that it can break every rule. */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  let current = options
  let sinceSet = 0
  let wholeReplies = 0
  let connections = 0
  const requests: FileServerRequest[] = []
  const sockets = new Set<Socket>()

  function answer(head: string, connection: number): { reply: Reply; entry: FileServerRequest } | undefined {
    const asked = parseRequest(head)
    if (!asked) return undefined
    const behaviour = current.behaviour ?? 'honest'
    const { method, target, headers } = asked
    const entry = {
      number: requests.length + 1,
      connection,
      method,
      target,
      headers,
      behaviour,
      status: 0,
      bodyBytes: 0,
    }
    requests.push(entry)
    let reply: Reply = behave(behaviour, {
      asked,
      nth: ++sinceSet,
      total: requests.length,
      options: current,
      breakAt: current.breakAt ?? Math.floor(current.content.length / 2),
      connections: sockets.size,
      now: Date.now(),
    })
    if (reply.status === 200 && ++wholeReplies === 1 && current.cutFirstAt !== undefined) {
      reply = { ...reply, cutAt: current.cutFirstAt, cutBy: 'fin' }
    }
    if (method === 'HEAD') reply = { ...reply, statedLength: [String(reply.body.length)], body: new Uint8Array(0) }
    return { reply, entry }
  }

  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.setNoDelay(true)
    let received = ''
    let busy = false
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    const serveNext = async () => {
      if (busy) return
      busy = true
      for (;;) {
        const end = received.indexOf('\r\n\r\n')
        if (end === -1 || socket.destroyed) break
        const found = answer(received.slice(0, end), connection)
        received = received.slice(end + 4)
        if (!found) {
          socket.destroy()
          break
        }
        const wantsClose = found.entry.headers.connection?.toLowerCase() === 'close'
        const keep = await send(socket, found.reply, found.entry, sleep)
        if (!keep || wantsClose) {
          socket.end()
          break
        }
      }
      busy = false
    }
    socket.setEncoding('latin1')
    socket.on('data', (data: string) => {
      received += data
      // Whoever sends a megabyte of head is no client of ours.
      if (received.length > 1_048_576) socket.destroy()
      else void serveNext()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }

  return {
    url: `http://127.0.0.1:${port}/clip.mp4`,
    port,
    requests,
    set(next) {
      current = { ...current, ...next }
      sinceSet = 0
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
