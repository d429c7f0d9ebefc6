import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { axisTimelapse2 } from '../src/index.ts'
import { call, failure, hurriedClock, listed, pair } from './pretend-camera.ts'

const versions = ['timelapseme', '1.0.0', '1.0.1', '1.0.4', '1.1.2', '1.1.3', '3.1.0', '3.1.2', '3.1.4']

describe('the app', () => {
  it.each(versions)('%s is found, with the serial as identity', async (version) => {
    await using both = await pair({ serial: 'B8A44F00CAFE', switches: { version } })
    expect(await both.source.identify(call)).toMatchObject({ id: 'B8A44F00CAFE' })
    const recordings = await listed(both.source)
    expect(recordings).toHaveLength(12)
    expect(new Set(recordings.map(({ extension }) => extension))).toEqual(
      new Set([version >= '3' && version < 't' ? 'mp4' : 'avi']),
    )
    expect(both.camera.log.of('list').every(({ method }) => method === 'GET')).toBe(true)
  })

  it('whose page is empty is 1.x, and the realm gives the serial', async () => {
    await using both = await pair({ serial: 'B8A44F00CAFE', switches: { version: '1.1.2', bigApp: true } })
    expect(await both.source.identify(call)).toMatchObject({ id: 'B8A44F00CAFE' })
    expect(both.camera.log.of('app').filter(({ authenticated }) => !authenticated)).toHaveLength(2)
    expect((await listed(both.source)).map(({ extension }) => extension)).toContain('avi')
  })

  it('is not told by its address because a busy server once gave no realm', async () => {
    const statuses = [401, 503, 503, 401]
    const server = createServer((request, reply) => {
      // An empty page: the realm alone tells the serial.
      if (request.headers.authorization) return reply.end()
      const status = statuses.shift() ?? 500
      const login = { 'www-authenticate': 'Digest realm="AXIS_B8A44F00CAFE", nonce="n", qop="auth"' }
      return reply.writeHead(status, status === 401 ? login : {}).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    await using source = axisTimelapse2({ host, username: 'root', password: 'pass', env: {}, clock: hurriedClock() })
    const identity = await source.identify(call)
    server.closeAllConnections()
    server.close()
    expect(identity).toMatchObject({ id: 'B8A44F00CAFE' })
    expect(statuses).toEqual([])
  })

  it('on a camera without login is told by its address where nothing else tells', async () => {
    await using both = await pair({ switches: { version: 'timelapseme', auth: 'none' } })
    expect(await both.source.identify(call)).toEqual({ id: both.camera.host, name: both.camera.host })
  })

  it('is asked for once, however many ask at the same time', async () => {
    await using both = await pair()
    const { source } = both
    await Promise.all([source.identify(call), source.identify(call), source.identify(call)])
    // One without and one with the login.
    expect(both.camera.log.of('app')).toHaveLength(2)
  })

  it('is not looked for before somebody asks, and only where the option says', async () => {
    await using me = await pair({ switches: { version: 'timelapseme' } }, { app: 'timelapseme' })
    expect(me.camera.log.counts().total).toBe(0)
    await me.source.identify(call)
    expect(me.camera.log.of('timelapse2')).toEqual([])
    await using two = await pair({ switches: { version: 'timelapseme' } }, { app: 'timelapse2' })
    const error = await failure(two.source.identify(call))
    expect(error).toMatchObject({ code: 'NOT_FOUND' })
    expect(error.message).toContain('/local/timelapse2/app')
    expect(two.camera.log.of('timelapseme')).toEqual([])
  })

  it('0.9.8 cannot archive, and says so', async () => {
    await using both = await pair({ switches: { version: '0.9.8', startupMs: 1e9 } })
    expect(await failure(listed(both.source))).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/0\.9\.8, which cannot archive/),
    })
  })

  it('one asker giving up does not fail another', async () => {
    await using both = await pair()
    const given = new AbortController()
    const first = failure(both.source.identify({ signal: given.signal }))
    const second = both.source.identify(call)
    given.abort(new Error('enough'))
    expect((await first).message).toBe('enough')
    expect(await second).toMatchObject({ id: 'ACCC8E000001' })
  })
})

describe('no camera', () => {
  it.each<[string, RequestListener, string, string]>([
    ['404 everywhere', (_, reply) => reply.writeHead(404).end('no'), 'NOT_FOUND', '/local/timelapse2/app gave 404'],
    [
      'a page for everything',
      (_, reply) => reply.writeHead(200, { 'content-type': 'text/html' }).end('<html>Router</html>'),
      'PROTOCOL',
      '/local/timelapseme/archives gave 200 with text/html',
    ],
    ['other JSON', (_, reply) => reply.end('{"ok":true}'), 'PROTOCOL', 'there is no Axis timelapse app'],
    [
      'a redirect to https',
      (_, reply) => reply.writeHead(301, { location: 'https://127.0.0.1:1/local/timelapse2/app' }).end(),
      'REQUEST',
      'Give https://127.0.0.1:1 as the host',
    ],
    [
      'a redirect that carries a secret',
      (_, reply) => reply.writeHead(302, { location: '/login?next=%2F&user=x&code=sesame' }).end(),
      'REQUEST',
      "to /login). Is this the camera's own address",
    ],
    ['a forbidden page', (_, reply) => reply.writeHead(403).end('blocked'), 'PERMISSION', '403: blocked'],
    [
      'an app that is stopped',
      (_, reply) => reply.writeHead(503).end('maintenance'),
      'SERVER',
      'Start it on the camera',
    ],
    ['a login without an account', (_, reply) => reply.writeHead(401).end(), 'AUTHENTICATION', 'no user name'],
  ])('%s', async (_, listener, code, said) => {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    await using source = axisTimelapse2({ host, env: {}, retry: { retries: 0 } })
    const error = await failure(source.identify(call))
    server.closeAllConnections()
    server.close()
    expect(error).toMatchObject({ code, retryable: code === 'SERVER' })
    expect(error.message).toContain(said)
    expect(error.message).not.toContain('sesame')
    expect(error.message).toContain(code === 'PERMISSION' ? '/local/' : host)
  })

  it('nobody listens', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    await using source = axisTimelapse2({ host: `127.0.0.1:${port}`, env: {}, retry: { retries: 0 } })
    expect(await failure(source.identify(call))).toMatchObject({ code: 'NETWORK', reason: 'ECONNREFUSED' })
  })
})
