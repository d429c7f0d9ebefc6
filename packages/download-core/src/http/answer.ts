import { type Clock, systemClock } from '../clock.ts'
import { ProtocolError, TimeoutError } from '../footage/errors.ts'
import { decode, encodingsOf } from './decode.ts'
import type { HttpAnswer, HttpReply } from './exchange.ts'
import { excerpt } from './status.ts'

/** 16 MiB: far above any reply that is not media. */
const defaultLimitBytes = 16 * 1024 * 1024

/** How a reply is read whole. */
interface AnswerOptions {
  readonly limitBytes?: number
  /** For the whole body: one that drips is never idle. Default: none. */
  readonly limitMs?: number
  readonly clock?: Clock
  readonly what?: string
  readonly secrets?: Iterable<string>
}

/** Reads a reply whole, decoded. Throws ProtocolError beyond `limitBytes`, TimeoutError beyond `limitMs`, and what `body` throws. */
export async function readAnswer(reply: HttpReply, options: AnswerOptions = {}): Promise<HttpAnswer> {
  const { limitBytes = defaultLimitBytes, limitMs, clock = systemClock, what = reply.url, secrets } = options
  const encodings = encodingsOf(reply.headers)
  const body = encodings.length === 0 ? reply.body : decode(reply.body, encodings, what)
  const chunks: Uint8Array[] = []
  let total = 0
  const began = clock.monotonic()
  for await (const chunk of body) {
    total += chunk.byteLength
    if (total > limitBytes) throw new ProtocolError(`${what}: the reply is longer than ${limitBytes} bytes.`)
    if (limitMs !== undefined && clock.monotonic() - began > limitMs) {
      throw new TimeoutError(`${what}: not read to its end within ${limitMs} ms.`, { phase: 'idle', limitMs })
    }
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  const text = () => new TextDecoder().decode(bytes)
  return {
    status: reply.status,
    headers: reply.headers,
    url: reply.url,
    bytes,
    text,
    json() {
      try {
        return JSON.parse(text()) as unknown
      } catch (cause) {
        const said = excerpt(text(), secrets)
        throw new ProtocolError(`${what}: expected JSON, received ${said ? `"${said}"` : 'nothing'}.`, {
          // Not the cause itself: a parse error quotes the text, secrets included.
          vendorCode: cause instanceof Error ? cause.name : 'SyntaxError',
          ...(secrets ? { secrets } : {}),
        })
      }
    },
  }
}
