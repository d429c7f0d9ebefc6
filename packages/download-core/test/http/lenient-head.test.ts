import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import tls from 'node:tls'
import { createCertificate } from '@cam/simulators'
import { describe, expect, it } from 'vitest'
import { IncompleteError, ProtocolError } from '../../src/footage/errors.ts'
import type { HttpOptions } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { createHeadMender } from '../../src/http/mend-head.ts'
import { openBody } from '../../src/http/open-body.ts'
import { manualClock, until } from './manual-clock.ts'
import { bytesOf, never, rejection, serve, serveRaw } from './servers.ts'

const client = (origin: string, options: Partial<HttpOptions> = {}) =>
  createHttp({ origins: [origin], retry: { retries: 0 }, env: {}, ...options })

/** A head as some camera firmware writes it. */
const nameless = (length: number, more = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: apolication/octet-stream\r\nContent-Disposition: attachment;filename="a.mp4"\r\n: foo\r\n${more}Content-Length: ${length}\r\n\r\n`

describe('a reply that is not quite HTTP', () => {
  it.each([
    ['a header without a name', nameless(5)],
    ['a header of a colon alone', 'HTTP/1.1 200 OK\r\n:\r\nContent-Length: 5\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nattachment\r\nContent-Length: 5\r\n\r\n'],
    ['a name with a space in it', 'HTTP/1.1 200 OK\r\nContent Type: x\r\nContent-Length: 5\r\n\r\n'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nX: y\nContent-Length: 5\n\n'],
    ['bare line feeds and a header without a name', 'HTTP/1.1 200 OK\n: foo\nContent-Length: 5\n\n'],
    ['its length stated twice', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n'],
    ['a control character', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 5\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n : b\r\nContent-Length: 5\r\n\r\n'],
    ['a provisional reply of the same kind before it', `HTTP/1.1 103 Soon\r\n: x\r\n\r\n${nameless(5)}`],
  ])('is read all the same: %s', async (_, head) => {
    await using server = await serveRaw((socket) => socket.write(`${head}hello`))
    await using http = client(server.origin)
    const answer = await http.ask({ url: '/a', signal: never })
    expect([answer.status, answer.text(), answer.headers['content-length']]).toEqual([200, 'hello', '5'])
    expect(Object.keys(answer.headers)).not.toContain('')
  })

  it('costs a second request once, not for every file', async () => {
    await using server = await serveRaw((socket) => socket.write(`${nameless(5)}hello`))
    await using http = client(server.origin)
    for (const url of ['/1', '/2', '/3']) expect((await http.ask({ url, signal: never })).text()).toBe('hello')
    expect(server.requests.map(({ url }) => url)).toEqual(['/1', '/1', '/2', '/3'])
    await until(() => server.open() === 0)
  })

  it('costs none where it is expected', async () => {
    await using server = await serveRaw((socket) => socket.write(`${nameless(5)}hello`))
    await using http = client(server.origin)
    const asked = { url: '/', method: 'POST', body: 'x', lenientHead: true, signal: never }
    expect((await http.ask(asked)).text()).toBe('hello')
    expect(server.requests).toHaveLength(1)
  })

  it('is not asked for again where that could do harm', async () => {
    await using server = await serveRaw((socket) => socket.write(`${nameless(5)}hello`))
    await using http = client(server.origin)
    const error = await rejection(http.ask({ url: '/', method: 'POST', body: 'x', signal: never }))
    expect(error).toMatchObject({ code: 'NETWORK', reason: 'HPE_INVALID_HEADER_TOKEN' })
    expect(server.requests).toHaveLength(1)
  })

  it('is refused for good when it states two lengths, also when read leniently', async () => {
    const two = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'
    await using server = await serveRaw((socket) => socket.end(two))
    await using http = client(server.origin)
    expect(await rejection(http.ask({ url: '/', signal: never }))).toBeInstanceOf(ProtocolError)
    expect(await rejection(http.ask({ url: '/', lenientHead: true, signal: never }))).toBeInstanceOf(ProtocolError)
  })

  it.each([
    ['what is no HTTP at all', 'RTSP/1.0 200 OK\r\n: x\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\n: x\r\nX: ${'x'.repeat(70_000)}`],
    ['a head cut short', 'HTTP/1.1 200 OK\r\n: x\r\nContent-Le'],
  ])('is not invented from %s', async (_, bytes) => {
    await using server = await serveRaw((socket) => socket.end(bytes))
    await using http = client(server.origin)
    const error = await rejection(http.send({ url: '/', lenientHead: true, signal: never }))
    expect(['NETWORK', 'PROTOCOL']).toContain((error as { code: string }).code)
  })

  it('is counted like any other: a short body is named as what it is', async () => {
    await using server = await serveRaw((socket) => socket.end(`${nameless(500)}hello`))
    await using http = client(server.origin)
    const error = await rejection(http.ask({ url: '/', signal: never }))
    expect(error).toBeInstanceOf(IncompleteError)
    expect(error).toMatchObject({ receivedBytes: 5, expectedBytes: 500 })
  })

  it('says nothing secret when it fails', async () => {
    await using server = await serveRaw((socket) => socket.end(`${nameless(500)}hello`))
    await using http = client(server.origin)
    const error = await rejection(http.ask({ url: '/?token=0123456789abcdef', signal: never }))
    expect(String(error)).not.toContain('0123456789abcdef')
  })

  it('brings ranges and validators to whoever resumes', async () => {
    const bytes = randomBytes(4000)
    await using server = await serveRaw((socket, request) => {
      const from = Number(/range: bytes=(\d+)-/i.exec(request)?.[1])
      const range = `Content-Range: bytes ${from}-3999/4000\r\nETag: "5f-fa0"\r\n`
      socket.write(nameless(4000 - from, range).replace('200 OK', '206 Partial'))
      socket.write(bytes.subarray(from))
    })
    await using http = client(server.origin)
    const from = { byte: 1000, totalBytes: 4000, validator: { etag: '"5f-fa0"' }, representation: 'mp4' }
    const opened = await openBody(http, { url: '/', signal: never }, from, {
      representation: 'mp4',
      resume: 'validated',
    })
    expect(opened).toMatchObject({ startsAtByte: 1000, totalBytes: 4000, validator: { etag: '"5f-fa0"' } })
    expect(await bytesOf(opened.body)).toEqual(bytes.subarray(1000))
  })
})

