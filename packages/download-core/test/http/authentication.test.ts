import { Authenticator, type AuthRules } from '@cam/simulators'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { AuthenticationError, ProtocolError } from '../../src/footage/errors.ts'
import type { HttpOptions } from '../../src/http/exchange.ts'
import { createHttp } from '../../src/http/http.ts'
import { never, rejection, serve } from './servers.ts'

const credentials = { username: 'j\u00fcrgen', password: 'p\u00e4ss "w\\ord' }
const defaults: AuthRules = { kind: 'digest-md5', ttlMs: 300_000, oneTime: false, ncCheck: false, staleOnNth: 0 }

/** A server that lets `credentials` in by the given rules, and counts how it was asked. */
async function guarded(rules: Partial<AuthRules>, clock = systemClock) {
  const authenticator = new Authenticator({
    realm: 'AXIS_ACCC8E000001',
    user: credentials.username,
    password: credentials.password,
    clock,
  })
  const seen = { bare: 0, basic: 0, digest: 0, wrong: 0 }
  const server = await serve((request, response) => {
    const { authorization } = request.headers
    if (authorization === undefined) seen.bare++
    else if (/^basic/i.test(authorization)) seen.basic++
    else seen.digest++
    const verdict = authenticator.check(
      { method: request.method ?? '', target: request.url ?? '', authorization },
      { ...defaults, ...rules },
    )
    if (verdict.outcome === 'in') return void response.writeHead(200, verdict.headers).end('welcome')
    if (verdict.outcome === 'bad-request') return void response.writeHead(400).end()
    if (verdict.wrong) seen.wrong++
    response.writeHead(401, { 'www-authenticate': verdict.challenges as string[] }).end('<h1>401</h1>'.repeat(40))
  })
  return Object.assign(server, { seen })
}

const client = (origin: string, options: Partial<HttpOptions> = {}) =>
  createHttp({ origins: [origin], credentials, retry: { retries: 0 }, connectionsPerHost: 8, env: {}, ...options })

