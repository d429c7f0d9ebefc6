import { describe, expect, it } from 'vitest'
import { type AxisSwitches, type AxisTimelapse2Options, startAxisTimelapse2 } from '../src/axis-timelapse2/index.ts'
import { ask, askLoggedIn, authorize, headerOf } from './raw-client.ts'
import { TestClock } from './test-clock.ts'

const list = '/local/timelapse2/archive'
const start = (switches: Partial<AxisSwitches> = {}, more: AxisTimelapse2Options = {}) =>
  startAxisTimelapse2({ ...more, switches: { world: 'empty', ...switches } })

const challengesOf = (reply: Awaited<ReturnType<typeof ask>>) =>
  reply.headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value)

describe('the challenge', () => {
  const nonce = 'nonce="[A-Za-z0-9+/]{11}=[0-9a-f]{40}"'

  it("has mod_auth_digest's own shape and a page of HTML, but not on HEAD", async () => {
    await using camera = await start({}, { serial: 'ACCC8E0A0B0C' })
    const reply = await ask(camera.url, list)
    expect([reply.status, reply.reason]).toEqual([401, 'Unauthorized'])
    expect(challengesOf(reply)).toHaveLength(1)
    expect(challengesOf(reply)[0]).toMatch(
      new RegExp(`^Digest realm="AXIS_ACCC8E0A0B0C", ${nonce}, algorithm=MD5, qop="auth"$`),
    )
    expect(headerOf(reply, 'content-type')).toBe('text/html; charset=iso-8859-1')
    expect(headerOf(reply, 'server')).toMatch(/^Apache\/2\.4\.\d+ \(Unix\) OpenSSL/)
    expect(reply.body.toString()).toMatch(/^<!DOCTYPE HTML PUBLIC "-\/\/IETF\/\/DTD HTML 2\.0\/\/EN">/)
    expect(reply.body.length).toBeGreaterThan(350)
    const head = await ask(camera.url, list, { method: 'HEAD' })
    expect([head.status, head.surplus.length]).toEqual([401, 0])
  })

  it('never repeats a nonce', async () => {
    await using camera = await start({}, { clock: new TestClock() })
    const [first, second] = [await ask(camera.url, list), await ask(camera.url, list)]
    expect(challengesOf(first)[0]).not.toBe(challengesOf(second)[0])
  })

  for (const [auth, shapes] of [
    ['basic', ['^Basic realm="AXIS_ACCC8E000001"$']],
    ['digest-sha256', [`${nonce}, algorithm=SHA-256, qop="auth"$`]],
    ['both', ['algorithm=SHA-256', 'algorithm=MD5']],
    ['basic+digest', ['^Basic ', '^Digest ']],
    ['basic+digest-one-header', ['^Basic realm="AXIS_ACCC8E000001", Digest realm="AXIS_ACCC8E000001"']],
  ] as const) {
    it(`lists what ${auth} offers`, async () => {
      await using camera = await start({ auth })
      const challenges = challengesOf(await ask(camera.url, list))
      expect(challenges).toHaveLength(shapes.length)
      shapes.forEach((shape, index) => {
        expect(challenges[index]).toMatch(new RegExp(shape))
      })
    })
  }
})

describe('logging in', () => {
  it('lets MD5 and SHA-256 in and proves itself', async () => {
    for (const auth of ['digest-md5', 'digest-sha256', 'both'] as const) {
      await using camera = await start({ auth })
      const reply = await askLoggedIn(camera.url, list)
      expect(reply.status).toBe(200)
      expect(headerOf(reply, 'authentication-info')).toMatch(
        /^rspauth="[0-9a-f]+", cnonce="0123456789abcdef", nc=00000001, qop=auth$/,
      )
      expect(camera.log.counts()).toMatchObject({ authenticated: 1, unauthenticated: 1 })
    }
  })

  it('lets Basic in where it is offered, and nowhere else', async () => {
    const Authorization = `Basic ${Buffer.from('root:pass').toString('base64')}`
    await using open = await start({ auth: 'basic+digest' })
    expect((await ask(open.url, list, { headers: { Authorization } })).status).toBe(200)
    await using closed = await start()
    expect((await ask(closed.url, list, { headers: { Authorization } })).status).toBe(401)
    await using none = await start({ auth: 'none' })
    expect((await ask(none.url, list)).status).toBe(200)
  })

  it('knows users and passwords beyond ASCII, as UTF-8 bytes', async () => {
    await using camera = await start({}, { user: 'josé', password: 'pÄss"\\' })
    const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
    const login = { user: bytes('josé'), password: bytes('pÄss"\\') }
    expect((await askLoggedIn(camera.url, list, { login })).status).toBe(200)
  })

  it('counts wrong passwords, and not questions without credentials', async () => {
    await using camera = await start()
    const reply = await askLoggedIn(camera.url, list, { login: { password: 'wrong' } })
    expect([reply.status, challengesOf(reply)[0]?.includes('stale')]).toEqual([401, false])
    expect(camera.badLogins).toBe(1)
  })

  it('answers 400 when the digest covers another target, and accepts another spelling of the same', async () => {
    await using camera = await start()
    const target = `${list}?a=b-c`
    const other = await askLoggedIn(camera.url, target, { login: { uri: list } })
    expect([other.status, headerOf(other, 'content-type')]).toEqual([400, 'text/html; charset=iso-8859-1'])
    expect((await askLoggedIn(camera.url, target, { login: { uri: `${list}?a=b%2Dc` } })).status).toBe(200)
    const absolute = { uri: `http://camera${target}` }
    expect((await askLoggedIn(camera.url, target, { login: absolute })).status).toBe(200)
  })

  it('hashes the method', async () => {
    await using camera = await start()
    const challenge = challengesOf(await ask(camera.url, list))[0]!
    const headers = { Authorization: authorize(challenge, 'GET', list) }
    expect((await ask(camera.url, list, { method: 'HEAD', headers })).status).toBe(401)
    expect((await ask(camera.url, list, { headers })).status).toBe(200)
  })

  it('refuses an operator again and again, without stale', async () => {
    await using camera = await start({ role: 'operator' })
    const reply = await askLoggedIn(camera.url, list)
    expect([reply.status, challengesOf(reply)[0]?.includes('stale')]).toEqual([401, false])
  })
})