describe('a connection whose heads are mended', () => {
  it('passes a big body on byte by byte, and holds it back when nobody reads', async () => {
    const piece = randomBytes(1 << 20)
    let sent = 0
    let full = false
    await using server = await serveRaw(async (socket) => {
      socket.write(nameless(64 << 20))
      for (; sent < 64; sent++) {
        if (socket.write(piece)) continue
        full = true
        await once(socket, 'drain')
      }
    })
    await using http = client(server.origin)
    const { body } = await http.send({ url: '/', signal: never, lenientHead: true })
    await until(() => full)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(sent).toBeLessThan(32)
    const hash = createHash('sha256')
    for await (const chunk of body) hash.update(chunk)
    const wanted = createHash('sha256')
    for (let i = 0; i < 64; i++) wanted.update(piece)
    expect(hash.digest('hex')).toBe(wanted.digest('hex'))
  })

  it('ends with an abort, and closes', async () => {
    await using server = await serveRaw((socket) => socket.write(`${nameless(500)}hello`))
    await using http = client(server.origin)
    const controller = new AbortController()
    const { body } = await http.send({ url: '/', signal: controller.signal, lenientHead: true })
    const reading = rejection(bytesOf(body))
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await reading).toBe(reason)
    await until(() => server.open() === 0)
  })

  it('ends with its client', async () => {
    await using server = await serveRaw((socket) => socket.write(`${nameless(500)}hello`))
    const http = client(server.origin)
    const { body } = await http.send({ url: '/', signal: never, lenientHead: true })
    const reading = rejection(bytesOf(body))
    await http[Symbol.asyncDispose]()
    expect(await reading).toMatchObject({ code: 'INCOMPLETE' })
    await until(() => server.open() === 0)
  })

  it('has the same limits of time', async () => {
    const clock = manualClock()
    await using server = await serveRaw((socket, request) => {
      if (!request.includes('/silent')) socket.write(`${nameless(500)}hello`)
    })
    await using http = client(server.origin, { clock, timeouts: { firstByteMs: 1000, idleMs: 2000 } })
    const silent = rejection(http.send({ url: '/silent', signal: never, lenientHead: true }))
    await until(() => server.requests.length === 1)
    await clock.advance(1001)
    expect(await silent).toMatchObject({ code: 'TIMEOUT', phase: 'first-byte' })
    const { body } = await http.send({ url: '/stalls', signal: never, lenientHead: true })
    const stalled = rejection(bytesOf(body))
    await until(() => clock.waits().includes(2000))
    await clock.advance(2001)
    expect(await stalled).toMatchObject({ code: 'TIMEOUT', phase: 'idle' })
  })

  it('shows credentials to the configured origin alone', async () => {
    const seen: string[] = []
    await using elsewhere = await serveRaw((socket, request) => {
      seen.push(request)
      socket.write(`${nameless(5)}hello`)
    })
    await using server = await serveRaw((socket, request) => {
      if (/authorization/i.test(request)) {
        return void socket.end(`HTTP/1.1 302 Found\n: x\nLocation: ${elsewhere.origin}/b\n\n`)
      }
      socket.write(
        'HTTP/1.1 401 No\n: x\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\nContent-Length: 0\n\n',
      )
    })
    const secrets = { credentials: { username: 'u', password: 'secret' }, secretHeaders: { 'x-api-key': 'secret-key' } }
    await using http = client(server.origin, secrets)
    expect((await http.ask({ url: '/a', signal: never })).text()).toBe('hello')
    expect(seen.length).toBeGreaterThan(0)
    for (const request of seen) expect(request).not.toMatch(/authorization|secret/i)
  })
})

