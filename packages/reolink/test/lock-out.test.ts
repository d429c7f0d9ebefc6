import { describe, expect, it, onTestFinished } from 'vitest'
import { forward, portOf } from './forwarder.ts'
import { countOf, never, pretend, thrown } from './pretend-device.ts'

const info = { cmd: 'GetDevInfo' }
const wrong = 'not-the-password-9f3'

describe('a wrong password', () => {
  it.each(['-7', '-502'] as const)('that gets %s is tried once, ever, and the tries left are told', async (code) => {
    const { simulator, client, clock } = await pretend({ switches: { wrongPassword: code } })
    const device = client({ password: wrong })
    const asks = [
      () => device.ask(info, never),
      () => device.snapshot(0, never),
      () => device.token(never),
      () => device.renew(never),
      () => device.facts(never),
    ]
    const errors = await Promise.all([device.ask(info, never), device.ask(info, never)].map(thrown))
    for (const ask of asks) {
      await clock.advance(3_600_000)
      errors.push(await thrown(ask()))
    }
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'AUTHENTICATION', retryable: false, stops: 'run', vendorCode: Number(code) })
      expect(error.message).toMatch(/"admin".*9 more tries.*not tried again/s)
      expect(String(error.stack)).not.toContain(wrong)
    }
    expect(countOf(simulator, 'Login')).toBe(1)
    await device[Symbol.asyncDispose]()
    expect(simulator.requests).toHaveLength(1)
    expect(simulator.violations).toEqual([])
  })

  it('with the request itself is tried once, too', async () => {
    const { simulator, client } = await pretend()
    const device = client({ password: wrong, login: 'short' })
    for (const ask of [() => device.snapshot(0, never), () => device.ask(info, never), () => device.token(never)]) {
      const error = await thrown(ask())
      expect(error).toMatchObject({ code: 'AUTHENTICATION', vendorCode: -7 })
      expect(String(error.stack)).not.toContain(wrong)
    }
    expect(simulator.requests).toHaveLength(1)
  })

  it('in an encrypted login is tried once, and never sent', async () => {
    const { simulator, client } = await pretend({ switches: { profile: 'hub' } })
    const device = client({ password: wrong, login: 'encrypted' })
    for (let turn = 0; turn < 2; turn++) {
      expect(await thrown(device.ask(info, never))).toMatchObject({ code: 'AUTHENTICATION', vendorCode: -502 })
    }
    expect(countOf(simulator, 'Login')).toBe(2)
    expect(JSON.stringify(simulator.requests)).not.toContain(wrong)
    expect(simulator.violations).toEqual([])
  })
})

describe('an answer that says of the password that it is wrong', () => {
  const refusal =
    '[ { "cmd" : "Login", "code" : 1, "error" : { "auth_warning_info" : { "remain_times" : 9, "unlock_time" : 0 }, "detail" : "login failed", "rspCode" : -7 } } ]'
  const digest = { 'www-authenticate': 'Digest qop="auth", realm="R", nonce="00ff", nc=00000001' }

  it.each([
    ['and offers the encrypted login, too', refusal, digest],
    ['and is cut off', refusal.slice(0, -20), {}],
  ])('%s, is believed at once', async (_, body, headers) => {
    const { simulator, client } = await pretend()
    let logins = 0
    const entrance = await forward(simulator, () => {
      logins++
      return { status: 200, headers: { 'content-type': 'text/html', ...headers }, body }
    })
    onTestFinished(() => void entrance.close())
    const device = client({ host: `127.0.0.1:${portOf(entrance)}`, password: wrong })
    for (let turn = 0; turn < 2; turn++) {
      expect(await thrown(device.ask(info, never))).toMatchObject({ code: 'AUTHENTICATION', stops: 'run' })
    }
    expect(logins).toBe(1)
  })
})

describe('a locked account', () => {
  it.each(['-506', '-7'] as const)(
    '(%s) is left alone until the device opens it, which is told',
    async (lockedCode) => {
      const { simulator, client, clock } = await pretend({ switches: { loginTries: 1, lockedCode } })
      await thrown(client({ password: wrong }).ask(info, never))
      const device = client()
      for (let turn = 0; turn < 3; turn++) {
        const error = await thrown(turn === 1 ? device.snapshot(0, never) : device.ask(info, never))
        expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true, stops: 'run', retryAfterMs: 300_000 })
        expect(error.message).toMatch(/locked the account "admin" for another 5 minutes/)
      }
      expect(countOf(simulator, 'Login')).toBe(2)
      await clock.advance(300_000)
      expect(await device.ask(info, never)).toMatchObject({ DevInfo: {} })
      expect(countOf(simulator, 'Login')).toBe(3)
    },
  )
})

describe('a full table of sessions', () => {
  it('is said clearly, and tried again when one ended', async () => {
    const { simulator, device, client } = await pretend({ switches: { sessionCap: 1 } })
    const other = client()
    await other.ask(info, never)
    const once = client({ retry: { retries: 0 } })
    const error = await thrown(once.ask(info, never))
    expect(error).toMatchObject({ code: 'BUSY', retryable: true, vendorCode: -5, retryAfterMs: 15_000 })
    expect(error.message).toMatch(/no session left: max session.*after an hour/s)
    await other[Symbol.asyncDispose]()
    expect(await device.ask(info, never)).toMatchObject({ DevInfo: {} })
    await device[Symbol.asyncDispose]()
    expect(simulator.truth().sessions).toMatchObject({ open: 0, maximum: 1 })
  })

  it('lists who is logged in, and ends one of them', async () => {
    const { simulator, device, client } = await pretend({ switches: { sessionCap: 2 } })
    await client().ask(info, never)
    await device.ask(info, never)
    const sessions = await device.sessions(never)
    expect(sessions).toEqual([
      { id: '1', user: 'admin', address: '127.0.0.1', level: 'admin', canEnd: true },
      { id: '2', user: 'admin', address: '127.0.0.1', level: 'admin', canEnd: false },
    ])
    await device.endSession('1', never)
    expect(simulator.truth().sessions).toMatchObject({ open: 1 })
    expect(await thrown(device.endSession('1', never))).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a login that fails for the moment', () => {
  it.each(['-8', '-17', '502'] as const)('(%s) is tried again', async (loginFailAs) => {
    const { simulator, device } = await pretend({ switches: { loginFailN: 1, loginFailAs } })
    expect(await device.ask(info, never)).toMatchObject({ DevInfo: {} })
    expect(countOf(simulator, 'Login')).toBe(2)
  })

  it('as frequent logins is told with how long to wait', async () => {
    const { device } = await pretend({
      switches: { loginFailN: 1, loginFailAs: '-105' },
      options: { retry: { retries: 0 } },
    })
    const error = await thrown(device.ask(info, never))
    expect(error).toMatchObject({ code: 'RATE_LIMITED', vendorCode: -105, retryAfterMs: 60_000 })
  })

  it('as a page is no Reolink device', async () => {
    const { device } = await pretend({ switches: { loginFailN: 9, loginFailAs: 'html' } })
    const error = await thrown(device.ask(info, never))
    expect(error).toMatchObject({ code: 'PROTOCOL' })
    expect(error.message).toMatch(/does not speak as a Reolink device/)
  })
})
