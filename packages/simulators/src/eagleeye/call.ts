import type { Exchange, Reply } from '../kit/exchange.ts'
import type { Cloud, HostName } from './cloud.ts'
import type { Query } from './query.ts'

/** A request to one host of the cloud. */
export interface Call {
  readonly exchange: Exchange
  readonly cloud: Cloud
  readonly host: HostName
  readonly query: Query
}

export type Headers = NonNullable<Reply['headers']>

export function sendJson({ exchange }: Call, status: number, value: unknown, headers: Headers = {}): Promise<void> {
  return exchange.reply(status, {
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
  })
}

export function sendText({ exchange }: Call, status: number, body: string, headers: Headers = {}): Promise<void> {
  return exchange.reply(status, { headers: { 'Content-Type': 'text/html', ...headers }, body })
}

/** Fields of a JSON or form body; undefined when it is neither. */
export async function fieldsOf({ exchange }: Call): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body = (await exchange.body()).toString('utf8')
  if (!/json/i.test(exchange.header('content-type') ?? '')) return Object.fromEntries(new URLSearchParams(body))
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** The cookie of that name. */
export function cookieOf({ exchange }: Call, name: string): string | undefined {
  const pairs = (exchange.header('cookie') ?? '').split(/;\s*/)
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** What comes after `Bearer` in the header. */
export function bearerOf({ exchange }: Call): string | undefined {
  return /^Bearer (\S+)$/i.exec(exchange.request.headers.authorization ?? '')?.[1]
}

/** The headers of a 429 or 503. */
export function retryHeaders({ cloud }: Call): Record<string, string> {
  const { retryAfter, retryAfterForm } = cloud.switches
  if (retryAfter === 0) return {}
  const until = new Date(cloud.clock.now() + retryAfter * 1000).toUTCString()
  return { 'Retry-After': retryAfterForm === 'date' ? until : String(retryAfter) }
}