describe('over TLS and through a proxy', () => {
  it('the pin still holds', async () => {
    const [certificate, other] = await Promise.all([createCertificate(), createCertificate()])
    const requests: string[] = []
    const server = tls.createServer({ key: certificate.privateKeyPem, cert: certificate.certificatePem }, (socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        requests.push(chunk.toString())
        socket.write(`${nameless(5)}hello`)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      await using stranger = client(origin, { tls: { fingerprint256: other.fingerprint256, insecure: true } })
      const error = await rejection(stranger.ask({ url: '/', signal: never, lenientHead: true }))
      expect(error).toMatchObject({ fingerprint256: certificate.fingerprint256 })
      expect(requests).toHaveLength(0)
      for (const trust of [
        { fingerprint256: certificate.fingerprint256 },
        { ca: certificate.certificatePem },
        { insecure: true },
      ]) {
        await using http = client(origin, { tls: trust })
        expect((await http.ask({ url: '/', signal: never })).text()).toBe('hello')
      }
    } finally {
      server.close()
    }
  })

  it('the tunnel is used', async () => {
    const certificate = await createCertificate()
    const asked: string[] = []
    const open = new Set<Socket>()
    const server = tls.createServer({ key: certificate.privateKeyPem, cert: certificate.certificatePem }, (socket) => {
      socket.on('error', () => {}).once('data', () => socket.write(`${nameless(5)}hello`))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const proxy = http.createServer()
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      open.add(socket as Socket)
      const onward = net.connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Go on\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      for (const end of [onward, socket]) end.on('error', () => {})
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    try {
      await using lenient = client(`https://camera.test:${port}`, {
        tls: { fingerprint256: certificate.fingerprint256 },
        env: { HTTPS_PROXY: at },
      })
      expect((await lenient.ask({ url: '/', signal: never })).text()).toBe('hello')
      expect(new Set(asked)).toEqual(new Set([`camera.test:${port}`]))
    } finally {
      for (const socket of open) socket.destroy()
      proxy.close()
      server.close()
    }
  })
})

it('where nothing is wrong, nothing is changed, however the bytes arrive', () => {
  const reply = Buffer.from(`HTTP/1.1 200 OK\r\nX-Note: caf\xe9\r\nContent-Length: 9\r\n\r\n: a\n\nb\r\n\r\n`, 'latin1')
  for (let size = 1; size <= reply.byteLength; size++) {
    const mender = createHeadMender()
    const out: Uint8Array[] = []
    for (let at = 0; at < reply.byteLength; at += size) out.push(mender.push(reply.subarray(at, at + size)))
    expect(Buffer.concat([...out, mender.rest()])).toEqual(reply)
  }
})

it('a healthy server is read strictly, over kept connections', async () => {
  await using server = await serve((_, response) => response.end('well'))
  await using http = client(server.origin)
  for (let i = 0; i < 3; i++) await http.ask({ url: '/', signal: never })
  expect([server.connections, server.requests.length]).toEqual([1, 3])
})
