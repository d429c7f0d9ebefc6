import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/*
 * node:http answers 400 to a request target with a byte above 0x7f, whatever its options, while the Apache in front of
 * a real camera hands such bytes on untouched. So the connection is read here first: in a request line, each such byte
 * becomes `%~` and two hex digits, which no client writes, and `targetAsSent` turns it back after the parser.
 */

/** The target as it was on the wire, one character per byte. */
export function targetAsSent(target: string): string {
  return target.replace(/%~([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** A connection for node:http whose request targets may hold any byte. A request line must come in one packet. */
export function withRawTargets(socket: Socket): Duplex {
  return new TolerantConnection(socket)
}

class TolerantConnection extends Duplex {
  readonly #socket: Socket

  constructor(socket: Socket) {
    super({ allowHalfOpen: true, readableHighWaterMark: 65536, writableHighWaterMark: 65536 })
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      if (!this.push(escaped(chunk))) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  get remoteAddress() {
    return this.#socket.remoteAddress
  }

  get encrypted() {
    return (this.#socket as Socket & { encrypted?: boolean }).encrypted
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    this.#socket.setTimeout(ms, onTimeout)
    return this
  }

  setNoDelay(noDelay?: boolean): this {
    this.#socket.setNoDelay(noDelay)
    return this
  }

  setKeepAlive(enable?: boolean, delay?: number): this {
    this.#socket.setKeepAlive(enable, delay)
    return this
  }

  /** What node:http calls after its last reply on a connection; a net.Socket has it too. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy()).end()
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

const requestLine = /(^|\r\n)([A-Z]+ )([^\r\n]*)( HTTP\/1\.[01]\r\n)/g

function escaped(chunk: Buffer): Buffer {
  if (!chunk.some((byte) => byte > 0x7f)) return chunk
  const text = chunk
    .toString('latin1')
    .replace(requestLine, (_, before: string, method: string, target: string, after: string) => {
      const safe = target.replace(/[\x80-\xff]/g, (byte) => `%~${byte.charCodeAt(0).toString(16).toUpperCase()}`)
      return before + method + safe + after
    })
  return Buffer.from(text, 'latin1')
}
