import { maxHeaderSize } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Takes the bytes of one connection as they arrive and gives them back with every reply's head in order. */
export interface HeadMender {
  push(bytes: Uint8Array): Uint8Array
  /** What was held back when the connection ended in the middle of a head. */
  rest(): Uint8Array
}

/**
 * Drops header lines without a usable name, ends lines with CR LF, unfolds, and lets a length stated twice in the same words
 * stand once. Anything else that is wrong stays as it is, for the parser to refuse. A body is never touched, nor is what does
 * not begin like HTTP or has a head longer than Node reads.
 */
export function createHeadMender(): HeadMender {
  let held: Buffer = Buffer.alloc(0)
  let inBody = false
  const letGo = (): Uint8Array => {
    const all = held
    held = Buffer.alloc(0)
    inBody = true
    return all
  }
  const push = (bytes: Uint8Array): Uint8Array => {
    if (inBody) return bytes
    held = Buffer.concat([held, bytes])
    const out: Uint8Array[] = []
    while (!inBody) {
      const end = looksLikeHttp(held) ? endOfHead(held) : 0
      if (end === undefined && held.byteLength <= maxHeaderSize) break
      if (!end) out.push(letGo())
      else {
        const head = mended(held.toString('latin1', 0, end))
        out.push(Buffer.from(head, 'latin1'))
        held = held.subarray(end)
        // A provisional reply is followed by another head.
        if (!/^HTTP\/\d\.\d 1(?!01)\d\d/.test(head)) out.push(letGo())
      }
    }
    return Buffer.concat(out)
  }
  return { push, rest: letGo }
}

function looksLikeHttp(bytes: Buffer): boolean {
  const begin = bytes.toString('latin1', 0, 5)
  return 'HTTP/'.startsWith(begin)
}

/** Where the body begins: behind the first empty line, however its end is written. */
function endOfHead(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1] === 13 ? at + 2 : at + 1
    if (bytes[next] === 10) return next + 1
  }
  return undefined
}

function mended(head: string): string {
  const [status = '', ...lines] = head.split('\n').map((line) => line.replace(/\r$/, ''))
  const fields: { readonly name: string; value: string }[] = []
  let last: { value: string } | undefined
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      if (last) last.value += ` ${plain(line)}`
      continue
    }
    const [, name = '', value = ''] = /^([^:]*):(.*)$/.exec(line) ?? []
    const field = { name: name.trimEnd(), value: plain(value) }
    // What follows a dropped line in folded form goes with it.
    last = field
    if (/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(field.name)) fields.push(field)
  }
  const lengths = fields.filter(isLength).map((field) => field.value)
  const kept =
    new Set(lengths).size === 1 ? fields.filter((field, i) => !isLength(field) || isFirst(fields, i)) : fields
  return `${[status, ...kept.map(({ name, value }) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`
}

const isLength = ({ name }: { readonly name: string }) => name.toLowerCase() === 'content-length'
const isFirst = (fields: readonly { readonly name: string }[], i: number) => fields.findIndex(isLength) === i

/** Control characters would end the parser's patience. */
function plain(value: string): string {
  return [...value]
    .map((c) => ((c < ' ' && c !== '\t') || c === '\x7f' ? ' ' : c))
    .join('')
    .trim()
}

/** The same connection, its replies' heads mended. For one exchange only: what comes behind a body is not looked at. */
export function mendConnection(socket: Socket): Duplex {
  const mender = createHeadMender()
  const connection = new Duplex({
    allowHalfOpen: true,
    read: () => void socket.resume(),
    write: (chunk: Uint8Array, _, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(() => done()),
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  const give = (bytes: Uint8Array) => bytes.byteLength === 0 || connection.push(bytes)
  socket.on('data', (bytes: Uint8Array) => {
    if (!give(mender.push(bytes))) socket.pause()
  })
  socket.once('end', () => {
    give(mender.rest())
    connection.push(null)
  })
  socket.on('error', (error) => connection.destroy(error))
  socket.once('close', () => {
    // Whoever reads has the rest and its end before the connection is gone.
    if (connection.readableEnded || !socket.readableEnded) connection.destroy()
    else connection.once('end', () => connection.destroy())
  })
  return connection
}
