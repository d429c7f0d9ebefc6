import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { httpDate, mediaType, partial, type Reply, serve } from './reply.ts'
import type { Asked } from './request.ts'
import type { FileServerOptions } from './server.ts'

/** One request, and all a behaviour may look at to answer it. */
export interface Case {
  readonly asked: Asked
  /** 1 for the first request since this behaviour began. */
  readonly nth: number
  /** Requests since the server started. */
  readonly total: number
  readonly options: FileServerOptions
  /** Where cuts and stalls happen. */
  readonly breakAt: number
  /** Connections open now, this one included. */
  readonly connections: number
  readonly now: number
}

type Behave = (current: Case) => Reply

const fixedDate = Date.UTC(2026, 0, 2, 3, 4, 5)

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('sha1').update(bytes).digest('hex').slice(0, 16)}"`
}

function first({ options }: Case) {
  return { bytes: options.content, etag: etagOf(options.content), modifiedAt: fixedDate }
}

function second({ options }: Case) {
  const bytes = options.content2 ?? options.content
  return { bytes, etag: etagOf(bytes), modifiedAt: fixedDate + 3_600_000 }
}

const honest: Behave = (current) => serve(current.asked, first(current), current.now)

/** The second version from the second request on, or from the first where the server is told that it changed already. */
const isChanged = ({ nth, options }: Case) => options.changed === true || nth > 1

/** Faults happen so often and are then over. */
const faulty = ({ nth, options }: Case, times = 1) => nth <= (options.times ?? times)

/** Misbehaves where a range is asked for. */
function onRange(answer: (current: Case, start: number, good: Reply) => Reply): Behave {
  return (current) => {
    const good = honest(current)
    return good.status === 206 ? answer(current, current.asked.range!.start, good) : good
  }
}

const withHead = (reply: Reply, ...headers: (readonly [string, string])[]): Reply => ({
  ...reply,
  headers: [...reply.headers.filter(([name]) => !headers.some(([other]) => other === name)), ...headers],
})
const without = (reply: Reply, name: string): Reply => ({
  ...reply,
  headers: reply.headers.filter(([other]) => other !== name),
})
const text = (status: number, type: string, body: string, ...headers: (readonly [string, string])[]): Reply => ({
  status,
  headers: [['Content-Type', type], ...headers],
  body: Buffer.from(body),
})
const gzipped = (reply: Reply, encoding = 'gzip'): Reply => ({
  ...withHead(reply, ['Content-Encoding', encoding]),
  body: encoding === 'gzip, gzip' ? gzipSync(gzipSync(reply.body)) : gzipSync(reply.body),
})
const redirect = (location: string, status = 302): Reply => ({
  status,
  headers: [['Location', location]],
  body: new Uint8Array(0),
})
const loginPage = '<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Password</form></body></html>'