describe('digest', () => {
  it.each(['digest-md5', 'digest-sha256', 'both', 'basic+digest', 'basic+digest-one-header'] as const)(
    'lets a name with umlauts in where the server offers %s',
    async (kind) => {
      await using server = await guarded({ kind })
      await using http = client(server.origin)
      for (const url of ['/a?b=%20c&d', '/e', '/f'])
        expect((await http.ask({ url, signal: never })).text()).toBe('welcome')
      expect(server.seen).toEqual({ bare: 1, basic: 0, digest: 3, wrong: 0 })
      // The refused reply was read, so its connection served the rest.
      expect(server.connections).toBe(1)
    },
  )

  it('counts per nonce, so that parallel requests pass a strict server', async () => {
    await using server = await guarded({ ncCheck: true })
    await using http = client(server.origin)
    await http.ask({ url: '/', signal: never })
    const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => http.ask({ url: `/${i}`, signal: never })))
    expect(answers.every((answer) => answer.status === 200)).toBe(true)
    expect(server.seen.wrong).toBe(0)
  })

  it('counts up, so that a strict server needs no second challenge', async () => {
    await using server = await guarded({ ncCheck: true })
    await using http = client(server.origin)
    for (let i = 0; i < 20; i++) await http.ask({ url: '/', signal: never })
    expect(server.seen).toEqual({ bare: 1, basic: 0, digest: 20, wrong: 0 })
  })

  it('first proves the password with one request, however many wait', async () => {
    await using server = await guarded({})
    await using http = client(server.origin)
    await Promise.all(Array.from({ length: 8 }, () => http.ask({ url: '/', signal: never })))
    expect(server.seen).toEqual({ bare: 8, basic: 0, digest: 8, wrong: 0 })
  })

  it('sends a wrong password exactly once, however many requests there are and come later', async () => {
    await using server = await guarded({})
    await using http = client(server.origin, { credentials: { ...credentials, password: 'wrong' } })
    const errors = await Promise.all(Array.from({ length: 8 }, () => rejection(http.ask({ url: '/', signal: never }))))
    for (const error of errors) expect(error).toBeInstanceOf(AuthenticationError)
    for (let i = 0; i < 3; i++) await rejection(http.ask({ url: '/later', signal: never }))
    expect(server.seen).toEqual({ bare: 8, basic: 0, digest: 1, wrong: 1 })
  })

  it('answers a stale nonce anew, also when its count was refused without a word', async () => {
    let now = 0
    const clock = { ...systemClock, now: () => now }
    await using server = await guarded({ ttlMs: 1000 }, clock)
    await using http = client(server.origin)
    await http.ask({ url: '/', signal: never })
    now = 5000
    expect((await http.ask({ url: '/', signal: never })).status).toBe(200)
    expect(server.seen).toEqual({ bare: 1, basic: 0, digest: 3, wrong: 0 })
  })

  it('uses the next nonce of a one-time server', async () => {
    await using server = await guarded({ oneTime: true })
    await using http = client(server.origin)
    for (let i = 0; i < 5; i++) await http.ask({ url: '/', signal: never })
    expect(server.seen).toEqual({ bare: 1, basic: 0, digest: 5, wrong: 0 })
    await Promise.all(Array.from({ length: 6 }, () => http.ask({ url: '/', signal: never })))
    expect(server.seen.wrong).toBe(0)
  })

  it('gives up on a server that calls every nonce stale', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth", stale=true' }).end()
    })
    await using http = client(server.origin)
    expect(await rejection(http.ask({ url: '/', signal: never }))).toBeInstanceOf(ProtocolError)
    expect(server.requests).toHaveLength(3)
  })

  it('signs a raw target as it travels, and each method by its own name', async () => {
    await using server = await guarded({})
    await using http = client(server.origin)
    expect((await http.ask({ url: '/', rawTarget: '/x?f=a;b|c', signal: never })).status).toBe(200)
    expect((await http.ask({ url: '/', method: 'HEAD', signal: never })).status).toBe(200)
    expect((await http.ask({ url: '/', method: 'POST', body: 'x', signal: never })).status).toBe(200)
  })

  it('never goes to another origin', async () => {
    await using other = await guarded({})
    await using server = await serve((_, response) => response.writeHead(302, { location: `${other.origin}/x` }).end())
    await using http = client(server.origin)
    expect(await rejection(http.ask({ url: '/', signal: never }))).toBeInstanceOf(AuthenticationError)
    expect(other.seen).toEqual({ bare: 1, basic: 0, digest: 0, wrong: 0 })
  })

  it('leaves a waiting request free to be aborted', async () => {
    const held: (() => void)[] = []
    await using server = await serve((request, response) => {
      if (request.headers.authorization) return void held.push(() => response.end('in'))
      response.writeHead(401, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' }).end()
    })
    await using http = client(server.origin)
    const first = http.ask({ url: '/', signal: never })
    const control = new AbortController()
    const second = http.ask({ url: '/', signal: control.signal })
    setTimeout(() => control.abort('enough'), 30)
    expect(await rejection(second)).toBe('enough')
    held[0]?.()
    expect((await first).text()).toBe('in')
  })
})

describe('basic', () => {
  it('is not sent over plain HTTP, and says which option would', async () => {
    await using server = await guarded({ kind: 'basic' })
    await using http = client(server.origin)
    const error = await rejection(http.ask({ url: '/', signal: never }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(String(error)).toContain('allowBasicOverHttp')
    expect(server.seen).toEqual({ bare: 1, basic: 0, digest: 0, wrong: 0 })
  })

  it('is sent where it is allowed, and a wrong password once', async () => {
    await using server = await guarded({ kind: 'basic' })
    await using http = client(server.origin, { allowBasicOverHttp: true })
    await http.ask({ url: '/', signal: never })
    await http.ask({ url: '/', signal: never })
    expect(server.seen).toEqual({ bare: 1, basic: 2, digest: 0, wrong: 0 })
    await using wrong = client(server.origin, {
      allowBasicOverHttp: true,
      credentials: { username: 'x', password: 'wrong-password' },
    })
    const error = await rejection(wrong.ask({ url: '/', signal: never }))
    expect(error).toBeInstanceOf(AuthenticationError)
    await rejection(wrong.ask({ url: '/', signal: never }))
    expect(server.seen).toEqual({ bare: 2, basic: 3, digest: 0, wrong: 1 })
    expect(wrong.redact('it is wrong-password, you see')).toBe('it is ***, you see')
  })
})

it('hands a 401 that offers nothing we know to the caller', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="api"' }).end('{"error":"expired"}')
  })
  await using http = client(server.origin)
  const reply = await http.send({ url: '/', signal: never })
  expect(reply.status).toBe(401)
  await reply.discard()
  expect(await rejection(http.ask({ url: '/', signal: never }))).toBeInstanceOf(AuthenticationError)
})
