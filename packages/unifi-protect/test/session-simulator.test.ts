import {
  startUnifiProtect,
  type UnifiProtectSimulator,
  type UnifiProtectSimulatorOptions,
} from '@cam/simulators/unifi-protect'
import { describe, expect, it } from 'vitest'
import { readOptions, type UnifiProtectOptions } from '../src/options.ts'
import { createSession, type Session } from '../src/session.ts'
import { call, failure, frozenClock, memoryStore } from './scripted-console.ts'

const profiles = ['legacy', 'protect-4', 'protect-7'] as const
type Switches = NonNullable<UnifiProtectSimulatorOptions['switches']>

interface Pair extends AsyncDisposable {
  readonly console: UnifiProtectSimulator
  readonly session: Session
  /** A later run on the same console. */
  again(options?: Partial<UnifiProtectOptions>): Session
}

async function pair(switches: Switches, options: Partial<UnifiProtectOptions> = {}): Promise<Pair> {
  const simulator = await startUnifiProtect({ switches })
  const made: Session[] = []
  const again = (more: Partial<UnifiProtectOptions> = {}) => {
    const session = createSession(
      readOptions({
        address: simulator.host,
        username: 'archivist',
        password: 'pass',
        tls: { fingerprint256: simulator.certificate.fingerprint256 },
        clock: frozenClock(Date.now()),
        retry: { delayMs: 1 },
        env: {},
        ...options,
        ...more,
      }),
    )
    made.push(session)
    return session
  }
  return {
    console: simulator,
    session: again(),
    again,
    async [Symbol.asyncDispose]() {
      for (const session of made) await session[Symbol.asyncDispose]()
      await simulator.close()
      if (simulator.violations.length > 0) throw new Error(`The client did ${simulator.violations.join(', ')}.`)
    },
  }
}

const nvr = async (session: Session) => (await session.ask('nvr', {}, call)).json() as { readonly id: string }

describe.each(profiles)('%s', (profile) => {
  it('is found and lets in, once for all questions', async () => {
    await using both = await pair({ profile })
    const { console: simulator, session } = both
    await Promise.all([nvr(session), nvr(session), session.console(call)])
    expect(await session.console(call)).toEqual({
      generation: profile === 'legacy' ? 'legacy' : 'unifi-os',
      origin: simulator.url,
      root: `${simulator.url}${profile === 'legacy' ? '/api/' : '/proxy/protect/api/'}`,
    })
    expect(simulator.logins).toEqual({ ok: 1, refused: 0, limited: 0 })
  })

  it('revokes the login: it is renewed once', async () => {
    await using both = await pair({ profile })
    const { id } = await nvr(both.session)
    both.console.revokeSessions()
    expect((await Promise.all([nvr(both.session), nvr(both.session)])).map((each) => each.id)).toEqual([id, id])
    expect(both.console.logins).toMatchObject({ ok: 2, refused: 0 })
  })

  it('ends logins after a few requests: the work goes on', async () => {
    await using both = await pair({ profile, expireSessionAfterRequests: 2 })
    for (let i = 0; i < 5; i++) await nvr(both.session)
    expect(both.console.logins).toMatchObject({ ok: 3, refused: 0 })
  })

  it('takes the login of an earlier run: no probe, no login', async () => {
    await using both = await pair({ profile }, { sessions: memoryStore() })
    await nvr(both.session)
    await both.session[Symbol.asyncDispose]()
    const { total } = both.console.log.counts()
    for (const _ of [1, 2]) {
      const later = both.again()
      await nvr(later)
      await later[Symbol.asyncDispose]()
    }
    expect(both.console.log.counts().total).toBe(total + 2)
    expect(both.console.logins.ok).toBe(1)
  })

  it('refuses a wrong password: one try for a whole run', async () => {
    await using both = await pair({ profile }, { password: 'wrong horse' })
    const error = await failure(nvr(both.session))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', stops: 'run' })
    expect(error.message).not.toContain('wrong horse')
    await failure(nvr(both.session))
    expect(both.console.logins).toEqual({ ok: 0, refused: 1, limited: 0 })
  })

  it('counts logins: the limit is no wrong password, and not asked again', async () => {
    await using both = await pair({ profile, loginLimit: 2 })
    for (let i = 0; i < 2; i++) await nvr(both.again())
    const error = await failure(nvr(both.session))
    expect(error).toMatchObject({ code: 'RATE_LIMITED', stops: 'run', vendorCode: 'login-limit' })
    expect(error.message).toContain('Nothing is wrong with name or password')
    await failure(nvr(both.session))
    expect(both.console.logins).toEqual({ ok: 2, refused: 0, limited: 1 })
  })

  it('crashes: when it is up again, one new login serves', async () => {
    await using both = await pair({ profile, downMs: 0 })
    const { id } = await nvr(both.session)
    both.console.crash()
    expect(await nvr(both.session)).toMatchObject({ id })
    expect(both.console.logins.ok).toBe(2)
  })
})

describe('UniFi OS', () => {
  it.each(['302', '200-html'] as const)('shows its login page in place of a 401 (%s)', async (expired) => {
    await using both = await pair({ expired })
    const { id } = await nvr(both.session)
    both.console.revokeSessions()
    expect(await nvr(both.session)).toMatchObject({ id })
    expect(both.console.logins.ok).toBe(2)
  })

  it('wants a CSRF token for the login', async () => {
    await using both = await pair({ csrfOnLogin: 'required' })
    await nvr(both.session)
    expect(both.console.logins).toEqual({ ok: 1, refused: 1, limited: 0 })
  })

  it.each(['x-csrf-token', 'x-updated-csrf-token', 'both'] as const)(
    'changes its CSRF token with every reply (%s): the log-out has the newest',
    async (csrfHeader) => {
      await using both = await pair({ csrfHeader, rotateCsrf: true })
      for (let i = 0; i < 3; i++) await nvr(both.session)
      await both.session[Symbol.asyncDispose]()
      expect(both.console.log.of('logout').map(({ status }) => status)).toEqual([200])
    },
  )

  it('wants a second factor', async () => {
    await using both = await pair({ mfa: 'totp' })
    expect(await failure(nvr(both.session))).toMatchObject({ code: 'AUTHENTICATION', vendorCode: 'mfa' })
    expect(await nvr(both.again({ otp: '246810' }))).toMatchObject({ id: expect.any(String) })
    for (const wrongOtp of ['401', '499'] as const) {
      both.console.set({ wrongOtp })
      expect(await failure(nvr(both.again({ otp: '135791' })))).toMatchObject({
        code: 'AUTHENTICATION',
        vendorCode: 'otp',
      })
    }
    expect(both.console.logins.refused).toBe(3)
  })
})

describe('access keys of consoles before UniFi OS', () => {
  it('let exports in, and are renewed', async () => {
    await using both = await pair({ profile: 'legacy' }, { renew: { accessKeyAfter: 2, loginAfter: 3 } })
    for (let i = 0; i < 4; i++) {
      const url = await both.session.url('video/export', { camera: 'none', start: 1, end: 2, channel: 0 }, call)
      const reply = await both.session.http.send({ url, signal: call })
      expect(reply.status).not.toBe(401)
      await reply.discard()
    }
    expect(both.console.logins.ok).toBe(2)
    expect(both.console.log.of('access-key')).toHaveLength(3)
    expect(both.console.log.of('media').every(({ target }) => /accessKey=\d+%3A/.test(target))).toBe(true)
  })
})
