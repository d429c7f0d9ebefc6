import { STATUS_CODES } from 'node:http'
import type { Exchange } from '../kit/exchange.ts'
import { type Call, commonHeaders } from './call.ts'

interface FileFacts {
  readonly bytes: number
  /** Epoch milliseconds. */
  readonly modifiedAt: number
  readonly mediaType: string
  readonly output: string
  readonly ranges: '206' | 'ignore' | '416'
}

export interface FileHead {
  readonly status: 200 | 206 | 416
  readonly headers: Readonly<Record<string, string>>
  readonly from: number
  readonly to: number
}

/** Status and headers as a web server gives them for a file, without Content-Length. */
export function fileHead({ exchange, device }: Call, facts: FileFacts): FileHead {
  const { bytes, modifiedAt, mediaType, output, ranges } = facts
  const etag = `"${Math.floor(modifiedAt / 1000).toString(16)}-${bytes.toString(16)}"`
  const modified = new Date(modifiedAt).toUTCString()
  const headers = {
    'Content-Type': mediaType,
    'Content-Disposition': `attachment;filename=${output.replace(/[^\x20-\x7e]/g, '_')}`,
    'Last-Modified': modified,
    ...(device.switches.etag ? { ETag: etag } : {}),
    ...(ranges === 'ignore' ? {} : { 'Accept-Ranges': 'bytes' }),
  }
  const whole = { status: 200, headers, from: 0, to: bytes } as const
  const condition = exchange.header('if-range')
  const range = exchange.header('range')
  if (range === undefined || ranges === 'ignore') return whole
  if (condition !== undefined && condition !== (device.switches.etag ? etag : modified) && condition !== modified)
    return whole
  const asked = rangeOf(range, bytes)
  if (asked === undefined) return whole
  if (asked === 'outside' || ranges === '416')
    return { status: 416, headers: { 'Content-Range': `bytes */${bytes}` }, from: 0, to: 0 }
  const [from, to] = asked
  return { status: 206, headers: { ...headers, 'Content-Range': `bytes ${from}-${to - 1}/${bytes}` }, from, to }
}

/** The first byte and the one after the last; undefined for what a server may ignore. */
function rangeOf(range: string, bytes: number): [from: number, to: number] | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  if (first === '' && last === '') return undefined
  if (first === '') return last === '0' ? 'outside' : [Math.max(0, bytes - Number(last)), bytes]
  const from = Number(first)
  if (from >= bytes) return 'outside'
  if (last === '') return [from, bytes]
  return Number(last) < from ? undefined : [from, Math.min(bytes, Number(last) + 1)]
}

/**
 * Writes the head by hand, with a line that has no name after Content-Disposition; node:http refuses to write one. The
 * body follows as usual, and the connection ends with it.
 */
export function sendRawHead(exchange: Exchange, status: number, headers: Readonly<Record<string, string>>): void {
  const { response, entry } = exchange
  const chunked = !('Content-Length' in headers)
  const all = { Date: new Date(exchange.clock.now()).toUTCString(), ...commonHeaders, ...headers, Connection: 'close' }
  const lines = Object.entries(all).flatMap(([name, value]) => [
    `${name}: ${value}`,
    ...(name === 'Content-Disposition' ? [': '] : []),
  ])
  entry.status = status
  response.sendDate = false
  // node:http believes it has sent a head, and goes on with the body in the framing that this one states.
  const raw = response as unknown as { _header: string; _hasBody: boolean; _last: boolean; shouldKeepAlive: boolean }
  response.useChunkedEncodingByDefault = chunked
  response.shouldKeepAlive = false
  response.writeHead(status, { ...headers, Connection: 'close' })
  raw._header = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}${chunked ? '\r\nTransfer-Encoding: chunked' : ''}\r\n\r\n`
}
