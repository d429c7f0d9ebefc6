import type { Exchange } from '../kit/exchange.ts'
import type { Device } from './device.ts'
import type { Session } from './sessions.ts'
import { type CommandReply, wireJson } from './wire.ts'

/** One request to the device. */
export interface Call {
  readonly exchange: Exchange
  readonly device: Device
  /** The query, decoded; of a name that stands twice the last. */
  readonly query: ReadonlyMap<string, string>
  /** The query as written. */
  readonly raw: ReadonlyMap<string, string>
}

/** Whoever may ask. */
export interface Caller {
  readonly session?: Session
}

/** Reads a query without deciding what `+` means: `query` takes it for a space, `raw` leaves everything. */
export function readQuery(text: string): Pick<Call, 'query' | 'raw'> {
  const [query, raw] = [new Map<string, string>(), new Map<string, string>()]
  for (const pair of text.split('&').slice(0, 100)) {
    const at = pair.indexOf('=')
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    raw.set(name, value)
    query.set(name, decoded(value))
  }
  return { query, raw }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

export const commonHeaders = {
  'X-Frame-Options': 'SAMEORIGIN',
  'X-XSS-Protection': '1; mode=block',
  'X-Content-Type-Options': 'nosniff',
}

/** JSON under the type of a page, as it is served. */
export function sendReplies({ exchange }: Call, replies: readonly CommandReply[], headers = {}): Promise<void> {
  const body = wireJson(replies)
  return exchange.reply(200, { headers: { 'Content-Type': 'text/html', ...headers }, body, chunked: true })
}

export function sendText({ exchange }: Call, status: number, body: string): Promise<void> {
  return exchange.reply(status, { headers: { 'Content-Type': 'text/html' }, body })
}

/** A page of the web server in front. */
export function sendPage(call: Call, status: number, title: string): Promise<void> {
  return sendText(
    call,
    status,
    `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  )
}

/** Breaks the connection with a reset instead of an end. */
export function reset({ exchange }: Call): void {
  const socket = exchange.request.socket as { resetAndDestroy?: () => void }
  exchange.entry.ended = 'cut'
  if (socket.resetAndDestroy) socket.resetAndDestroy()
  else exchange.drop()
}
