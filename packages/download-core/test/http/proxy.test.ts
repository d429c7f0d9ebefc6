import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { createCertificate } from '@cam/simulators'
import { describe, expect, it } from 'vitest'
import { createHttp } from '../../src/http/http.ts'
import { proxyFor } from '../../src/http/proxy.ts'
import { never, rejection, serve } from './servers.ts'

/** A small proxy: tunnels by CONNECT, relays absolute URLs, asks for a password if it has one. */
async function startProxy(password?: string) {
  const seen: string[] = []
  const sockets = new Set<net.Socket>()
  const lets = (headers: http.IncomingHttpHeaders) =>
    !password || headers['proxy-authorization'] === `Basic ${Buffer.from(`user:${password}`).toString('base64')}`
  const server = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    if (!lets(request.headers)) return void response.writeHead(407).end()
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = http.request(request.url!, { method: request.method, headers }, (reply) => {
      response.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
    request.pipe(onward)
  })
  server.on('connect', (request, socket, head) => {
    seen.push(`CONNECT ${request.url}`)
    if (!lets(request.headers)) return socket.end('HTTP/1.1 407 Who are you\r\n\r\n')
    const [host, port] = request.url!.split(':')
    const onward = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Go on\r\n\r\n')
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    for (const end of [onward, socket]) end.on('error', () => {})
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    seen,
    url: `http://${password ? `user:${password}@` : ''}127.0.0.1:${port}`,
    bare: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('through a proxy', () => {
  it('plain HTTP is relayed', async () => {
    await using server = await serve((_, response) => response.end('relayed'))
    await using proxy = await startProxy('s3cret')
    await using client = createHttp({ origins: [server.origin], env: { HTTP_PROXY: proxy.url } })
    expect((await client.ask({ url: '/x?y', signal: never })).text()).toBe('relayed')
    expect(proxy.seen).toEqual([`GET ${server.origin}/x?y`])
    expect(server.requests[0]).toMatchObject({ url: '/x?y' })
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it('HTTPS is tunnelled, and a pin still holds', async () => {
    const certificate = await createCertificate()
    const other = await createCertificate()
    const pair = { key: certificate.privateKeyPem, cert: certificate.certificatePem }
    await using server = await serve((_, response) => response.end('tunnelled'), pair)
    await using proxy = await startProxy('s3cret')
    const client = (fingerprint256: string) =>
      createHttp({
        origins: [server.origin],
        env: { https_proxy: proxy.url },
        tls: { fingerprint256 },
        retry: { retries: 0 },
      })
    await using good = client(certificate.fingerprint256)
    expect((await good.ask({ url: '/', signal: never })).text()).toBe('tunnelled')
    expect((await good.ask({ url: '/', signal: never })).text()).toBe('tunnelled')
    expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${server.port}`])
    await using bad = client(other.fingerprint256)
    const error = await rejection(bad.ask({ url: '/', signal: never }))
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', fingerprint256: certificate.fingerprint256 })
    expect(server.requests).toHaveLength(2)
  })

  it('one that does not answer is named as what it is', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    for (const origin of ['http://camera.example', 'https://camera.example']) {
      const env = { ALL_PROXY: `http://user:s3cret@127.0.0.1:${port}` }
      await using client = createHttp({ origins: [origin], env, retry: { retries: 0 } })
      const error = await rejection(client.ask({ url: '/', signal: never }))
      expect(error).toMatchObject({ code: 'NETWORK', reason: 'ECONNREFUSED' })
      expect(String(error)).toMatch(/proxy 127\.0\.0\.1:\d+ .*NO_PROXY/)
      expect(String(error)).not.toContain('s3cret')
    }
  })

  it('a wrong password and an unreachable device are told apart', async () => {
    const certificate = await createCertificate()
    const pair = { key: certificate.privateKeyPem, cert: certificate.certificatePem }
    await using server = await serve(() => {}, pair)
    await using proxy = await startProxy('s3cret')
    await using client = createHttp({
      origins: [server.origin],
      env: { https_proxy: proxy.bare.replace('//', '//user:wrong-pass@') },
      retry: { retries: 0 },
    })
    const error = await rejection(client.ask({ url: '/', signal: never }))
    expect(error).toMatchObject({ code: 'PERMISSION', httpStatus: 407 })
    expect(String(error)).not.toContain('wrong-pass')
  })
})

describe('the environment', () => {
  const found = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href

  it('names a proxy per scheme, in small letters first', () => {
    const env = { HTTP_PROXY: 'big:1', http_proxy: 'small:1', ALL_PROXY: 'http://any:3' }
    expect(found('http://camera/', env)).toBe('http://small:1/')
    expect(found('https://camera/', env)).toBe('http://any:3/')
    expect(found('https://camera/', {})).toBeUndefined()
    expect(() => found('http://camera/', { http_proxy: 'socks5://u:p@x' })).toThrow(/http or https URL.*\*\*\*@x/)
  })

  it('does not let a CGI request choose the proxy', () => {
    expect(found('http://camera/', { HTTP_PROXY: 'http://evil/', REQUEST_METHOD: 'GET' })).toBeUndefined()
  })

  it.each([
    ['*', 'http://camera/', true],
    ['camera', 'http://camera/', true],
    ['camera', 'http://my-camera/', false],
    ['example.com', 'https://a.example.com/', true],
    ['.example.com', 'https://a.example.com/', true],
    ['*.example.com', 'https://a.example.com/', true],
    ['example.com', 'https://badexample.com/', false],
    ['camera:80', 'http://camera/', true],
    ['camera:81', 'http://camera/', false],
    ['other, CAMERA', 'http://camera/', true],
    ['::1', 'http://[::1]/', true],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['192.168.1.5', 'http://192.168.1.5:8080/', true],
    ['', 'http://camera/', false],
  ])('exempts with NO_PROXY=%s the URL %s: %s', (list, url, exempt) => {
    expect(found(url, { ALL_PROXY: 'http://p/', NO_PROXY: list })).toBe(exempt ? undefined : 'http://p/')
  })
})
