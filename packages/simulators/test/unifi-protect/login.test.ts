import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ask, headerOf } from '../raw-client.ts'
import { TestClock } from '../test-clock.ts'
import { console, front, json } from './client.ts'

const hour = 3_600_000

describe('which generation it is', () => {
  it('shows in what the root says to anybody', async () => {
    await using legacy = await console({ switches: { profile: 'legacy' } })
    await using modern = await console({ switches: { profile: 'protect-4' } })
    const [old, os] = [await ask(legacy.simulator.url, '/'), await ask(modern.simulator.url, '/')]
    expect([old.status, headerOf(old, 'x-csrf-token'), headerOf(old, 'x-powered-by')]).toEqual([
      200,
      undefined,
      'Express',
    ])
    expect([os.status, headerOf(os, 'server')]).toEqual([200, 'nginx'])
    expect(headerOf(os, 'x-csrf-token')).toMatch(/^[0-9a-f]{64}$/)
    expect(json(await ask(modern.simulator.url, '/api/system'))).toMatchObject({ mac: '4B8290F6D7A3' })
    expect(modern.simulator.log.entries.map(({ node }) => node)).toEqual(['probe', 'system'])
  })

  it('shows in the login that is missing', async () => {
    await using legacy = await console({ switches: { profile: 'legacy' } })
    await using modern = await console()
    expect((await legacy.post('/api/auth/login', { username: 'archivist', password: 'pass' })).status).toBe(404)
    expect((await modern.post('/api/auth', { username: 'archivist', password: 'pass' })).status).toBe(404)
    expect((await ask(modern.simulator.url, '/api/auth/login')).status).toBe(405)
    expect(legacy.simulator.logins).toEqual({ ok: 0, refused: 0, limited: 0 })
  })

  it('has a certificate of unifi.local that also names where it is', async () => {
    await using one = await console()
    const certificate = new X509Certificate(one.simulator.certificate.certificatePem)
    expect(certificate.subject).toBe('CN=unifi.local')
    expect(certificate.subjectAltName).toBe('DNS:unifi.local, DNS:localhost, IP Address:127.0.0.1')
    expect(one.simulator.args.at(-1)).toBe(certificate.fingerprint256)
  })
})

describe('a legacy login', () => {
  it('gives a token for the header, and an access key for the address', async () => {
    await using one = await console({ switches: { profile: 'legacy' } })
    const refused = await one.get('cameras')
    expect([refused.status, json(refused)]).toEqual([401, { error: 'Unauthorized', type: 'AuthenticationError' }])
    expect(json(await one.login({ password: 'wrong' }))).toEqual({ error: 'invalid username or password' })
    const reply = await one.login()
    expect(headerOf(reply, 'authorization')).toMatch(/^[\w-]{43}$/)
    expect(json(reply)).toMatchObject({ modelKey: 'user' })
    expect(json(await one.get('cameras'))).toHaveLength(2)
    const { accessKey } = json(await one.post('/api/auth/access-key', undefined, one.credentials()))
    expect(accessKey).toMatch(/^\d{13}:[0-9a-f]{24}:[0-9a-f]{128}$/)
    const { url } = one.simulator
    expect((await ask(url, `/api/cameras?accessKey=${accessKey}`)).status).toBe(200)
    expect((await ask(url, `/api/cameras?accessKey=${accessKey}0`)).status).toBe(401)
    expect(one.simulator.log.of('access-key').map(({ node }) => node)).toEqual(['access-key'])
  })

  it('ends, and so do its keys', async () => {
    const clock = new TestClock()
    await using one = await console({
      clock,
      switches: { profile: 'legacy', accessKeyTtl: hour, sessionTtl: 2 * hour },
    })
    await one.login()
    const { accessKey } = json(await one.post('/api/auth/access-key', undefined, one.credentials()))
    clock.advance(hour)
    expect((await ask(one.simulator.url, `/api/cameras?accessKey=${accessKey}`)).status).toBe(401)
    expect((await one.get('nvr')).status).toBe(200)
    clock.advance(hour)
    expect((await one.get('nvr')).status).toBe(401)
  })
})

