import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BusyError } from '../../src/footage/errors.ts'
import type { OpenFrom } from '../../src/footage/source.ts'
import { createHttp } from '../../src/http/http.ts'
import { type OpenBodyOptions, openBody } from '../../src/http/open-body.ts'
import { bytesOf, never, rejection, serve, serveRaw, type TestServer } from './servers.ts'

/** Looks like media: begins with bytes no text has. */
const file = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  ...Array.from({ length: 4000 }, (_, i) => createHash('sha256').update(`${i}`).digest()),
])
const total = file.length
const etag = '"v1"'
const modified = 'Thu, 01 Jan 2026 00:00:00 GMT'
const byte = 50_000

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A range server that does everything right, unless `odd` answers first. */
function media(odd: (request: IncomingMessage, response: ServerResponse) => boolean = () => false) {
  const right: Handler = (request, response) => {
    const { range, 'if-range': condition } = request.headers
    response.setHeader('etag', etag)
    response.setHeader('content-type', 'video/mp4')
    if (range === undefined || (condition !== undefined && condition !== etag)) {
      response.setHeader('content-length', total)
      return void response.end(file)
    }
    part(response, Number(/bytes=(\d+)-/.exec(range)?.[1]))
  }
  return serve((request, response) => {
    if (!odd(request, response)) right(request, response)
  })
}

function part(response: ServerResponse, start: number, headers: Record<string, string | number> = {}) {
  response.writeHead(206, {
    'content-range': `bytes ${start}-${total - 1}/${total}`,
    'content-length': total - start,
    etag,
    ...headers,
  })
  response.end(file.subarray(start))
}

const held: OpenFrom = { byte, validator: { etag }, totalBytes: total, representation: 'file' }

async function open(server: TestServer, from: OpenFrom = held, more: Partial<OpenBodyOptions> = {}) {
  await using http = createHttp({ origins: [server.origin], env: {} })
  const opened = await openBody(http, { url: '/clip.mp4', headers: { 'x-mine': 'yes' }, signal: never }, from, {
    representation: 'file',
    resume: 'validated',
    ...more,
  })
  const bytes = await bytesOf(opened.body)
  const asked = server.requests.map(({ headers }) => [headers.range, headers['if-range']])
  expect(server.requests.every(({ headers }) => headers['x-mine'] === 'yes')).toBe(true)
  return { ...opened, bytes, asked }
}

const conditional = [`bytes=${byte}-`, etag]
const bare = [`bytes=${byte}-`, undefined]
const whole = [undefined, undefined]

async function expectRest(answer: Awaited<ReturnType<typeof open>>, start: number) {
  expect(answer.startsAtByte).toBe(start)
  expect(answer.bytes.equals(file.subarray(start))).toBe(true)
}

describe('asking', () => {
  it('for the rest names the strong ETag, and gets the rest', async () => {
    await using server = await media()
    const answer = await open(server)
    await expectRest(answer, byte)
    expect(answer).toMatchObject({ totalBytes: total, validator: { etag }, representation: 'file' })
    expect(answer.asked).toEqual([conditional])
  })

  it('names a Last-Modified only where it is a minute older than the reply it came with', async () => {
    const from = (date: string) => ({ ...held, validator: { lastModified: modified, date } })
    await using server = await serve((request, response) => {
      if (request.headers['if-range'] === modified) return part(response, byte, { 'last-modified': modified })
      response.end(file)
    })
    const strong = await open(server, from('Thu, 01 Jan 2026 00:01:00 GMT'))
    expect([strong.startsAtByte, strong.asked.at(-1)]).toEqual([byte, [`bytes=${byte}-`, modified]])
    const weak = await open(server, from('Thu, 01 Jan 2026 00:00:59 GMT'))
    expect([weak.startsAtByte, weak.asked.at(-1)]).toEqual([0, whole])
  })

  it.each([
    [
      'a weak ETag',
      { ...held, validator: { etag: 'W/"v1"', lastModified: modified, date: 'Fri, 02 Jan 2026 00:00:00 GMT' } },
      {},
    ],
    ['no validator', { byte, totalBytes: total }, {}],
    ['another representation', { ...held, representation: 'proxy' }, {}],
    ['a rendering made per request', held, { resume: 'never' as const }],
    ['nothing held', { ...held, byte: 0 }, {}],
  ])('with %s asks for the whole', async (_, from, more) => {
    await using server = await media()
    const answer = await open(server, from as OpenFrom, more)
    await expectRest(answer, 0)
    expect(answer.asked).toEqual([whole])
  })

  it('with policy overlap asks without a condition, and goes on unless the ETag speaks against it', async () => {
    await using server = await media()
    const answer = await open(server, { byte, totalBytes: total }, { resume: 'overlap' })
    await expectRest(answer, byte)
    expect(answer.asked).toEqual([bare])
    const changed = await open(server, { ...held, validator: { etag: '"v0"' } }, { resume: 'overlap' })
    await expectRest(changed, 0)
    expect(changed.asked.slice(1)).toEqual([bare, whole])
  })
})

