import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startEagleEye } from '../../src/eagleeye/index.ts'
import { TestClock } from '../test-clock.ts'
import { ask, v3 } from './client.ts'

const redirect = 'http://127.0.0.1:3333'

const authorizeUrl = (auth: string, more = '', uri = redirect) =>
  `${auth}/oauth2/authorize?scope=vms.all&client_id=client-id&response_type=code&redirect_uri=${uri}${more}`

const codeOf = (reply: { headers: Headers }) => new URL(reply.headers.get('location')!).searchParams.get('code')!

describe('the consent', () => {
  it('sends a code to the redirect_uri, which buys tokens once', async () => {
    await using one = await v3()
    const reply = await ask(authorizeUrl(one.cloud.hosts.auth, '&state=a%26b'))
    expect(reply.status).toBe(302)
    expect(reply.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:3333\?code=[0-9a-f]{32}&state=a%26b$/)
    const fields = { grant_type: 'authorization_code', code: codeOf(reply), redirect_uri: redirect }
    const bought = await one.token(fields)
    expect([bought.status, bought.json]).toEqual([
      200,
      {
        ...{ access_token: expect.stringMatching(/^ey[\w-]+\.ey[\w-]+\.[\w-]+$/), expires_in: 43_198 },
        ...{ refresh_token: expect.any(String), scope: 'vms.all', token_type: 'Bearer' },
        httpsBaseUrl: { hostname: '127.0.0.1', port: Number(new URL(one.cloud.hosts.apiCluster).port) },
      },
    ])
    expect((await one.token(fields)).json.error).toBe('invalid_grant')
    expect(one.cloud.tokens).toMatchObject({ exchanged: 1, refused: 1 })
  })

  it('may be a page with a button, or a no', async () => {
    await using one = await v3({ switches: { consent: 'page' } })
    const url = authorizeUrl(one.cloud.hosts.auth, '&state=s')
    const page = await ask(url)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html'])
    const action = page.body
      .toString()
      .match(/action="([^"]+)"/)![1]!
      .replaceAll('&amp;', '&')
    const press = (answer: string) =>
      ask(`${one.cloud.hosts.auth}${action}`, { method: 'POST', body: new URLSearchParams({ answer }) })
    expect((await press('allow')).headers.get('location')).toMatch(/\?code=\w+&state=s$/)
    expect((await press('deny')).headers.get('location')).toBe(`${redirect}?error=access_denied&state=s`)
    one.cloud.set({ consent: 'deny' })
    expect((await ask(url)).headers.get('location')).toBe(`${redirect}?error=access_denied&state=s`)
  })

  it('compares the redirect_uri letter by letter', async () => {
    await using cloud = await startEagleEye()
    const status = async (uri: string) => (await ask(authorizeUrl(cloud.hosts.auth, '', uri))).status
    expect(await status(redirect)).toBe(302)
    for (const wrong of [
      'http://localhost:3333',
      `${redirect}/`,
      encodeURIComponent(redirect),
      'http://127.0.0.1:3334',
      '',
    ])
      expect(await status(wrong)).toBe(400)
    cloud.set({ redirectUris: 'http://127.0.0.1:*/callback http://127.0.0.1:*' })
    expect(await status('http://127.0.0.1:45678/callback')).toBe(302)
    expect(await status('http://127.0.0.1:45678')).toBe(302)
    expect(await status('http://127.0.0.1:1.example.com')).toBe(400)
    for (const [right, wrong] of [
      ['client_id=client-id', 'client_id=x'],
      ['scope=vms.all', 'scope='],
      ['response_type=code', 'response_type=token'],
    ] as const)
      expect((await ask(authorizeUrl(cloud.hosts.auth).replace(right, wrong))).status).toBe(400)
  })

  it('proves the client by Basic, by fields, or by PKCE; a code lasts five minutes', async () => {
    const clock = new TestClock()
    await using one = await v3({ clock })
    const { auth } = one.cloud.hosts
    const verifier = 'a'.repeat(43)
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const buy = async (more: Record<string, string>, headers?: Record<string, string>, late = 0) => {
      const code = codeOf(await ask(authorizeUrl(auth, `&code_challenge=${challenge}&code_challenge_method=S256`)))
      clock.advance(late)
      const fields = { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier }
      const reply = await one.token({ ...fields, ...more }, headers)
      return [reply.status, reply.json.error]
    }
    expect(await buy({})).toEqual([200, undefined])
    expect(await buy({ code_verifier: 'wrong' })).toEqual([401, 'invalid_grant'])
    expect(await buy({ redirect_uri: `${redirect}/` })).toEqual([401, 'invalid_grant'])
    expect(await buy({}, undefined, 300_000)).toEqual([401, 'invalid_grant'])
    expect(await buy({}, {})).toEqual([401, 'invalid_client'])
    expect(await buy({ client_id: 'client-id', client_secret: 'client-secret' }, {})).toEqual([200, undefined])
    expect(await buy({ grant_type: 'password' })).toEqual([400, 'unsupported_grant_type'])
    one.cloud.set({ publicClient: true })
    const code = codeOf(await ask(authorizeUrl(auth)))
    const query = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect,
      client_id: 'client-id',
    })
    const reply = await ask(`${auth}/oauth2/token?${query}`, { method: 'POST' })
    expect([reply.status, reply.json.refresh_token]).toEqual([200, undefined])
    const discovery = (await ask(`${auth}/.well-known/openid-configuration`)).json
    expect(discovery.token_endpoint).toBe(`${auth}/oauth2/token`)
  })
})