describe('a login of UniFi OS', () => {
  it('gives a cookie, whose name and attributes are of its time', async () => {
    await using four = await console({ switches: { profile: 'protect-4' } })
    await using seven = await console()
    const [old, now] = [await four.login(), await seven.login()]
    expect(headerOf(old, 'set-cookie')).toMatch(
      /^TOKEN=[\w-]+\.[\w-]+\.[\w-]+; path=\/; samesite=none; secure; httponly$/,
    )
    expect(headerOf(now, 'set-cookie')).toMatch(/^UOS_TOKEN=.*; httponly; partitioned$/)
    expect((await seven.get('cameras')).status).toBe(200)
    const renamed = seven.credentials().Cookie!.replace('UOS_TOKEN', 'TOKEN')
    expect((await seven.get('cameras', { headers: { Cookie: renamed } })).status).toBe(401)
    expect(json(await ask(seven.simulator.url, '/api/users/self', { headers: seven.credentials() }))).toMatchObject({
      username: 'archivist',
    })
  })

  it('names a stale CSRF token beside the good one, and takes writes with the good one only', async () => {
    await using one = await console()
    const reply = await one.login()
    const [stale, good] = [headerOf(reply, 'x-csrf-token')!, headerOf(reply, 'x-updated-csrf-token')!]
    const claims = JSON.parse(Buffer.from(one.credentials().Cookie!.split('.')[1]!, 'base64url').toString())
    expect(claims.csrfToken).toBe(good)
    const out = (token: string) => one.post('/api/auth/logout', {}, { ...one.credentials(), 'X-CSRF-Token': token })
    expect((await out(stale)).status).toBe(403)
    expect((await one.get('nvr')).status).toBe(200)
    expect((await out(good)).status).toBe(200)
    expect((await one.get('nvr')).status).toBe(401)
  })

  it('turns the CSRF token with every reply where it was told to', async () => {
    await using one = await console({ switches: { csrfHeader: 'x-csrf-token', rotateCsrf: true } })
    const first = headerOf(await one.login(), 'x-csrf-token')
    const second = headerOf(await one.get('nvr'), 'x-csrf-token')
    const third = headerOf(await one.get('nvr'), 'x-csrf-token')
    expect(new Set([first, second, third]).size).toBe(3)
    const out = (token = '') => one.post('/api/auth/logout', {}, { ...one.credentials(), 'X-CSRF-Token': token })
    expect([(await out(second)).status, (await out(third)).status]).toEqual([403, 200])
  })

  it('may want a token of the root first', async () => {
    await using one = await console({ switches: { csrfOnLogin: 'required' } })
    expect((await one.login()).status).toBe(403)
    const token = headerOf(await ask(one.simulator.url, '/'), 'x-csrf-token')!
    expect((await one.login({}, { 'X-CSRF-Token': token })).status).toBe(200)
    expect(one.simulator.logins).toEqual({ ok: 1, refused: 1, limited: 0 })
  })

  it('lasts two hours, or thirty days for who wants to be remembered', async () => {
    for (const [rememberMe, lasts] of [
      [false, 2 * hour],
      [true, 720 * hour],
    ] as const) {
      const clock = new TestClock()
      await using one = await console({ clock })
      await one.login({ rememberMe })
      const claims = JSON.parse(Buffer.from(one.credentials().Cookie!.split('.')[1]!, 'base64url').toString())
      expect(claims.exp * 1000).toBe(clock.now() + lasts)
      clock.advance(lasts - 1)
      expect((await one.get('nvr')).status).toBe(200)
      clock.advance(1)
      expect((await one.get('nvr')).status).toBe(401)
    }
  })

  it('is over after so many requests, or when it is revoked', async () => {
    await using one = await console({ switches: { expireSessionAfterRequests: 2 } })
    await one.login()
    const statuses: number[] = []
    for (let request = 0; request < 4; request++) statuses.push((await one.get('nvr')).status)
    expect(statuses).toEqual([200, 200, 401, 401])
    one.simulator.set({ expireSessionAfterRequests: 100 })
    await one.login()
    expect((await one.get('nvr')).status).toBe(200)
    one.simulator.revokeSessions()
    expect((await one.get('nvr')).status).toBe(401)
  })

  it('once over, may be answered with the login page instead', async () => {
    await using one = await console({ switches: { expired: '302' } })
    const redirected = await one.get('cameras')
    expect([redirected.status, headerOf(redirected, 'location')]).toEqual([302, '/login'])
    one.simulator.set({ expired: '200-html' })
    const page = await one.film(front!, 0, 1000)
    expect([page.status, headerOf(page, 'content-type')]).toEqual([200, 'text/html'])
  })
})