it('believes no validator of an HTTP/1.0 server', async () => {
  await using server = await serveRaw((socket) => {
    socket.write(`HTTP/1.0 200 OK\r\nETag: "v1"\r\nContent-Length: ${total}\r\n\r\n`)
    socket.end(file)
  })
  await using http = createHttp({ origins: [server.origin], env: {} })
  const opened = await openBody(
    http,
    { url: '/', signal: never },
    { byte: 0 },
    { representation: 'f', resume: 'validated' },
  )
  expect((await bytesOf(opened.body)).equals(file)).toBe(true)
  expect(opened).not.toHaveProperty('validator')
})

describe('a partial reply', () => {
  const answering = (odd: (response: ServerResponse) => void) =>
    media((request, response) => {
      if (request.headers.range === undefined) return false
      odd(response)
      return true
    })

  it.each([0, byte - 1000])('from byte %s is handed on with its true beginning', async (start) => {
    await using server = await answering((response) => part(response, start))
    const answer = await open(server)
    await expectRest(answer, start)
    expect(answer.asked).toEqual([conditional])
  })

  it('is recognised under status 200', async () => {
    await using server = await answering((response) => {
      response.setHeader('content-range', `bytes ${byte}-${total - 1}/${total}`)
      response.setHeader('etag', etag)
      response.end(file.subarray(byte))
    })
    const answer = await open(server)
    await expectRest(answer, byte)
    expect(answer.totalBytes).toBe(total)
  })

  it('may leave the total open', async () => {
    await using server = await answering((response) =>
      part(response, byte, { 'content-range': `bytes ${byte}-${total - 1}/*` }),
    )
    const answer = await open(server)
    await expectRest(answer, byte)
    expect(answer.totalBytes).toBeUndefined()
  })

  it('may be shorter than asked for; then only its own bytes come', async () => {
    await using server = await answering((response) => {
      response.writeHead(206, { 'content-range': `bytes ${byte}-${byte + 9}/${total}`, etag })
      response.end(file.subarray(byte, byte + 500))
    })
    const answer = await open(server)
    expect(answer.bytes.equals(file.subarray(byte, byte + 10))).toBe(true)
    expect(answer.totalBytes).toBe(total)
  })

  it('shorter than it says is incomplete', async () => {
    await using server = await answering((response) => {
      response.writeHead(206, { 'content-range': `bytes ${byte}-${total - 1}/${total}`, etag })
      response.end(file.subarray(byte, byte + 500))
    })
    expect(await rejection(open(server))).toMatchObject({
      code: 'INCOMPLETE',
      receivedBytes: 500,
      expectedBytes: total - byte,
    })
  })

  const past = total - byte - 1
  it.each<[string, Record<string, string | number>]>([
    ['begins after it', { 'content-range': `bytes ${byte + 1}-${total - 1}/${total}`, 'content-length': past }],
    ['states no range', { 'content-range': '' }],
    ['states nonsense', { 'content-range': `bytes ${total}-${byte}/${total}` }],
    ['states a range in other units', { 'content-range': `blocks ${byte}-${total - 1}/${total}` }],
    ['comes in several parts', { 'content-type': 'multipart/byteranges; boundary=x' }],
    ['is encoded', { 'content-encoding': 'gzip' }],
    [
      'has another total',
      { 'content-range': `bytes ${byte}-${total}/${total + 1}`, 'content-length': total - byte + 1 },
    ],
    ['has another length than its range', { 'content-length': past }],
    ['is of another version', { etag: '"v2"' }],
    ['has a weak validator now', { etag: 'W/"v1"' }],
  ])('that %s is dropped, and the whole asked for once', async (_, headers) => {
    await using server = await answering((response) => part(response, byte, headers))
    const answer = await open(server)
    await expectRest(answer, 0)
    expect(answer.asked).toEqual([conditional, whole])
  })

  it('that does not name its version is dropped', async () => {
    await using server = await answering((response) => {
      response.writeHead(206, { 'content-range': `bytes ${byte}-${total - 1}/${total}` }).end(file.subarray(byte))
    })
    expect((await open(server)).startsAtByte).toBe(0)
  })
})

