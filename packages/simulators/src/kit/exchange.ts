import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SimulatorClock } from './clock.ts'
import type { RequestEntry, RequestLog } from './request-log.ts'

/** What a short reply says. */
export interface Reply {
  /** The words after the status, where they are not the usual ones. */
  readonly reason?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** Send no Content-Length: the body goes chunked. Default false. */
  readonly chunked?: boolean
}

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  /** Path and query as sent, one character per byte. */
  readonly target: string
  /** Before the question mark. */
  readonly path: string
  /** After the question mark, undecoded; '' without one. */
  readonly query: string
  readonly entry: RequestEntry
  readonly clock: SimulatorClock
  /** Aborted when the client has gone or the server closes. */
  readonly gone: AbortSignal
  /** Added to every reply. */
  readonly commonHeaders: Record<string, string | readonly string[]> = {}
  readonly log: RequestLog

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    target: string,
    { log, clock, closing }: { log: RequestLog; clock: SimulatorClock; closing: AbortSignal },
  ) {
    this.request = request
    this.response = response
    this.method = request.method ?? 'GET'
    this.target = target
    const [beforeFragment = ''] = target.split('#', 1)
    const question = beforeFragment.indexOf('?')
    this.path = question < 0 ? beforeFragment : beforeFragment.slice(0, question)
    this.query = question < 0 ? '' : beforeFragment.slice(question + 1)
    this.clock = clock
    this.log = log
    this.entry = log.open({ method: this.method, target, headers: headersOf(request), startedAt: clock.now() })
    const left = new AbortController()
    this.gone = AbortSignal.any([left.signal, closing])
    response.on('error', () => {})
    response.on('close', () => {
      if (!response.writableFinished) left.abort(new Error('the client has gone'))
      this.#end(response.writableFinished ? 'complete' : 'cut')
    })
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** The request's body, at most 1 MiB. */
  async body(): Promise<Buffer> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > 1024 * 1024) throw new RangeError('the request body is larger than 1 MiB')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  /** Status line and headers; the body follows by `response.write`. */
  head(status: number, reply: Omit<Reply, 'body' | 'chunked'> = {}): void {
    const { response } = this
    this.entry.status = status
    // The date comes from the simulator's clock, like everything else.
    response.sendDate = false
    response.setHeader('Date', new Date(this.clock.now()).toUTCString())
    for (const [name, value] of Object.entries({ ...this.commonHeaders, ...reply.headers })) {
      response.setHeader(name, typeof value === 'string' ? value : [...value])
    }
    if (reply.reason === undefined) response.writeHead(status)
    else response.writeHead(status, reply.reason)
  }

  /** A whole reply. */
  async reply(status: number, reply: Reply = {}): Promise<void> {
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : (reply.body ?? Buffer.alloc(0))
    const length = reply.chunked ? {} : { 'Content-Length': String(body.length) }
    this.head(status, { ...reply, headers: { ...reply.headers, ...length } })
    const sent = this.method === 'HEAD' ? Buffer.alloc(0) : body
    this.entry.bodyBytes += sent.length
    await new Promise<void>((resolve) => {
      this.response.once('close', resolve)
      if (sent.length > 0) this.response.write(sent)
      this.response.end(resolve)
    })
  }

  /** Ends the connection at once. */
  drop(): void {
    this.#end('cut')
    this.request.socket.destroy()
  }

  /** For what the simulator did not foresee. */
  async fail(error: unknown): Promise<void> {
    if (this.response.headersSent || this.gone.aborted) return this.drop()
    const message = error instanceof Error ? error.message : String(error)
    await this.reply(500, { headers: { 'Content-Type': 'text/plain' }, body: `simulator: ${message}` })
  }

  #end(how: 'complete' | 'cut'): void {
    if (this.entry.endedAt !== undefined) return
    // A body that was cut on purpose says so itself, before the connection closes.
    if (this.entry.ended === 'not-yet') this.entry.ended = how
    this.entry.endedAt = this.clock.now()
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    const joined = Array.isArray(value) ? value.join(', ') : (value ?? '')
    headers[name] = name === 'authorization' ? (joined.split(' ', 1)[0] ?? '') : joined
  }
  return headers
}
