import { createHash } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A reply taken apart by hand, so that nothing in it is smoothed over. */
export interface RawReply {
  readonly status: number
  readonly reason: string
  /** As sent, in order; names in lower case. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  /** Bytes after the end of the body. */
  readonly surplus: Buffer
  /** Whether the body reached its stated end. */
  readonly complete: boolean
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Stop reading after the head, until it resolves. */
  readonly pause?: Promise<unknown>
}

/** Sends one request, whose target has one character per byte, and reads until the connection closes. */
export async function ask(url: string, target: string, request: RawRequest = {}): Promise<RawReply> {
  const { hostname, port, protocol } = new URL(url)
  const { method = 'GET', body = '' } = request
  const headers = { Host: `${hostname}:${port}`, Connection: 'close', ...request.headers }
  const lines = [`${method} ${target} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  const socket: Socket =
    protocol === 'https:'
      ? connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false })
      : connectTcp(Number(port), hostname)
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'))
  const chunks: Buffer[] = []
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (!request.pause || chunks.length > 1) return
      socket.pause()
      void request.pause.then(() => socket.resume())
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
  return takeApart(Buffer.concat(chunks), method)
}

function takeApart(bytes: Buffer, method: string): RawReply {
  const end = bytes.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const [, status = '0', reason = ''] = /^HTTP\/1\.1 (\d+) (.*)$/.exec(statusLine) ?? []
  const headers = lines.map((line) => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const
  })
  const rest = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4)
  const named = (name: string) => headers.find(([one]) => one === name)?.[1]
  const head = { status: Number(status), reason, headers }
  if (method === 'HEAD') return { ...head, body: Buffer.alloc(0), surplus: rest, complete: end >= 0 }
  if (named('transfer-encoding') === 'chunked') return { ...head, ...unchunked(rest) }
  const length = Number(named('content-length') ?? rest.length)
  return {
    ...head,
    body: rest.subarray(0, length),
    surplus: rest.subarray(length),
    complete: end >= 0 && rest.length >= length,
  }
}

function unchunked(bytes: Buffer): Pick<RawReply, 'body' | 'surplus' | 'complete'> {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) break
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    const start = lineEnd + 2
    if (size === 0) return { body: Buffer.concat(parts), surplus: bytes.subarray(start + 2), complete: true }
    parts.push(bytes.subarray(start, start + size))
    at = start + size + 2
  }
  return { body: Buffer.concat(parts), surplus: Buffer.alloc(0), complete: false }
}

/** The value of a header; undefined when it is missing. */
export function headerOf(reply: RawReply, name: string): string | undefined {
  return reply.headers.find(([one]) => one === name)?.[1]
}

export interface Login {
  readonly user?: string
  readonly password?: string
  /** What the digest covers, when it is not what is asked for. */
  readonly uri?: string
  readonly nc?: string
}

/** An Authorization header for a challenge, written from RFC 7616 alone. */
export function authorize(challenge: string, method: string, target: string, login: Login = {}): string {
  const { user = 'root', password = 'pass', uri = target, nc = '00000001' } = login
  const of = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(challenge)?.[1]
  const sha256 = of('algorithm') === 'SHA-256'
  const hash = (text: string) =>
    createHash(sha256 ? 'sha256' : 'md5')
      .update(Buffer.from(text, 'latin1'))
      .digest('hex')
  const [realm, nonce, opaque] = [of('realm') ?? '', of('nonce') ?? '', of('opaque')]
  const secret = hash(`${user}:${realm}:${password}`)
  const response = hash(`${secret}:${nonce}:${nc}:0123456789abcdef:auth:${hash(`${method}:${uri}`)}`)
  return [
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}"`,
    `algorithm=${sha256 ? 'SHA-256' : 'MD5'}, response="${response}", qop=auth, nc=${nc}, cnonce="0123456789abcdef"`,
    ...(opaque ? [`opaque="${opaque}"`] : []),
  ].join(', ')
}

/** Asks for a challenge and then again with the answer. */
export async function askLoggedIn(
  url: string,
  target: string,
  request: RawRequest & { login?: Login } = {},
): Promise<RawReply> {
  const first = await ask(url, target, { ...request, method: request.method === 'HEAD' ? 'HEAD' : 'GET' })
  if (first.status !== 401) throw new Error(`expected a challenge for ${target}, got ${first.status}`)
  const challenge = headerOf(first, 'www-authenticate') ?? ''
  const authorization = authorize(challenge, request.method ?? 'GET', target, request.login)
  return ask(url, target, { ...request, headers: { ...request.headers, Authorization: authorization } })
}