describe('a whole reply to a question for the rest', () => {
  it('is used where the file changed', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { etag: '"v2"', 'content-length': total }).end(file)
    })
    const answer = await open(server)
    await expectRest(answer, 0)
    expect(answer).toMatchObject({ validator: { etag: '"v2"' }, asked: [conditional] })
  })

  it('is asked for once more without a condition where the server calls the same version changed', async () => {
    await using server = await media((request, response) => {
      if (request.headers['if-range'] === undefined) return false
      response.writeHead(200, { etag, 'content-length': total }).end(file)
      return true
    })
    const answer = await open(server)
    await expectRest(answer, byte)
    expect(answer.asked).toEqual([conditional, bare])
  })

  it('is used in the end where the server knows no ranges at all', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { etag, 'content-length': total }).end(file)
    })
    const answer = await open(server)
    await expectRest(answer, 0)
    expect(answer.asked).toEqual([conditional, bare])
  })
})

describe('a refusal of the range', () => {
  const refusing = (status: number, headers: Record<string, string>) =>
    media((request, response) => {
      if (request.headers.range === undefined) return false
      response.writeHead(status, headers).end('<html>no such range</html>')
      return true
    })

  it('at the very end of the file means that it is complete', async () => {
    await using server = await refusing(416, { 'content-range': `bytes */${total}`, etag })
    const answer = await open(server, { ...held, byte: total })
    expect(answer).toMatchObject({ startsAtByte: total, totalBytes: total, bytes: Buffer.alloc(0) })
    expect(server.requests).toHaveLength(1)
  })

  it.each<[string, number, Record<string, string>, number]>([
    ['of a file that shrank', 416, { 'content-range': 'bytes */1000' }, byte],
    ['of another version', 416, { 'content-range': `bytes */${total}`, etag: '"v2"' }, total],
    ['without a total', 416, {}, total],
    ['by a precondition', 412, {}, byte],
  ])('%s leads to the whole', async (_, status, headers, from) => {
    await using server = await refusing(status, headers)
    const answer = await open(server, { ...held, byte: from })
    await expectRest(answer, 0)
    expect(answer.asked).toEqual([[`bytes=${from}-`, etag], whole])
  })

  it('never leads in circles', async () => {
    await using server = await serve((_, response) => response.writeHead(416).end())
    expect(await rejection(open(server))).toMatchObject({ code: 'REQUEST', httpStatus: 416 })
    expect(server.requests).toHaveLength(2)
  })
})

