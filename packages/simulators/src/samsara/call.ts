import type { Exchange, Reply } from '../kit/exchange.ts'
import type { Cloud, HostName } from './cloud.ts'

/** A request to one host of the cloud. */
export interface Call {
  readonly exchange: Exchange
  readonly cloud: Cloud
  readonly host: HostName
  readonly query: URLSearchParams
}

export type Headers = NonNullable<Reply['headers']>

export function sendJson(
  { exchange, cloud }: Call,
  status: number,
  value: object,
  headers: Headers = {},
): Promise<void> {
  const extra = cloud.switches.extraFields && status === 200 ? { experimental: { traceLevel: 0 } } : {}
  return exchange.reply(status, {
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ ...value, ...extra }),
  })
}

/** An error as every endpoint has it. */
export function apiError(call: Call, status: number, message: string, headers: Headers = {}): Promise<void> {
  const { cloud, exchange } = call
  if (status >= 500 && cloud.switches.failBody === 'html') return sendHtml(call, status, message, headers)
  const requestId = ((exchange.entry.number * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')
  return exchange.reply(status, {
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ message, requestId }),
  })
}

export function sendHtml({ exchange }: Call, status: number, title: string, headers: Headers = {}): Promise<void> {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
  return exchange.reply(status, { headers: { 'Content-Type': 'text/html', ...headers }, body })
}

/** What comes after `Bearer` in the header. */
export function bearerOf({ exchange }: Call): string | undefined {
  return /^Bearer (\S+)$/i.exec(exchange.request.headers.authorization ?? '')?.[1]
}

/** The Retry-After of a 429 or 503. */
export function retryAfter({ cloud }: Call, waitMs: number): Record<string, string> {
  const form = cloud.switches.retryAfter
  if (form === 'none') return {}
  if (form === 'date')
    return { 'Retry-After': new Date(cloud.clock.now() + Math.ceil(waitMs / 1000) * 1000).toUTCString() }
  return { 'Retry-After': form === 'seconds' ? String(Math.ceil(waitMs / 1000)) : (waitMs / 1000 + 0.00035).toFixed(5) }
}

/** A moment as the API takes it: RFC 3339, with a zone; NaN for anything else. */
export function readMoment(written: unknown): number {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
  return typeof written === 'string' && form.test(written) ? Date.parse(written) : Number.NaN
}
