import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { HttpOptions } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { until } from './manual-clock.ts'
import { never, rejection, serve, serveRaw } from './servers.ts'

const client = (origin: string, options: Partial<HttpOptions> = {}) =>
  createHttp({ origins: [origin], retry: { retries: 0 }, env: {}, ...options })

describe('a client that was closed', () => {
  it('does not send what was still waiting for a connection', async () => {
    await using server = await serve(() => {})
    const http = client(server.origin, { connectionsPerHost: 1 })
    const first = rejection(http.send({ url: '/first', signal: never }))
    const second = rejection(http.send({ url: '/second', signal: never }))
    await until(() => server.requests.length === 1)
    await http[Symbol.asyncDispose]()
    expect(await first).toMatchObject({ code: 'NETWORK' })
    expect(await second).toMatchObject({ name: 'TypeError', message: expect.stringContaining('closed') })
    await until(() => server.open() === 0)
    expect(server.requests.map(({ url }) => url)).toEqual(['/first'])
  })

  it('leaves no connection behind that was still being made', async () => {
    const sockets = new Set<Socket>()
    const silent = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
      socket.resume()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const http = client(`https://127.0.0.1:${port}`)
    const asked = rejection(http.send({ url: '/', signal: never }))
    await until(() => sockets.size === 1)
    await http[Symbol.asyncDispose]()
    expect(await asked).toMatchObject({ code: 'NETWORK' })
    await until(() => sockets.size === 0)
    silent.close()
  })

  it('leaves no connection behind whose server switched to another protocol', async () => {
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')
    })
    const http = client(server.origin, { timeouts: { firstByteMs: 50 } })
    expect(await rejection(http.send({ url: '/', signal: never }))).toMatchObject({ code: 'TIMEOUT' })
    await http[Symbol.asyncDispose]()
    await until(() => server.open() === 0)
  })
})

it('a reply that drips for ever ends, although it never pauses for long', async () => {
  let now = 0
  // Each look at the clock finds it later: the drips come faster than any wait.
  const clock = { ...systemClock, monotonic: () => (now += 100) }
  await using server = await serve((_, response) => {
    response.writeHead(200)
    const drip = setInterval(() => {
      response.write(' ')
    }, 1)
    response.on('close', () => clearInterval(drip))
  })
  await using http = client(server.origin, { clock, timeouts: { idleMs: 1000 } })
  expect(await rejection(http.ask({ url: '/', signal: never }))).toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining('10000 ms'),
  })
})

it('an encoded reply of many pieces is read without a warning of leaks', async () => {
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  const body = randomBytes(8_000_000)
  await using server = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body, { level: 1 }))
  })
  await using http = client(server.origin)
  expect((await http.ask({ url: '/', signal: never })).bytes).toHaveLength(body.byteLength)
  process.off('warning', warned)
  expect(warnings).toEqual([])
})