describe('refreshing', () => {
  it('replaces both tokens, and the old ones are dead at once', async () => {
    await using one = await v3()
    const old = one.tokens()
    expect((await one.get('users/self')).status).toBe(200)
    expect((await one.refresh()).status).toBe(200)
    expect(one.tokens().refresh_token).not.toBe(old.refresh_token)
    expect((await one.get('users/self')).status).toBe(200)
    const dead = await ask(one.url('users/self'), { headers: { Authorization: `Bearer ${old.access_token}` } })
    expect([dead.status, dead.json.status]).toEqual([401, 'unauthenticated'])
    const again = await one.refresh(old.refresh_token)
    expect([again.status, again.json.error]).toEqual([401, 'invalid_grant'])
    one.cloud.set({ reuse: '400' })
    expect((await one.refresh(old.refresh_token)).status).toBe(400)
    expect(one.cloud.tokens).toEqual({ exchanged: 0, refreshed: 1, reused: 2, overlapping: 0, refused: 2 })
  })

  it('shows when two do it at once, or when somebody else did', async () => {
    await using one = await v3({ switches: { tokenMs: 50 } })
    const { refresh_token: token } = one.tokens()
    const both = await Promise.all([one.refresh(token), one.refresh(token)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    expect(one.cloud.tokens).toMatchObject({ refreshed: 1, reused: 1, overlapping: 1 })
    const theirs = one.cloud.rotateNow()
    expect((await one.get('users/self')).status).toBe(401)
    expect((await one.refresh()).json.error).toBe('invalid_grant')
    expect((await one.refresh(theirs.refresh_token)).status).toBe(200)
  })

  it('is over after 14 days without it and 90 days with it, and access after its time', async () => {
    const day = 86_400_000
    const clock = new TestClock()
    await using one = await v3({ clock })
    clock.advance(43_197_000)
    expect((await one.get('users/self')).status).toBe(200)
    clock.advance(1000)
    expect((await one.get('users/self')).status).toBe(401)
    const statuses = []
    for (let days = 0; days < 91; days += 13) {
      clock.advance(13 * day - (days === 0 ? 43_198_000 : 0))
      statuses.push((await one.refresh()).status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 401])
    await using other = await v3({ clock })
    clock.advance(14 * day)
    expect((await other.refresh()).status).toBe(401)
    expect(other.cloud.tokens.reused).toBe(0)
  })

  it('changes nothing with permanent tokens, until access is over', async () => {
    const clock = new TestClock()
    await using one = await v3({ clock, switches: { rotation: 'permanent', accessTtl: 60_000 } })
    const first = one.tokens()
    clock.advance(30_000)
    await one.refresh()
    expect(one.tokens()).toMatchObject({
      access_token: first.access_token,
      refresh_token: first.refresh_token,
      expires_in: 30,
    })
    clock.advance(30_000)
    await one.refresh()
    expect(one.tokens().access_token).not.toBe(first.access_token)
    expect(one.tokens().refresh_token).toBe(first.refresh_token)
  })

  it('fails, or works without anybody hearing of it', async () => {
    await using one = await v3({ switches: { tokenFailN: 1, tokenFailStatus: '429', retryAfter: 4 } })
    const limited = await one.refresh()
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '4'])
    expect((await one.refresh()).status).toBe(200)
    await using other = await v3({ switches: { tokenFailN: 1, tokenFailStatus: 'after' } })
    await expect(other.refresh()).rejects.toThrow()
    expect((await other.refresh()).json.error).toBe('invalid_grant')
    expect(other.cloud.tokens).toMatchObject({ refreshed: 1, reused: 1 })
  })

  it('leaves nothing after a revocation', async () => {
    await using one = await v3()
    const revoke = (token: string) =>
      ask(`${one.cloud.hosts.auth}/oauth2/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ token, client_id: 'client-id', client_secret: 'client-secret' }),
      })
    expect((await revoke(one.tokens().refresh_token!)).status).toBe(200)
    expect([(await one.get('users/self')).status, (await one.refresh()).status]).toEqual([401, 401])
  })
})

describe('credentials', () => {
  it('are for their hosts alone', async () => {
    await using one = await v3()
    const { classicLogin, apiCluster, auth } = one.cloud.hosts
    const secret = { Authorization: `Basic ${Buffer.from('client-id:client-secret').toString('base64')}` }
    await one.refresh()
    await one.get('users/self')
    expect(one.cloud.violations).toEqual([])
    await ask(`${classicLogin}/g/aaa/isauth`, { headers: one.bearer() })
    await ask(`${auth}/oauth2/userinfo`, { headers: one.bearer() })
    await ask(`${apiCluster}/api/v3.0/users/self`, { headers: secret })
    expect(one.cloud.violations).toEqual([
      'Bearer credentials sent to classicLogin',
      'Bearer credentials sent to auth',
      'Basic credentials sent to apiCluster',
    ])
  })
})

describe('the base URL', () => {
  it('is told by tokens and clientSettings, and changes', async () => {
    await using one = await v3()
    const { api, apiOther } = one.cloud.hosts
    const settings = async () =>
      (await ask(`${api}/api/v3.0/clientSettings`, { headers: one.bearer() })).json.httpsBaseUrl
    expect(await settings()).toEqual(one.tokens().httpsBaseUrl)
    expect((await ask(`${api}/api/v3.0/users/self`, { headers: one.bearer() })).status).toBe(403)
    one.cloud.moveAccount()
    expect((await settings()).port).toBe(Number(new URL(apiOther).port))
    expect((await one.get('users/self')).json.code).toBe(403)
    one.cloud.set({ wrongCluster: '401' })
    expect((await one.get('users/self')).status).toBe(401)
    expect((await ask(`${apiOther}/api/v3.0/users/self`, { headers: one.bearer() })).status).toBe(200)
    expect((await one.refresh()).json.httpsBaseUrl).toEqual(await settings())
  })
})
