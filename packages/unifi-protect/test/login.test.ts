import { retry } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { createSession } from '../src/session.ts'
import {
  call,
  failure,
  frozenClock,
  jwt,
  memoryStore,
  password,
  type Script,
  type Scripted,
  scripted,
  settingsFor,
} from './scripted-console.ts'

const token = jwt({ csrfToken: 'csrf-in-the-token' })
const letIn: Scripted = {
  headers: { 'set-cookie': `TOKEN=${token}; Path=/; HttpOnly; Secure; Partitioned`, 'x-csrf-token': 'csrf-1' },
  json: { username: 'archivist' },
}
const root: Scripted = { page: '<html>', headers: { 'x-csrf-token': 'csrf-0' } }

function os(script: Script = {}): Script {
  return {
    'GET /': root,
    'POST /api/auth/login': letIn,
    'POST /api/auth/logout': { json: {} },
    'GET /proxy/protect/api/cameras': { json: [] },
    ...script,
  }
}

function before(script: Script = {}): Script {
  return {
    'GET /': { page: '<html>' },
    'GET /api/bootstrap': { status: 401, json: { error: 'Unauthorized' } },
    'POST /api/auth': { headers: { authorization: 'legacy-token-1' }, json: {} },
    'GET /api/cameras': { json: [] },
    ...script,
  }
}

const logins = 'POST /api/auth/login'

describe('UniFi OS', () => {
  it('lets in with a cookie, which goes along with every question', async () => {
    await using server = await scripted(os())
    await using session = createSession(settingsFor(server))
    const answer = await session.ask('cameras', { a: [1, 2].map(String), b: undefined, c: true }, call)
    expect(answer.json()).toEqual([])
    expect(JSON.parse(server.log.find(({ path }) => path === '/api/auth/login')!.body)).toEqual({
      username: 'archivist',
      password,
      rememberMe: false,
    })
    const asked = server.log.at(-1)!
    expect(asked.headers.cookie).toBe(`TOKEN=${token}`)
    expect(asked.headers['x-csrf-token']).toBeUndefined()
    expect(asked.query.toString()).toBe('a=1&a=2&c=true')
    expect(await session.console(call)).toEqual({
      generation: 'unifi-os',
      origin: server.url,
      root: `${server.url}/proxy/protect/api/`,
    })
    expect(server.asked(logins)).toBe(1)
  })

  it('is asked to remember the login where it is kept, and gets the code where there is one', async () => {
    await using server = await scripted(os())
    await using session = createSession(settingsFor(server, { sessions: memoryStore(), otp: '123456' }))
    await session.console(call)
    expect(JSON.parse(server.log.at(-1)!.body)).toMatchObject({ rememberMe: true, token: '123456' })
  })

  it.each([
    [`UOS_TOKEN=${token}; Path=/; HttpOnly; partitioned`, `UOS_TOKEN=${token}`],
    [[`TOKEN=; Max-Age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT`, `UOS_TOKEN=${token}; Path=/`], `UOS_TOKEN=${token}`],
    [[`NOTOKEN=abcdefghijk; Path=/`, `TOKEN=${token}; expires=Sat, 24 Oct 2026 10:00:00 GMT`], `TOKEN=${token}`],
  ])('takes the cookie of %j', async (header, cookie) => {
    await using server = await scripted(os({ [logins]: { ...letIn, headers: { 'set-cookie': header } } }))
    await using session = createSession(settingsFor(server))
    await session.ask('cameras', {}, call)
    expect(server.log.at(-1)!.headers.cookie).toBe(cookie)
  })

  it.each<[string, Record<string, string>, string]>([
    ['the updated one', { 'x-csrf-token': 'stale', 'x-updated-csrf-token': 'fresh' }, 'fresh'],
    ['the only one', { 'x-csrf-token': 'only' }, 'only'],
    ['the one in the session token', {}, 'csrf-in-the-token'],
  ])('of several CSRF tokens %s counts', async (_, headers, csrf) => {
    const cookie = { 'set-cookie': `TOKEN=${token}` }
    await using server = await scripted(os({ [logins]: { json: {}, headers: { ...cookie, ...headers } } }))
    const session = createSession(settingsFor(server))
    await session.console(call)
    await session[Symbol.asyncDispose]()
    const logout = server.log.at(-1)!
    expect(`${logout.method} ${logout.path}`).toBe('POST /api/auth/logout')
    expect(logout.headers).toMatchObject({ 'x-csrf-token': csrf, cookie: `TOKEN=${token}` })
  })

  it('renews the CSRF token with any reply that brings one', async () => {
    await using server = await scripted(
      os({ 'GET /proxy/protect/api/cameras': { json: [], headers: { 'x-updated-csrf-token': 'csrf-2' } } }),
    )
    const session = createSession(settingsFor(server))
    await session.ask('cameras', {}, call)
    await session[Symbol.asyncDispose]()
    expect(server.log.at(-1)!.headers['x-csrf-token']).toBe('csrf-2')
  })

  it.each([403, 400, 404])('that wants a CSRF token for the login (%i) gets it, once', async (status) => {
    await using server = await scripted(
      os({ [logins]: ({ headers }) => (headers['x-csrf-token'] === 'csrf-0' ? letIn : { status, json: {} }) }),
    )
    await using session = createSession(settingsFor(server))
    await session.console(call)
    expect(server.asked(logins)).toBe(2)
  })

  it('renews the login a minute before it ends, and not for a clock that is wrong', async () => {
    const clock = frozenClock()
    const seconds = clock.now() / 1000
    const claims = [
      // Ten minutes, by a console whose clock is a year behind.
      { iat: seconds - 31_536_000, exp: seconds - 31_536_000 + 600 },
      // Nonsense lasts two hours.
      { iat: seconds, exp: seconds - 1 },
      { iat: seconds },
    ]
    await using server = await scripted(
      os({ [logins]: () => ({ json: {}, headers: { 'set-cookie': `TOKEN=${jwt(claims.shift()!)}` } }) }),
    )
    await using session = createSession(settingsFor(server, { clock }))
    const renewedAfter = async (ms: number) => {
      const earlier = server.asked(logins)
      clock.advance(ms)
      await session.ask('cameras', {}, call)
      return server.asked(logins) - earlier
    }
    expect(await renewedAfter(0)).toBe(1)
    expect(await renewedAfter(539_000)).toBe(0)
    expect(await renewedAfter(1000)).toBe(1)
    expect(await renewedAfter(7_139_000)).toBe(0)
    expect(await renewedAfter(1000)).toBe(1)
  })
})