describe('an encoding nobody asked for', () => {
  it.each([
    ['gzip', gzipSync(file)],
    ['x-gzip', gzipSync(file)],
    ['deflate', deflateSync(file)],
    ['deflate', deflateRawSync(file)],
    ['br', brotliCompressSync(file)],
    ['gzip, gzip', gzipSync(gzipSync(file))],
  ])('(%s) is undone, and the file cannot be continued', async (encoding, bytes) => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': bytes.length, etag }).end(bytes)
    })
    const answer = await open(server)
    await expectRest(answer, 0)
    expect(answer).not.toHaveProperty('totalBytes')
    expect(answer).not.toHaveProperty('validator')
  })

  it('cut short is incomplete, and broken is refused', async () => {
    const bytes = gzipSync(file)
    await using cut = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`)
      socket.end(bytes.subarray(0, 60_000))
    })
    const http = createHttp({ origins: [cut.origin], env: {} })
    const opened = await openBody(
      http,
      { url: '/', signal: never },
      { byte: 0 },
      { representation: 'f', resume: 'never' },
    )
    expect(await rejection(bytesOf(opened.body))).toMatchObject({ code: 'INCOMPLETE', receivedBytes: 60_000 })
    await using broken = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(file))
    expect(await rejection(open(broken))).toMatchObject({ code: 'PROTOCOL', retryable: false })
    await using unknown = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(file),
    )
    expect(await rejection(open(unknown))).toMatchObject({ code: 'PROTOCOL', retryable: false })
  })

  it('called identity is none', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'identity', 'content-length': total }).end(file)
    })
    expect((await open(server)).totalBytes).toBe(total)
  })
})

describe('what is no media', () => {
  it.each<[string, string, string | undefined, string]>([
    ['a login page', 'text/html', '<!DOCTYPE html><title>Log in</title>', 'Log in'],
    ['a login page called a video', 'video/mp4', '\ufeff \n<html><body>Please log in</body>', 'Please log in'],
    ['an error in JSON', 'application/json', '{"error":"no such clip"}', 'no such clip'],
    [
      'an error in JSON called a picture',
      'image/jpeg',
      '[{"cmd":"Snap","error":{"detail":"please login first"}}]',
      'login first',
    ],
    ['XML', 'text/xml', '<?xml version="1.0"?><e>busy</e>', 'busy'],
    ['a sentence', 'text/plain', 'File not found', 'File not found'],
    ['nothing', 'video/mp4', '', 'empty'],
  ])('(%s) is refused with an excerpt, for good', async (_, type, body, said) => {
    await using server = await serve((_, response) => response.writeHead(200, { 'content-type': type }).end(body))
    const error = await rejection(open(server))
    expect(error).toMatchObject({ code: 'PROTOCOL', retryable: false })
    expect(String(error)).toContain(said)
  })

  it('(204, or a redirect to nowhere) is refused', async () => {
    await using server = await serve((_, response) => response.writeHead(204).end())
    expect(await rejection(open(server))).toMatchObject({ code: 'PROTOCOL', httpStatus: 204 })
  })

  it('is judged by its bytes, not by its name', async () => {
    for (const type of ['text/html', 'application/json', 'text/plain', '']) {
      await using server = await serve((_, response) => response.writeHead(200, { 'content-type': type }).end(file))
      await expectRest(await open(server, { byte: 0 }), 0)
    }
  })

  it('may be refused by the vendor, who knows more', async () => {
    await using server = await media()
    const accept = (type: string, first: Uint8Array) => (first[3] === 24 ? `a stand-in (${type})` : undefined)
    const error = await rejection(open(server, { byte: 0 }, { accept }))
    expect(String(error)).toContain('a stand-in (video/mp4)')
  })

  it('cut before its first byte is incomplete, not empty', async () => {
    await using server = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'))
    const http = createHttp({ origins: [server.origin], env: {} })
    const opening = openBody(http, { url: '/', signal: never }, { byte: 0 }, { representation: 'f', resume: 'never' })
    expect(await rejection(opening)).toMatchObject({ code: 'INCOMPLETE', retryable: true })
  })

  it('under any other status is that status, unless the vendor knows better', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(503, { 'retry-after': '3' }).end('Another media operation is running')
    })
    const error = await rejection(open(server))
    expect(error).toMatchObject({ code: 'SERVER', retryAfterMs: 3000, httpStatus: 503 })
    expect(String(error)).toContain('Another media operation is running')
    const busy = async () => new BusyError('encoding')
    expect(await rejection(open(server, held, { refuse: busy }))).toBeInstanceOf(BusyError)
    await using http = createHttp({ origins: [server.origin], env: {} })
    const later = await openBody(http, { url: '/', signal: never }, held, {
      representation: 'file',
      resume: 'validated',
      refuse: async ({ status }) => (status === 503 ? { askAgainAfterMs: 500 } : undefined),
    })
    expect(later).toEqual({ askAgainAfterMs: 500 })
  })
})

it('closes the connection of a body nobody begins to read', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 1e9 })
    response.write(file)
  })
  await using http = createHttp({ origins: [server.origin], env: {}, connectionsPerHost: 1 })
  for (let i = 0; i < 3; i++) {
    const opened = await openBody(
      http,
      { url: '/', signal: never },
      { byte: 0 },
      { representation: 'f', resume: 'never' },
    )
    await opened.body[Symbol.asyncIterator]().return?.()
  }
  expect(server.connections).toBe(3)
})
