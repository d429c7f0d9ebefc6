import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import {
  IncompleteError,
  NetworkError,
  NotFoundError,
  ProtocolError,
  RateLimitError,
  ServerError,
} from '../../src/footage/errors.ts'
import type { HttpOptions } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { manualClock, until } from './manual-clock.ts'
import { bytesOf, never, rejection, serve, serveRaw } from './servers.ts'

const client = (origin: string, options: Partial<HttpOptions> = {}) =>
  createHttp({ origins: [origin], retry: { retries: 0 }, env: {}, ...options })

describe('a request', () => {
  it('asks for identity, and carries method, headers and body', async () => {
    await using server = await serve((request, response) => {
      request.pipe(response)
    })
    await using http = client(server.origin, { userAgent: 'tests/1' })
    const answer = await http.ask({
      url: '/a b?c=%2F',
      method: 'post',
      body: 'h\u00e9',
      headers: { 'X-One': '1' },
      signal: never,
    })
    expect(answer.text()).toBe('h\u00e9')
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/a%20b?c=%2F' })
    expect(server.requests[0]?.headers).toMatchObject({
      'accept-encoding': 'identity',
      'user-agent': 'tests/1',
      'x-one': '1',
      'content-length': '3',
    })
  })

  it('sends a raw target byte by byte', async () => {
    let line = ''
    await using server = await serveRaw((socket, request) => {
      line = request.split('\r\n')[0]!
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    await using http = client(server.origin)
    const target = `/x?filename=${Buffer.from("\u00e9'|^`[]{}").toString('latin1')}`
    await http.ask({ url: '/ignored', rawTarget: target, signal: never })
    expect(line).toBe(`GET ${target} HTTP/1.1`)
  })

  it('keeps connections, never more than allowed', async () => {
    let now = 0
    let most = 0
    await using server = await serve((_, response) => {
      most = Math.max(most, ++now)
      setTimeout(() => {
        now--
        response.end('x'.repeat(1000))
      }, 5)
    })
    await using http = client(server.origin, { connectionsPerHost: 2 })
    await Promise.all(Array.from({ length: 10 }, () => http.ask({ url: '/', signal: never })))
    expect(most).toBe(2)
    expect(server.connections).toBe(2)
    await http.ask({ url: '/', keepAlive: false, signal: never })
    expect(server.connections).toBe(3)
    expect(server.requests.at(-1)?.headers.connection).toBe('close')
  })

  it('goes out again when the kept connection turns out to be closed, but a POST does not', async () => {
    let served = 0
    await using server = await serveRaw((socket) => {
      // Every second request on a connection finds it closed.
      if (socket.bytesRead > 0 && (socket as { used?: boolean }).used) return void socket.destroy()
      ;(socket as { used?: boolean }).used = true
      served++
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    await using http = client(server.origin)
    await http.ask({ url: '/', signal: never })
    await http.ask({ url: '/', signal: never })
    expect(served).toBe(2)
    await http.ask({ url: '/', signal: never })
    const error = await rejection(http.ask({ url: '/', method: 'POST', signal: never }))
    expect([error, served]).toEqual([expect.any(NetworkError), 3])
  })
})

describe('a body', () => {
  const bytes = randomBytes(3_000_000)

  it('arrives whole under back-pressure, and is not read ahead without end', async () => {
    let sent = 0
    await using server = await serve((_, response) => {
      response.setHeader('content-length', bytes.length * 20)
      const push = () => {
        while (sent < bytes.length * 20) {
          sent += 60_000
          if (!response.write(bytes.subarray(0, 60_000))) return void response.once('drain', push)
        }
        response.end()
      }
      push()
    })
    await using http = client(server.origin)
    const reply = await http.send({ url: '/', signal: never })
    await until(() => sent > 500_000)
    await new Promise((resolve) => setTimeout(resolve, 150))
    // Socket buffers hold a few MB on both sides; without back-pressure all 60 MB would have been taken.
    expect(sent).toBeLessThan(30_000_000)
    let received = 0
    for await (const chunk of reply.body) received += chunk.byteLength
    expect(received).toBe(bytes.length * 20)
  })

  it.each([
    ['FIN', (s: import('node:net').Socket) => s.end()],
    ['RST', (s: import('node:net').Socket) => s.resetAndDestroy()],
  ])('cut short by %s is incomplete', async (_, cut) => {
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789', () => setTimeout(() => cut(socket), 20))
    })
    await using http = client(server.origin)
    const reply = await http.send({ url: '/', signal: never })
    const error = await rejection(bytesOf(reply.body))
    expect(error).toMatchObject({ code: 'INCOMPLETE', receivedBytes: 10, expectedBytes: 100, retryable: true })
  })

  it('hands over what arrived before it broke', async () => {
    await using server = await serveRaw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789')
    })
    await using http = client(server.origin)
    const reply = await http.send({ url: '/', signal: never })
    await new Promise((resolve) => setTimeout(resolve, 50))
    let got = ''
    const error = await rejection(
      (async () => {
        for await (const chunk of reply.body) got += Buffer.from(chunk).toString()
      })(),
    )
    expect(error).toBeInstanceOf(IncompleteError)
    expect(got).toBe('0123456789')
  })

  it.each([['without its last chunk', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n']])(
    'in chunks %s is incomplete',
    async (_, rest) => {
      await using server = await serveRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
      await using http = client(server.origin)
      const reply = await http.send({ url: '/', signal: never })
      expect(await rejection(bytesOf(reply.body))).toMatchObject({ code: 'INCOMPLETE' })
    },
  )

  it('without a length ends with its connection, but not with a reset', async () => {
    await using server = await serveRaw((socket, request) => {
      socket.write('HTTP/1.0 200 OK\r\n\r\nhello')
      setTimeout(() => (request.includes('/rst') ? socket.resetAndDestroy() : socket.end()), 20)
    })
    await using http = client(server.origin)
    expect((await http.ask({ url: '/fin', signal: never })).text()).toBe('hello')
    const reply = await http.send({ url: '/rst', signal: never })
    expect(await rejection(bytesOf(reply.body))).toMatchObject({ code: 'INCOMPLETE', receivedBytes: 5 })
  })

  it.each(['keep-alive', 'close'])('longer than stated stops at what was stated (%s)', async (connection) => {
    await using server = await serveRaw((socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\nConnection: ${connection}\r\nContent-Length: 10\r\n\r\n0123456789JUNK JUNK\r\n\r\n`,
      )
    })
    await using http = client(server.origin)
    const reply = await http.send({ url: '/', signal: never })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect((await bytesOf(reply.body)).toString()).toBe('0123456789')
    // The rest is not taken for the beginning of the next reply.
    expect((await http.ask({ url: '/', signal: never })).text()).toBe('0123456789')
  })

  it.each([
    ['twice', 'Content-Length: 5\r\nContent-Length: 6'],
    ['below 0', 'Content-Length: -5'],
    ['in words', 'Content-Length: five'],
    ['beyond all bounds', 'Content-Length: 9007199254740993'],
    ['beyond 64 bits', 'Content-Length: 99999999999999999999999'],
  ])('with a length %s is refused for good', async (_, header) => {
    await using server = await serveRaw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${header}\r\n\r\nhello`))
    await using http = client(server.origin)
    expect(await rejection(http.send({ url: '/', signal: never }))).toBeInstanceOf(ProtocolError)
  })

  it('is empty for HEAD and 204, whatever the length says', async () => {
    await using server = await serve((request, response) => {
      response.setHeader('content-length', 1000)
      response.statusCode = request.url === '/204' ? 204 : 200
      response.end()
    })
    await using http = client(server.origin)
    expect((await http.ask({ url: '/', method: 'HEAD', signal: never })).headers['content-length']).toBe('1000')
    expect((await http.ask({ url: '/204', signal: never })).bytes).toHaveLength(0)
  })

  it('that nobody wants gives its connection back, or closes it', async () => {
    await using server = await serve((request, response) => {
      response.end(Buffer.alloc(request.url === '/small' ? 1000 : 50_000_000))
    })
    await using http = client(server.origin, { connectionsPerHost: 1 })
    for (let i = 0; i < 5; i++) await (await http.send({ url: '/small', signal: never })).discard()
    expect(server.connections).toBe(1)
    for (let i = 0; i < 3; i++) await (await http.send({ url: '/large', signal: never })).discard()
    for (let i = 0; i < 3; i++) {
      const reply = await http.send({ url: '/large', signal: never })
      for await (const _ of reply.body) break
    }
    await http.ask({ url: '/small', signal: never })
    await until(() => server.open() <= 1)
  })
})

describe('time limits', () => {
  const limits = { connectMs: 50, tlsMs: 50, firstByteMs: 50, idleMs: 50 }

  it('end the wait for the first byte, and for the next one', async () => {
    await using server = await serveRaw((socket, request) => {
      if (request.includes('/body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234')
    })
    await using http = client(server.origin, { timeouts: limits })
    const silent = await rejection(http.send({ url: '/', signal: never }))
    expect(silent).toMatchObject({ code: 'TIMEOUT', phase: 'first-byte', limitMs: 50 })
    const reply = await http.send({ url: '/body', signal: never })
    expect(await rejection(bytesOf(reply.body))).toMatchObject({ code: 'TIMEOUT', phase: 'idle', limitMs: 50 })
    await until(() => server.open() === 0)
  })

  it.skipIf(process.platform !== 'linux')('end a connection that does not come about (Linux)', async () => {
    // A listener that never accepts: once its queue is full, the kernel leaves further connections unanswered.
    const listener = spawn(process.execPath, [
      '-e',
      `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
         process.stdout.write(String(s.address().port), () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
       })`,
    ])
    const port = Number(await new Promise((resolve) => listener.stdout.once('data', resolve)))
    const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await using http = client(`http://127.0.0.1:${port}`, { timeouts: limits })
    const error = await rejection(http.send({ url: '/', signal: never }))
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'connect', limitMs: 50 })
    const control = new AbortController()
    await using patient = client(`http://127.0.0.1:${port}`)
    setTimeout(() => control.abort('enough'), 20)
    expect(await rejection(patient.send({ url: '/', signal: control.signal }))).toBe('enough')
    for (const filler of fillers) filler.destroy()
    listener.kill('SIGKILL')
  })

  it('do not count the time in which nobody reads', async () => {
    const clock = manualClock()
    let socketToCamera: import('node:net').Socket | undefined
    await using server = await serveRaw((socket) => {
      socketToCamera = socket
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234')
    })
    await using http = client(server.origin, { clock })
    const reply = await http.send({ url: '/', signal: never })
    const iterator = reply.body[Symbol.asyncIterator]()
    await iterator.next()
    const second = iterator.next()
    socketToCamera?.write('56')
    await second
    await clock.advance(3_600_000)
    await until(() => clock.waits().length === 0)
    const third = iterator.next()
    await clock.advance(29_000)
    socketToCamera?.write('789')
    expect(Buffer.from((await third).value as Uint8Array).toString()).toBe('789')
    expect((await iterator.next()).done).toBe(true)
    expect(clock.waits()).toEqual([])
  })

  it('end a TLS handshake that does not come about', async () => {
    await using server = await serveRaw(() => {})
    await using http = client(server.origin.replace('http:', 'https:'), { timeouts: limits })
    expect(await rejection(http.send({ url: '/', signal: never }))).toMatchObject({ code: 'TIMEOUT', phase: 'tls' })
    await until(() => server.open() === 0)
  })

  it('say what the network says', async () => {
    const server = await serve(() => {})
    await server[Symbol.asyncDispose]()
    await using http = client(server.origin)
    const error = await rejection(http.send({ url: '/x?token=abcdefgh', signal: never }))
    expect(error).toMatchObject({ code: 'NETWORK', reason: 'ECONNREFUSED', retryable: true })
    expect(String(error)).not.toContain('abcdefgh')
  })
})

describe('an abort', () => {
  const reason = { why: 'not even an Error' }

  it('throws the reason of the signal itself, at any moment, and leaves nothing open', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/never') return
      response.write('x')
    })
    await using http = client(server.origin, { connectionsPerHost: 1 })
    const early = AbortSignal.abort(reason)
    expect(await rejection(http.send({ url: '/', signal: early }))).toBe(reason)
    expect(await rejection(http.ask({ url: '/', signal: early }))).toBe(reason)
    for (const delayMs of [undefined, 0, 1, 3, 10]) {
      const control = new AbortController()
      const asked = http.ask({ url: '/never', signal: control.signal })
      if (delayMs === undefined) control.abort(reason)
      else setTimeout(() => control.abort(reason), delayMs)
      expect(await rejection(asked)).toBe(reason)
    }
    const control = new AbortController()
    const reply = await http.send({ url: '/body', signal: control.signal })
    const body = bytesOf(reply.body)
    const queued = http.send({ url: '/queued', signal: control.signal })
    setTimeout(() => control.abort(reason), 10)
    expect(await rejection(body)).toBe(reason)
    expect(await rejection(queued)).toBe(reason)
    await until(() => server.open() === 0)
  })

  it('after the end of a reply does nothing', async () => {
    await using server = await serve((_, response) => response.end('done'))
    await using http = client(server.origin)
    const control = new AbortController()
    const reply = await http.send({ url: '/', signal: control.signal })
    expect((await bytesOf(reply.body)).toString()).toBe('done')
    control.abort(reason)
    expect((await http.ask({ url: '/', signal: never })).text()).toBe('done')
    expect(server.connections).toBe(1)
  })

  it('of the connection itself, while a device does not answer, is immediate', async () => {
    await using server = await serveRaw(() => {})
    await using http = client(server.origin.replace('http:', 'https:'))
    const control = new AbortController()
    setTimeout(() => control.abort(reason), 20)
    expect(await rejection(http.send({ url: '/', signal: control.signal }))).toBe(reason)
    await until(() => server.open() === 0)
  })
})