describe('nonces', () => {
  const withNonce = async (url: string, challenge: string, nc = '00000001') =>
    ask(url, list, { headers: { Authorization: authorize(challenge, 'GET', list, { nc }) } })

  it('go stale with age, and are checked at the start of a request alone', async () => {
    const clock = new TestClock()
    await using camera = await start({ nonceTtl: 2000 }, { clock })
    const challenge = challengesOf(await ask(camera.url, list))[0]!
    clock.advance(1999)
    expect((await withNonce(camera.url, challenge)).status).toBe(200)
    expect((await withNonce(camera.url, challenge)).status).toBe(200)
    clock.advance(1)
    const late = await withNonce(camera.url, challenge)
    expect(late.status).toBe(401)
    expect(challengesOf(late)[0]).toMatch(/algorithm=MD5, stale=true, qop="auth"$/)
    const wrong = await ask(camera.url, list, {
      headers: { Authorization: authorize(challenge, 'GET', list, { password: 'wrong' }) },
    })
    expect(challengesOf(wrong)[0]).not.toMatch(/stale/)
  })

  it('that are forged are stale, and malformed ones just wrong', async () => {
    await using camera = await start()
    const challenge = challengesOf(await ask(camera.url, list))[0]!
    const forged = challenge.replace(/=([0-9a-f]{40})"/, `=${'0'.repeat(40)}"`)
    expect(challengesOf(await withNonce(camera.url, forged))[0]).toMatch(/stale=true/)
    const malformed = challenge.replace(/nonce="[^"]*"/, 'nonce="abc"')
    expect(challengesOf(await withNonce(camera.url, malformed))[0]).not.toMatch(/stale/)
  })

  it('are good once where they are one-time, and bring the next', async () => {
    await using camera = await start({ oneTime: true })
    const challenge = challengesOf(await ask(camera.url, list))[0]!
    expect(challenge).toMatch(/algorithm=MD5, opaque="[0-9a-f]{16}", qop="auth"$/)
    const reply = await withNonce(camera.url, challenge)
    const next = /nextnonce="([^"]+)"/.exec(headerOf(reply, 'authentication-info') ?? '')?.[1]
    expect([reply.status, typeof next]).toEqual([200, 'string'])
    expect(challengesOf(await withNonce(camera.url, challenge))[0]).toMatch(/stale=true/)
    expect((await withNonce(camera.url, challenge.replace(/nonce="[^"]*"/, `nonce="${next}"`))).status).toBe(200)
    const fresh = challengesOf(await ask(camera.url, list))[0]!
    expect((await withNonce(camera.url, fresh.replace(/, opaque="[^"]*"/, ''))).status).toBe(401)
  })

  it('count upwards where that is checked, gaps allowed', async () => {
    await using camera = await start({ ncCheck: true })
    const challenge = challengesOf(await ask(camera.url, list))[0]!
    expect((await withNonce(camera.url, challenge, '00000001')).status).toBe(200)
    expect((await withNonce(camera.url, challenge, '0000000a')).status).toBe(200)
    const again = await withNonce(camera.url, challenge, '0000000a')
    expect([again.status, challengesOf(again)[0]?.includes('stale')]).toEqual([401, false])
    expect(camera.badLogins).toBe(0)
  })

  it('go stale at every n-th request, never twice running', async () => {
    await using camera = await start({ staleOnNth: 2 })
    const statuses: number[] = []
    for (let request = 0; request < 4; request++) statuses.push((await askLoggedIn(camera.url, list)).status)
    expect(statuses).toEqual([200, 401, 200, 401])
    camera.set({ staleOnNth: 1 })
    expect((await askLoggedIn(camera.url, list)).status).toBe(200)
    expect((await askLoggedIn(camera.url, list)).status).toBe(401)
  })
})

describe('the brake', () => {
  it('blocks everybody for 10 s after more than 20 wrong logins in a second', async () => {
    const clock = new TestClock()
    await using camera = await start({}, { clock })
    const challenge = challengesOf(await ask(camera.url, list))[0]!
    const wrong = { Authorization: authorize(challenge, 'GET', list, { password: 'wrong' }) }
    for (let login = 0; login < 21; login++) expect((await ask(camera.url, list, { headers: wrong })).status).toBe(401)
    const right = { Authorization: authorize(challenge, 'GET', list) }
    expect((await ask(camera.url, list, { headers: right })).status).toBe(403)
    clock.advance(10_000)
    expect((await ask(camera.url, list, { headers: right })).status).toBe(200)
  })
})