describe('consoles before UniFi OS', () => {
  it('let in with a token', async () => {
    await using server = await scripted(before())
    await using session = createSession(settingsFor(server))
    await session.ask('cameras', {}, call)
    expect(JSON.parse(server.log.find(({ path }) => path === '/api/auth')!.body)).toEqual({
      username: 'archivist',
      password,
    })
    expect(server.log.at(-1)!.headers).toMatchObject({ authorization: 'Bearer legacy-token-1' })
    expect(server.log.at(-1)!.headers.cookie).toBeUndefined()
    expect(await session.console(call)).toMatchObject({ generation: 'legacy', root: `${server.url}/api/` })
  })

  it('that answer 404 to the login are UniFi OS after all', async () => {
    await using server = await scripted({ ...before({ 'POST /api/auth': { status: 404, json: {} } }), [logins]: letIn })
    await using session = createSession(settingsFor(server))
    expect(await session.console(call)).toMatchObject({ generation: 'unifi-os' })
  })

  it('are not logged out of, for want of a way', async () => {
    await using server = await scripted(before())
    const session = createSession(settingsFor(server))
    await session.console(call)
    await session[Symbol.asyncDispose]()
    expect(server.log.at(-1)!.path).toBe('/api/auth')
  })
})

describe('a login that is refused', () => {
  const authentication = { code: 'AUTHENTICATION', retryable: false, stops: 'run' }
  const failed = 'AUTHENTICATION_FAILED'
  const mfa = {
    message: 'MFA token required to authenticate to SSO',
    code: 'MFA_AUTH_REQUIRED',
    data: { required: '2fa', authenticators: [{ id: 'x', type: 'email' }] },
  }
  const limit = {
    code: 'AUTHENTICATION_FAILED_LIMIT_REACHED',
    message: "You've reached the login attempt limit",
    level: 'debug',
  }

  it.each<[string, Scripted, object, RegExp, string?]>([
    ['401', { status: 401, page: 'Unauthorized' }, authentication, /did not let in the account "archivist" \(HTTP 401/],
    [
      '403 of old',
      { status: 403, json: { code: failed, message: 'Authentication failed' } },
      authentication,
      /local access only/,
    ],
    [
      '403 of now',
      { status: 403, json: { code: `${failed}_INVALID_CREDENTIALS` } },
      authentication,
      /Playback Download/,
    ],
    [
      '499',
      { status: 499, json: mfa },
      { ...authentication, vendorCode: 'mfa' },
      /second factor.*local access only.*option otp/,
    ],
    [
      '499 in spite of a code',
      { status: 499, json: mfa },
      { ...authentication, vendorCode: 'otp' },
      /did not take the code in the option otp/,
      '123456',
    ],
    [
      '401 for the code',
      { status: 401, json: { message: 'Invalid 2FA token' } },
      { ...authentication, vendorCode: 'otp' },
      /taken once/,
      '123456',
    ],
    [
      '401 for the password, with a code',
      { status: 401, json: { message: 'no' } },
      authentication,
      /Check name and password/,
      '123456',
    ],
    [
      '429',
      { status: 429, json: limit },
      { code: 'RATE_LIMITED', stops: 'run', vendorCode: 'login-limit', retryAfterMs: 900_000 },
      /Nothing is wrong with name or password.*successful logins too.*about ten/,
    ],
    [
      '429 with a wait',
      { status: 429, json: limit, headers: { 'retry-after': '120' } },
      { code: 'RATE_LIMITED', retryAfterMs: 120_000 },
      /120 seconds/,
    ],
  ])('by %s is tried once', async (_, answer, expected, words, otp) => {
    await using server = await scripted(os({ [logins]: answer }))
    await using session = createSession(settingsFor(server, { otp }))
    const error = await failure(session.console(call))
    expect(error).toMatchObject({ vendor: 'unifi-protect', ...expected })
    expect(error.message).toMatch(words)
    expect(error.message).toContain(server.url.slice('https://'.length))
    expect(error.message).not.toMatch(/correct horse|123456/)
    expect(await failure(session.ask('cameras', {}, call))).toBe(error)
    expect(
      await failure(session.http.send({ url: `${server.url}/proxy/protect/api/video/export`, signal: call })),
    ).toBe(error)
    expect(server.asked(logins)).toBe(1)
  })

  it('by a console before UniFi OS is tried once', async () => {
    const answer = { status: 401, json: { error: 'invalid username or password' } }
    await using server = await scripted(before({ 'POST /api/auth': answer }))
    await using session = createSession(settingsFor(server))
    const error = await failure(session.console(call))
    expect(error).toMatchObject(authentication)
    expect(error.message).toContain('invalid username or password')
    await failure(session.console(call))
    expect(server.asked('POST /api/auth')).toBe(1)
  })

  it('by the limit is nothing that a transfer waits for', async () => {
    await using server = await scripted(os({ [logins]: { status: 429, json: limit } }))
    const clock = frozenClock()
    await using session = createSession(settingsFor(server, { clock }))
    let tries = 0
    const transfer = () => {
      tries++
      return session.http.send({ url: `${server.url}/proxy/protect/api/video/export`, signal: call })
    }
    expect(await failure(retry(transfer, { clock, signal: call }))).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
    })
    expect(tries).toBe(1)
  })

  it('by the limit is tried again when its time is over', async () => {
    const clock = frozenClock()
    let limited = true
    await using server = await scripted(os({ [logins]: () => (limited ? { status: 429, json: limit } : letIn) }))
    await using session = createSession(settingsFor(server, { clock }))
    const error = await failure(session.console(call))
    limited = false
    clock.advance(899_000)
    expect(await failure(session.console(call))).toBe(error)
    clock.advance(1000)
    expect(await session.console(call)).toMatchObject({ generation: 'unifi-os' })
    expect(clock.skipped).toEqual([])
  })

  it('even with a CSRF token for a reason nobody knows is tried no third time', async () => {
    await using server = await scripted(os({ [logins]: { status: 403, json: { message: `no ${password}` } } }))
    await using session = createSession(settingsFor(server))
    const error = await failure(session.console(call))
    expect(error).toMatchObject(authentication)
    expect(error.message).not.toContain(password)
    expect(server.asked(logins)).toBe(2)
  })

  it.each<[string, Scripted, object, RegExp]>([
    ['405', { status: 405, page: 'no' }, { code: 'PROTOCOL' }, /takes no login \(405/],
    ['a page', { page: '<html>Login' }, { code: 'PROTOCOL' }, /takes no login \(200 with text\/html/],
    [
      'a redirect',
      { status: 302, headers: { location: '/login?x=sesame' } },
      { code: 'PROTOCOL' },
      /302 to https:\/\/127.0.0.1:\d+\/login\)/,
    ],
    ['JSON without a cookie', { json: { ok: true } }, { code: 'PROTOCOL' }, /200 but without a session cookie/],
    ['400', { status: 400, json: { message: 'bad' } }, { code: 'REQUEST' }, /HTTP 400: bad/],
  ])('by %s is no wrong password', async (_, answer, expected, words) => {
    await using server = await scripted(os({ [logins]: answer }))
    await using session = createSession(settingsFor(server))
    const error = await failure(session.console(call))
    expect(error).toMatchObject({ retryable: false, ...expected })
    expect(error.message).toMatch(words)
    expect(error.message).not.toContain('sesame')
    // Only a 400 may have been for want of a CSRF token.
    expect(server.asked(logins)).toBe(answer.status === 400 ? 2 : 1)
  })

  it.each([503, 404])('by a console that starts (%i) is tried again, so often', async (status) => {
    await using server = await scripted(os({ [logins]: { status, page: '<html>nginx' } }))
    await using session = createSession(settingsFor(server, { retry: { retries: 2, delayMs: 1 } }))
    expect(await failure(session.console(call))).toMatchObject({ code: 'SERVER', retryable: true })
    expect(server.asked(logins)).toBe(3)
  })
})
