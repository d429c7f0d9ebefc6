import type { Exchange } from '../kit/exchange.ts'
import type { Camera } from './camera.ts'

/** A request inside the application. */
export interface Call {
  readonly exchange: Exchange
  readonly camera: Camera
  /** A value of the query, one character per byte; undefined when it is missing. */
  parameter(name: string): string | undefined
}

export function callOf(exchange: Exchange, camera: Camera): Call {
  return { exchange, camera, parameter: (name) => parameter(exchange.query, name, camera.dialect.decodesQueries) }
}

/** The application's own error: its status words never name the error. */
export function sendError({ exchange }: Call, status: number, message: string): Promise<void> {
  const reason = `${status < 500 ? 'Client' : 'Server'} Error`
  return exchange.reply(status, { reason, headers: { 'Content-Type': 'text/plain' }, body: message, chunked: true })
}

export function sendText({ exchange }: Call, message: string): Promise<void> {
  return exchange.reply(200, { headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: message, chunked: true })
}

const longJson = 4096

/** Before 1.1.3 a reply of 4096 bytes or more is lost on the way, and the status is 200 all the same. */
export function sendJson({ exchange, camera }: Call, value: unknown): Promise<void> {
  const written = typeof value === 'string' ? value : JSON.stringify(value)
  const body = camera.dialect.losesLongJson && Buffer.byteLength(written) >= longJson ? '' : written
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-cache' }
  return exchange.reply(200, { headers, body, chunked: true })
}

/** Finds `name=` at the start or after `&`, and takes what stands there up to the next `&`. */
function parameter(query: string, name: string, decodes: boolean): string | undefined {
  for (const part of query.split('&')) {
    if (!part.startsWith(`${name}=`)) continue
    const value = part.slice(name.length + 1)
    if (!decodes) return value
    return value
      .replaceAll('+', ' ')
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
  return undefined
}