it('survives any order of aborts, resets and replies, and loses no connection slot by it', async () => {
  let count = 0
  await using server = await serveRaw((socket, request) => {
    const kind = ++count % 7
    if (request.startsWith('GET /calm') || kind === 0)
      return void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    if (kind === 1) return void socket.resetAndDestroy()
    if (kind === 2) return void socket.end()
    if (kind === 3) return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort')
    if (kind === 4) return void socket.write('nonsense\r\n\r\n')
    if (kind === 5) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 nonsense')
  })
  await using http = client(server.origin, { connectionsPerHost: 3, timeouts: { firstByteMs: 60 } })
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const control = new AbortController()
      const reason = { i }
      if (i % 3 === 0) setTimeout(() => control.abort(reason), i % 40)
      try {
        return (await http.ask({ url: `/${i}`, signal: control.signal })).text()
      } catch (error) {
        return error === reason ? 'aborted' : (error as { code: string }).code
      }
    }),
  )
  const expected = ['INCOMPLETE', 'NETWORK', 'TIMEOUT', 'aborted', 'ok']
  expect(outcomes.filter((outcome) => !expected.includes(outcome))).toEqual([])
  expect(outcomes).toContain('aborted')
  const calm = await Promise.all(Array.from({ length: 6 }, () => http.ask({ url: '/calm', signal: never })))
  expect(calm.map((answer) => answer.text())).toEqual(Array(6).fill('ok'))
})

