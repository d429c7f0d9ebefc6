import type { Asked } from './request.ts'

/** One reply, down to how it lies. */
export interface Reply {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  /** `length`: Content-Length tells the end; `chunked`; `close`: the end of the connection does. Default `length`. */
  readonly framing?: 'length' | 'chunked' | 'close'
  /** Sent in place of the true Content-Length; several are sent as several headers. */
  readonly statedLength?: readonly string[]
  readonly http10?: boolean
  /** Only so many bytes of the body are sent … */
  readonly cutAt?: number
  /** … and then this happens. `end`: what a good server does. Default `fin`. */
  readonly cutBy?: 'fin' | 'rst' | 'stall' | 'end'
  /** Only so many bytes of the head are sent, then FIN. */
  readonly cutHeadAt?: number
  /** A wait between two pieces of the body. */
  readonly pieceMs?: number
  /** Default 65,536. */
  readonly pieceBytes?: number
  /** A wait before the head. */
  readonly headMs?: number
  /** Sent behind the end of the body. */
  readonly junk?: Uint8Array
  readonly chunkFault?: 'unterminated' | 'bad-size' | 'trailers'
  /** Never answer. */
  readonly silent?: boolean
}

/** A version of the file. */
export interface FileVersion {
  readonly bytes: Uint8Array
  readonly etag?: string
  /** How much older than the reply its Last-Modified is. */
  readonly modifiedBeforeMs?: number
  /** A fixed moment instead. */
  readonly modifiedAt?: number
}

export interface Serving {
  readonly ranges?: boolean
  readonly acceptRanges?: boolean
  /** `ignore`: partial whatever was asked. `dates`: only a date is understood. */
  readonly ifRange?: 'honour' | 'ignore' | 'dates'
}

export const mediaType: readonly [string, string] = ['Content-Type', 'video/mp4']

export function httpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString()
}

/** What a conforming server answers for this version. */
export function serve(asked: Asked, version: FileVersion, now: number, serving: Serving = {}): Reply {
  const { ranges = true, acceptRanges = ranges, ifRange = 'honour' } = serving
  const { bytes, etag } = version
  const modified =
    version.modifiedAt ?? (version.modifiedBeforeMs === undefined ? undefined : now - version.modifiedBeforeMs)
  const headers: [string, string][] = [
    [...mediaType],
    ['Date', httpDate(now)],
    ...(etag === undefined ? [] : ([['ETag', etag]] as [string, string][])),
    ...(modified === undefined ? [] : ([['Last-Modified', httpDate(modified)]] as [string, string][])),
    ...(acceptRanges ? ([['Accept-Ranges', 'bytes']] as [string, string][]) : []),
  ]
  const condition = asked.headers['if-range']
  const holds =
    condition === undefined ||
    ifRange === 'ignore' ||
    (ifRange === 'honour' && condition === etag && !condition.startsWith('W/')) ||
    (modified !== undefined && condition === httpDate(modified))
  if (!ranges || !asked.range || !holds) return { status: 200, headers, body: bytes }
  const { start } = asked.range
  const end = Math.min(asked.range.end ?? bytes.length - 1, bytes.length - 1)
  if (start > end)
    return { status: 416, headers: [['Content-Range', `bytes */${bytes.length}`]], body: new Uint8Array(0) }
  return partial(headers, bytes, start, end + 1)
}

/** A 206 with bytes `start` … `end` (exclusive). */
export function partial(
  headers: readonly (readonly [string, string])[],
  bytes: Uint8Array,
  start: number,
  end: number,
  contentRange: string | undefined = `bytes ${start}-${end - 1}/${bytes.length}`,
): Reply {
  return {
    status: 206,
    headers: [...headers, ...(contentRange === undefined ? [] : [['Content-Range', contentRange] as const])],
    body: bytes.subarray(start, end),
  }
}