describe('a login that is refused', () => {
  it('says so in three ways', async () => {
    await using one = await console({ switches: { profile: 'protect-4' } })
    const wrong = async () => {
      const reply = await one.login({ password: 'wrong' })
      return [reply.status, reply.body.toString()]
    }
    expect(await wrong()).toEqual([403, '{"code":"AUTHENTICATION_FAILED","message":"Authentication failed"}'])
    one.simulator.set({ badCreds: '401' })
    expect(await wrong()).toEqual([401, 'Unauthorized'])
    one.simulator.set({ profile: 'protect-7', badCreds: 'profile' })
    expect(await wrong()).toEqual([403, expect.stringContaining('"AUTHENTICATION_FAILED_INVALID_CREDENTIALS"')])
    expect((await one.login({ username: 'somebody' })).status).toBe(403)
    expect((await one.login({ token: null })).status).toBe(400)
    expect(one.simulator.logins).toEqual({ ok: 0, refused: 5, limited: 0 })
  })

  it('wants a second factor under 499', async () => {
    await using one = await console({ switches: { mfa: 'required' } })
    const reply = await one.login({ token: '246810' })
    expect([reply.status, json(reply).code, json(reply).data.required]).toEqual([499, 'MFA_AUTH_REQUIRED', '2fa'])
    one.simulator.set({ mfa: 'totp' })
    expect((await one.login()).status).toBe(499)
    const wrong = await one.login({ token: '111111' })
    expect([wrong.status, wrong.body.toString()]).toEqual([499, expect.stringMatching(/2fa/i)])
    one.simulator.set({ wrongOtp: '401' })
    expect((await one.login({ token: '111111' })).status).toBe(401)
    expect((await one.login({ token: '246810' })).status).toBe(200)
  })

  it('counts the ones that worked for its limit, and says nothing of when to come again', async () => {
    const clock = new TestClock()
    await using one = await console({ clock, switches: { loginLimit: 3, loginWindow: 60_000 } })
    expect((await one.login()).status).toBe(200)
    expect((await one.login({ password: 'wrong' })).status).toBe(403)
    expect((await one.login()).status).toBe(200)
    const limited = await one.login()
    expect([limited.status, limited.body.length, headerOf(limited, 'content-type')]).toEqual([
      429,
      113,
      'application/json; charset=utf-8',
    ])
    expect(json(limited).code).toBe('AUTHENTICATION_FAILED_LIMIT_REACHED')
    expect(headerOf(limited, 'retry-after')).toBeUndefined()
    expect(one.simulator.logins).toEqual({ ok: 2, refused: 1, limited: 1 })
    expect((await one.get('nvr')).status).toBe(200)
    one.simulator.set({ loginRetryAfter: 42 })
    expect(headerOf(await one.login(), 'retry-after')).toBe('42')
    clock.advance(60_000)
    expect((await one.login()).status).toBe(200)
  })

  it('counts only failures where it was told to', async () => {
    await using one = await console({ switches: { loginLimit: 1, countSuccess: false } })
    expect([(await one.login()).status, (await one.login()).status]).toEqual([200, 200])
    await one.login({ password: 'wrong' })
    expect((await one.login()).status).toBe(429)
  })
})

describe('an API key', () => {
  it('opens the integration API and no private one', async () => {
    await using one = await console()
    const { url } = one.simulator
    const headers = { 'X-API-KEY': '0123456789abcdef' }
    const info = await ask(url, '/proxy/protect/integration/v1/meta/info', { headers })
    expect([json(info), headerOf(info, 'ratelimit-policy')]).toEqual([{ applicationVersion: '7.1.87' }, 'q=10; w=1'])
    expect(json(await ask(url, '/proxy/protect/integration/v1/cameras', { headers }))).toHaveLength(2)
    expect((await ask(url, '/proxy/protect/integration/v1/cameras')).status).toBe(401)
    expect((await ask(url, '/proxy/protect/api/cameras', { headers })).status).toBe(401)
    expect((await ask(url, '/proxy/protect/api/bootstrap', { headers })).status).toBe(500)
  })
})