describe('redirects', () => {
  const secret = { 'x-api-key': 'the-key-of-the-house' }

  it('are followed within an origin with all headers, elsewhere without those that give access', async () => {
    await using far = await serve((_, response) => response.end('far'))
    await using near = await serve((request, response) => {
      if (request.url === '/start') return void response.writeHead(302, { location: '/again' }).end()
      if (request.url === '/again') return void response.writeHead(307, { location: `${far.origin}/there` }).end()
    })
    await using http = client(near.origin, { secretHeaders: secret, cookies: true })
    const headers = {
      authorization: 'Bearer abcdefgh',
      cookie: 'a=b',
      'x-auth-token': 't',
      range: 'bytes=5-',
      'if-range': '"e"',
    }
    const answer = await http.ask({ url: '/start', headers, signal: never })
    expect([answer.text(), answer.url]).toEqual(['far', `${far.origin}/there`])
    expect(near.requests[1]?.headers).toMatchObject({ ...headers, ...secret })
    const sent = far.requests[0]!.headers
    expect(sent).toMatchObject({ range: 'bytes=5-', 'if-range': '"e"' })
    for (const name of ['authorization', 'cookie', 'x-auth-token', 'x-api-key']) expect(sent).not.toHaveProperty(name)
  })

  it('keep secrets on the way to another declared origin', async () => {
    await using far = await serve((_, response) => response.end('far'))
    await using near = await serve((_, response) => response.writeHead(302, { location: far.origin }).end())
    await using http = createHttp({ origins: [near.origin, far.origin], secretHeaders: secret, env: {} })
    await http.ask({ url: '/', headers: { authorization: 'Bearer x' }, signal: never })
    expect(far.requests[0]?.headers).toMatchObject({ ...secret, authorization: 'Bearer x' })
  })

  it('turn a POST into a GET where they say so', async () => {
    await using server = await serve((request, response) => {
      const status = Number(request.url!.slice(1))
      if (status) return void response.writeHead(status, { location: '/end' }).end()
      request.pipe(response)
    })
    await using http = client(server.origin)
    for (const status of [301, 302, 303, 307, 308]) {
      await http.ask({ url: `/${status}`, method: 'POST', body: 'form', signal: never })
    }
    const ends = server.requests.filter(({ url }) => url === '/end')
    expect(ends.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST', 'POST'])
    expect(ends[0]?.headers).not.toHaveProperty('content-length')
  })

  it.each([
    ['in circles', (o: string) => `${o}/`],
    ['to a file', () => 'file:///etc/passwd'],
    ['to nothing', () => 'http://['],
  ])('%s are refused', async (_, location) => {
    await using server = await serve((request, response) => {
      response.writeHead(302, { location: location(`http://${request.headers.host}`) }).end()
    })
    await using http = client(server.origin)
    expect(await rejection(http.ask({ url: '/', signal: never }))).toBeInstanceOf(ProtocolError)
    expect(server.requests.length).toBeLessThanOrEqual(11)
  })

  it('end after ten hops, and can be handed back', async () => {
    await using server = await serve((request, response) => {
      const left = Number(request.url!.slice(1))
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` })
      response.end('there')
    })
    await using http = client(server.origin)
    expect((await http.ask({ url: '/10', signal: never })).text()).toBe('there')
    expect(await rejection(http.ask({ url: '/11', signal: never }))).toBeInstanceOf(ProtocolError)
    expect((await http.ask({ url: '/5', maxRedirects: 0, signal: never })).status).toBe(302)
  })
})

describe('ask', () => {
  it('tries again what may be tried again, when the server says so', async () => {
    const clock = manualClock()
    const replies = [503, 429, 408, 200]
    await using server = await serve((_, response) => {
      response.writeHead(replies.shift()!, { 'retry-after': '2' }).end('{"ok":true}')
    })
    await using http = client(server.origin, { clock, retry: { retries: 3, delayMs: 1 } })
    const asked = http.ask({ url: '/', signal: never })
    for (const count of [1, 2, 3]) {
      await until(() => server.requests.length === count && clock.waits().includes(2000))
      await clock.advance(2000)
    }
    expect((await asked).json()).toEqual({ ok: true })
    expect(server.requests).toHaveLength(4)
  })

  it('never sends a POST again whose bytes may have been taken', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/cut') return void request.socket.destroy()
      response.writeHead(Number(request.url!.slice(1))).end()
    })
    await using http = client(server.origin, { retry: { retries: 2, delayMs: 1 } })
    const count = async (url: string, idempotent?: boolean) => {
      const before = server.requests.length
      const more = idempotent === undefined ? {} : { idempotent }
      await rejection(http.ask({ url, method: 'POST', body: 'order', signal: never, ...more }))
      return server.requests.length - before
    }
    expect(await count('/503')).toBe(1)
    expect(await count('/cut')).toBe(1)
    expect(await count('/429')).toBe(3)
    expect(await count('/503', true)).toBe(3)
  })

  it('turns statuses into errors that tell what the server said, without secrets', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(404).end('<html><body>no file for key the-key-of-the-house\u0007</body></html>')
    })
    await using http = client(server.origin, { secretHeaders: { 'x-api-key': 'the-key-of-the-house' } })
    const error = await rejection(http.ask({ url: '/clip', signal: never }))
    expect(error).toBeInstanceOf(NotFoundError)
    expect(String(error)).toMatch(/GET http:\/\/127.0.0.1:\d+\/clip: HTTP 404: no file for key \*\*\*$/)
  })

  it.each([
    [429, RateLimitError],
    [500, ServerError],
    [425, ServerError],
  ])('maps %s', async (status, kind) => {
    await using server = await serve((_, response) => response.writeHead(status).end())
    await using http = client(server.origin)
    expect(await rejection(http.ask({ url: '/', signal: never }))).toBeInstanceOf(kind)
  })

  it('decodes what was encoded unasked, within bounds', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    await using server = await serve((request, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(request.url === '/bomb' ? bomb : gzipSync('{"a":1}'))
    })
    await using http = client(server.origin)
    expect((await http.ask({ url: '/', signal: never })).json()).toEqual({ a: 1 })
    const error = await rejection(http.ask({ url: '/bomb', limitBytes: 1_000_000, signal: never }))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(bomb.length).toBeLessThan(1_000_000)
  })

  it('reads no more than its limit, and says what is no JSON', async () => {
    await using server = await serve((_, response) => response.end('Welcome to the camera'))
    await using http = client(server.origin)
    expect(await rejection(http.ask({ url: '/', limitBytes: 5, signal: never }))).toBeInstanceOf(ProtocolError)
    const answer = await http.ask({ url: '/', limitBytes: 21, signal: never })
    expect(() => answer.json()).toThrow(/expected JSON, received "Welcome to the camera"/)
  })
})

describe('cookies', () => {
  it('are kept for declared origins only', async () => {
    await using far = await serve((_, response) => response.setHeader('set-cookie', 'spy=1').end())
    await using server = await serve((request, response) => {
      if (request.url === '/login')
        response.setHeader('set-cookie', ['TOKEN=abc; Path=/; HttpOnly', 'other=1; Path=/x'])
      if (request.url === '/far') response.writeHead(302, { location: far.origin })
      response.end()
    })
    await using http = client(server.origin, { cookies: true })
    await http.ask({ url: '/login', signal: never })
    await http.ask({ url: '/data', signal: never })
    await http.ask({ url: '/far', signal: never })
    await http.ask({ url: '/data', signal: never })
    const sent = server.requests.map(({ headers }) => headers.cookie)
    expect(sent).toEqual([undefined, 'TOKEN=abc', 'TOKEN=abc', 'TOKEN=abc'])
    expect(far.requests[0]?.headers.cookie).toBeUndefined()
  })
})

it('refuses options that make no sense, and requests after its end', async () => {
  expect(() => createHttp({ origins: ['nonsense'] })).toThrow(TypeError)
  expect(() => createHttp({ origins: ['http://127.0.0.1'], connectionsPerHost: 0 })).toThrow(RangeError)
  const http = createHttp({ origins: ['http://127.0.0.1:1'], clock: systemClock })
  expect(await rejection(http.send({ url: 'ftp://127.0.0.1/', signal: never }))).toBeInstanceOf(ProtocolError)
  await http[Symbol.asyncDispose]()
  expect(await rejection(http.send({ url: '/', signal: never }))).toBeInstanceOf(TypeError)
})
