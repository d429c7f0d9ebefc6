import type { Socket } from 'node:net'
import type { Reply } from './reply.ts'
import type { FileServerRequest } from './server.ts'

type Sleep = (ms: number, value: undefined, options: { readonly signal: AbortSignal }) => Promise<void>

/** Writes a reply as it says. True where the connection may serve another request. */
export async function send(socket: Socket, reply: Reply, entry: FileServerRequest, sleep: Sleep): Promise<boolean> {
  const gone = new AbortController()
  const onClose = () => gone.abort()
  socket.once('close', onClose)
  const wait = (ms: number) => sleep(ms, undefined, { signal: gone.signal }).catch(() => {})
  const forever = () =>
    new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())))
  const write = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve) => {
      if (socket.destroyed) return resolve()
      // Resolves when the system has taken it: that is what a server that counts bytes sees.
      socket.write(bytes, () => resolve())
    })
  try {
    if (reply.silent) {
      await forever()
      return false
    }
    if (reply.headMs) await wait(reply.headMs)
    const head = Buffer.from(headOf(reply), 'latin1')
    entry.status = reply.status
    if (reply.cutHeadAt !== undefined) {
      await write(head.subarray(0, reply.cutHeadAt))
      return false
    }
    await write(head)
    await sendBody()
    return await ending()
  } finally {
    socket.removeListener('close', onClose)
  }

  async function sendBody(): Promise<void> {
    const { pieceBytes = 65_536, pieceMs, framing = 'length' } = reply
    const end = Math.min(reply.cutAt ?? reply.body.length, reply.body.length)
    for (let at = 0; at < end && !socket.destroyed; at += pieceBytes) {
      const piece = reply.body.subarray(at, Math.min(at + pieceBytes, end))
      if (framing === 'chunked') {
        await write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
      } else {
        await write(piece)
      }
      entry.bodyBytes += piece.length
      if (pieceMs) await wait(pieceMs)
    }
  }

  async function ending(): Promise<boolean> {
    const { framing = 'length', chunkFault, cutAt, cutBy = 'fin' } = reply
    const cut = cutAt !== undefined && (cutAt < reply.body.length || reply.statedLength !== undefined)
    if (chunkFault === 'bad-size') await write('zz\r\n')
    if (chunkFault === 'unterminated' || chunkFault === 'bad-size') return false
    if (cut && cutBy === 'stall') await forever()
    if (cut && cutBy === 'rst') socket.resetAndDestroy()
    if (cut && cutBy !== 'end') return false
    if (framing === 'chunked') await write(chunkFault === 'trailers' ? '0\r\nX-Checked: yes\r\n\r\n' : '0\r\n\r\n')
    if (reply.junk) await write(reply.junk)
    return framing !== 'close'
  }
}

function headOf(reply: Reply): string {
  const { framing = 'length', statedLength = [String(reply.body.length)] } = reply
  const lines = [`HTTP/1.${reply.http10 ? 0 : 1} ${reply.status} ${reasons[reply.status] ?? 'Status'}`]
  for (const [name, value] of reply.headers) lines.push(`${name}: ${value}`)
  if (framing === 'length') for (const length of statedLength) lines.push(`Content-Length: ${length}`)
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked')
  if (framing === 'close') lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n`
}

const reasons: Record<number, string> = {
  200: 'OK',
  206: 'Partial Content',
  302: 'Found',
  416: 'Range Not Satisfiable',
}