/** How a server may behave, by name. Those about resuming behave well until a range is asked for. */
const behaviours = {
  honest,
  'last-modified-old': (c) => serve(c.asked, { bytes: c.options.content, modifiedBeforeMs: 61_000 }, fixedDate),
  'last-modified-fresh': (c) => serve(c.asked, { bytes: c.options.content, modifiedBeforeMs: 59_000 }, fixedDate),
  'weak-etag': (c) => serve(c.asked, { bytes: c.options.content, etag: `W/${etagOf(c.options.content)}` }, c.now),
  'no-validators': (c) => serve(c.asked, { bytes: c.options.content }, c.now),
  'ignores-range': (c) => serve(c.asked, first(c), c.now, { ranges: false }),
  'accept-ranges-none': (c) =>
    withHead(serve(c.asked, first(c), c.now, { acceptRanges: false }), ['Accept-Ranges', 'none']),
  changed: (c) => serve(c.asked, isChanged(c) ? second(c) : first(c), c.now),
  'changed-ignores-if-range': (c) => serve(c.asked, isChanged(c) ? second(c) : first(c), c.now, { ifRange: 'ignore' }),
  'changed-same-etag': (c) =>
    serve(c.asked, { ...first(c), bytes: (isChanged(c) ? second(c) : first(c)).bytes }, c.now),
  unstable: (c) => {
    const bytes = Uint8Array.from(c.options.content)
    bytes[0] = c.total % 256
    const reply = serve(c.asked, { bytes, etag: etagOf(bytes) }, c.now)
    return { ...reply, cutAt: Math.min(c.breakAt, reply.body.length - 1), cutBy: 'fin' }
  },
  /** A rendering made anew for each request, of which nobody knows the length. */
  'unstable-chunked': (c) => {
    const bytes = Uint8Array.from(c.options.content)
    bytes[0] = c.total % 256
    return { status: 200, headers: [mediaType], body: bytes, framing: 'chunked' }
  },
  'range-from-zero': onRange((c, _start, good) =>
    partial(without(good, 'Content-Range').headers, c.options.content, 0, c.options.content.length),
  ),
  'range-earlier': onRange((c, start, good) =>
    partial(
      without(good, 'Content-Range').headers,
      c.options.content,
      Math.max(0, start - 1_048_576),
      c.options.content.length,
    ),
  ),
  'range-later': onRange((c, start, good) =>
    partial(without(good, 'Content-Range').headers, c.options.content, start + 1, c.options.content.length),
  ),
  'no-content-range': onRange((_c, _start, good) => without(good, 'Content-Range')),
  'malformed-content-range': onRange((_c, start, good) => withHead(good, ['Content-Range', `bytes ${start}-/`])),
  'content-range-unsatisfied-form': onRange((c, _start, good) =>
    withHead(good, ['Content-Range', `bytes */${c.options.content.length}`]),
  ),
  'content-range-unknown-total': onRange((c, start, good) =>
    withHead(good, ['Content-Range', `bytes ${start}-${c.options.content.length - 1}/*`]),
  ),
  'ok-with-content-range': onRange((_c, _start, good) => ({ ...good, status: 200 })),
  'multipart-ranges': onRange((c, start, good) => {
    const head = `--seam\r\nContent-Type: video/mp4\r\nContent-Range: bytes ${start}-${c.options.content.length - 1}/${c.options.content.length}\r\n\r\n`
    const body = Buffer.concat([Buffer.from(head), good.body, Buffer.from('\r\n--seam--\r\n')])
    return {
      ...withHead(without(good, 'Content-Range'), ['Content-Type', 'multipart/byteranges; boundary=seam']),
      body,
    }
  }),
  'range-short': onRange((c, _start, good) => (faulty(c, 2) ? { ...good, body: good.body.subarray(0, -1000) } : good)),
  'range-long': onRange((_c, _start, good) => ({
    ...good,
    body: Buffer.concat([good.body, Buffer.alloc(1000, 0x55)]),
  })),
  'length-too-large': (c) => {
    const good = honest(c)
    return faulty(c) ? { ...good, statedLength: [String(good.body.length + 1000)], cutAt: good.body.length } : good
  },
  'length-too-small': (c) => {
    const good = honest(c)
    return {
      ...good,
      body: Buffer.concat([good.body, Buffer.alloc(1000, 0x55)]),
      statedLength: [String(good.body.length)],
    }
  },
  'if-range-dates-only': (c) => serve(c.asked, first(c), c.now, { ifRange: 'dates' }),
  'unsatisfied-complete': onRange((c) => unsatisfied(`bytes */${c.options.content.length}`)),
  'unsatisfied-smaller': onRange((c) => unsatisfied(`bytes */${Math.floor(c.options.content.length / 4)}`)),
  'unsatisfied-bare': onRange(() => unsatisfied(undefined)),
  'unsatisfied-html': onRange(() => ({ ...text(416, 'text/html', loginPage) })),
  'precondition-failed': onRange(() => text(412, 'text/plain', 'Precondition failed')),
  'fin-at': (c) => (faulty(c) ? { ...honest(c), cutAt: c.breakAt, cutBy: 'fin' } : honest(c)),
  'rst-at': (c) => (faulty(c) ? { ...honest(c), cutAt: c.breakAt, cutBy: 'rst' } : honest(c)),
  'fin-in-head': (c) => (faulty(c) ? { ...honest(c), cutHeadAt: 40 } : honest(c)),
  chunked: (c) => ({ ...honest(c), framing: 'chunked' }),
  'chunked-unterminated': (c) =>
    faulty(c)
      ? { ...honest(c), framing: 'chunked', cutAt: c.breakAt, chunkFault: 'unterminated' }
      : { ...honest(c), framing: 'chunked' },
  'chunked-bad-size': (c) =>
    faulty(c)
      ? { ...honest(c), framing: 'chunked', cutAt: c.breakAt, chunkFault: 'bad-size' }
      : { ...honest(c), framing: 'chunked' },
  'chunked-trailers': (c) => ({ ...honest(c), framing: 'chunked', chunkFault: 'trailers' }),
  'chunked-short': (c) =>
    faulty(c)
      ? { ...honest(c), framing: 'chunked', cutAt: c.breakAt, cutBy: 'end' }
      : { ...honest(c), framing: 'chunked' },
  'close-delimited': (c) => ({
    ...serve(c.asked, { bytes: c.options.content }, c.now, { ranges: false }),
    framing: 'close',
    http10: true,
  }),
  'close-delimited-cut': (c) => {
    const whole: Reply = {
      ...serve(c.asked, { bytes: c.options.content }, c.now, { ranges: false }),
      framing: 'close',
      http10: true,
    }
    return faulty(c) ? { ...whole, cutAt: c.breakAt, cutBy: 'fin' } : whole
  },
  'stall-at': (c) => (faulty(c) ? { ...honest(c), cutAt: c.breakAt, cutBy: 'stall' } : honest(c)),
  drip: (c) => ({ ...honest(c), pieceBytes: 1, pieceMs: c.options.delayMs ?? 200 }),
  'drip-once': (c) => (faulty(c) ? { ...honest(c), pieceBytes: 1, pieceMs: c.options.delayMs ?? 200 } : honest(c)),
  'slow-first-byte': (c) => (faulty(c) ? { ...honest(c), headMs: c.options.delayMs ?? 90_000 } : honest(c)),
  'stall-on-resume': onRange((c, _start, good) => (faulty(c, 2) ? { ...good, cutAt: 1000, cutBy: 'stall' } : good)),
  'never-answers': (c) => ({ ...honest(c), silent: true }),
  'retry-after': (c) =>
    faulty(c)
      ? text(
          c.options.status ?? 503,
          'text/plain',
          'Busy',
          ['Retry-After', c.options.retryAfter ?? '1'],
          ['Date', httpDate(c.now + (c.options.clockOffMs ?? 0))],
        )
      : honest(c),
  status: (c) =>
    faulty(c)
      ? text(
          c.options.status ?? 500,
          'text/plain',
          'No',
          ...(c.options.status === 401 ? [['WWW-Authenticate', 'Basic realm="files"'] as const] : []),
        )
      : honest(c),
  redirect: (c) =>
    c.asked.target.endsWith('?moved') ? honest(c) : redirect(c.options.location ?? `${c.asked.target}?moved`),
  'redirect-loop': (c) => redirect(c.asked.target),
  'redirect-many': (c) => (c.nth > (c.options.times ?? 11) ? honest(c) : redirect(`/hop${c.nth}`)),
  gzip: (c) => gzipped(serve(c.asked, first(c), c.now, { ranges: false })),
  'gzip-range': onRange((_c, _start, good) => gzipped(good)),
  'gzip-twice': (c) => gzipped(serve(c.asked, first(c), c.now, { ranges: false }), 'gzip, gzip'),
  'identity-stated': (c) => withHead(honest(c), ['Content-Encoding', 'identity']),
  html: (c) => (faulty(c, Number.POSITIVE_INFINITY) ? text(200, 'text/html; charset=utf-8', loginPage) : honest(c)),
  json: (c) =>
    faulty(c, Number.POSITIVE_INFINITY)
      ? text(200, 'application/json', '{"error":{"code":-6,"detail":"please login first"}}')
      : honest(c),
  empty: (c) =>
    faulty(c, Number.POSITIVE_INFINITY) ? { status: 200, headers: [mediaType], body: new Uint8Array(0) } : honest(c),
  'no-content': () => ({ status: 204, headers: [], body: new Uint8Array(0), statedLength: [] }),
  'wrong-type': (c) => withHead(honest(c), ['Content-Type', 'text/html']),
  'junk-after-body': (c) => ({ ...honest(c), junk: Buffer.from('and some more that nobody announced') }),
  'length-zero': (c) => ({ ...honest(c), statedLength: ['0'] }),
  'length-huge': (c) =>
    faulty(c, Number.POSITIVE_INFINITY)
      ? { ...honest(c), statedLength: ['99999999999999999999'], cutAt: c.options.content.length }
      : honest(c),
  'length-duplicate': (c) => ({ ...honest(c), statedLength: [String(c.options.content.length), '1'] }),
  'length-negative': (c) => ({ ...honest(c), statedLength: ['-1'] }),
  disposition: (c) =>
    withHead(honest(c), ['Content-Disposition', c.options.disposition ?? 'attachment; filename="../x.mp4"']),
  'rate-capped': (c) => {
    const pieceBytes = 16_384
    return { ...honest(c), pieceBytes, pieceMs: (pieceBytes / (c.options.bytesPerSecond ?? 1_000_000)) * 1000 }
  },
  'one-connection': (c) => (c.connections > 1 ? text(503, 'text/plain', 'Busy') : honest(c)),
  'new-etags': (c) =>
    serve(c.asked, { bytes: c.options.content, etag: `"${c.total}-${etagOf(c.options.content).slice(1)}` }, c.now),
} satisfies Record<string, Behave>

function unsatisfied(contentRange: string | undefined): Reply {
  return {
    status: 416,
    headers: contentRange === undefined ? [] : [['Content-Range', contentRange]],
    body: new Uint8Array(0),
  }
}

/** The name of a way to behave. */
export type Behaviour = keyof typeof behaviours

/** All of them. */
export const behaviourNames = Object.keys(behaviours) as readonly Behaviour[]

export function behave(name: Behaviour, current: Case): Reply {
  return behaviours[name](current)
}
