import { openBody } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { createSession, type Session } from '../src/session.ts'
import {
  call,
  failure,
  frozenClock,
  jwt,
  password,
  type Received,
  type Script,
  type Scripted,
  scripted,
  settingsFor,
} from './scripted-console.ts'

const logins = 'POST /api/auth/login'
const exportPath = '/proxy/protect/api/video/export'
const refusedOnce: Scripted = { status: 401, json: { error: 'Unauthorized' } }

/** A console whose sessions can be revoked. */
function os(script: Script = {}) {
  let made = 0
  let revoked = 0
  const number = ({ headers }: Received) =>
    Number(/TOKEN=[^.]*\.[^.]*\.session-(\d+)/.exec(headers.cookie ?? '')?.[1] ?? 0)
  const whole: Script = {
    'GET /': { page: '<html>', headers: { 'x-csrf-token': 'csrf-0' } },
    [logins]: () => {
      const token = jwt({}).replace(/[^.]*$/, `session-${++made}`)
      return {
        json: {},
        headers: { 'set-cookie': `TOKEN=${token}; HttpOnly`, 'x-csrf-token': `csrf-${made}-of-login` },
      }
    },
    'POST /api/auth/logout': { json: {} },
    'GET /proxy/protect/api/cameras': { json: [] },
    [`GET ${exportPath}`]: { json: { error: 502, operationId: 8969 }, status: 404 },
    ...script,
  }
  const guarded = Object.entries(whole).map(([what, answer]) => {
    if (!what.includes('/proxy/')) return [what, answer]
    const guard = (request: Received) => {
      if (number(request) <= revoked) return refusedOnce
      return typeof answer === 'function' ? answer(request) : answer
    }
    return [what, guard]
  })
  return {
    script: Object.fromEntries(guarded) as Script,
    revoke() {
      revoked = made
    },
  }
}

async function exported(session: Session) {
  const url = await session.url('video/export', { camera: 'c', start: 1, end: 2 }, call)
  const reply = await session.http.send({ url, signal: call })
  await reply.discard()
  return reply
}

describe('one login', () => {
  it('serves everybody, however many ask at the same time', async () => {
    await using server = await scripted(os().script)
    await using session = createSession(settingsFor(server))
    expect(server.log).toEqual([])
    await Promise.all([session.console(call), session.ask('cameras', {}, call), exported(session), exported(session)])
    expect(server.asked(logins)).toBe(1)
    expect(server.asked('GET /')).toBe(1)
  })

  it('is not lost to others when the first asker gives up', async () => {
    await using server = await scripted(os().script)
    await using session = createSession(settingsFor(server))
    const given = new AbortController()
    const first = failure(session.console(given.signal))
    const second = session.ask('cameras', {}, call)
    given.abort(new Error('enough'))
    expect((await first).message).toBe('enough')
    expect((await second).json()).toEqual([])
  })

  it('ends with the source, within seconds also where nobody answers', async () => {
    let asked: () => void = () => {}
    const logout = new Promise<void>((resolve) => {
      asked = resolve
    })
    const endless = () => {
      asked()
      return new Promise<Scripted>(() => {})
    }
    await using server = await scripted(os({ 'POST /api/auth/logout': endless }).script)
    let late: () => void = () => {}
    const clock = {
      ...frozenClock(),
      wait: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          if (ms === 3000) late = resolve
          signal?.addEventListener('abort', () => reject(signal.reason))
        }),
    }
    const session = createSession(settingsFor(server, { clock }))
    await session.console(call)
    const disposed = session[Symbol.asyncDispose]()
    await logout
    late()
    await disposed
    expect(server.asked('POST /api/auth/logout')).toBe(1)
  })

  it('that was never made is not ended', async () => {
    await using server = await scripted(os().script)
    await createSession(settingsFor(server))[Symbol.asyncDispose]()
    expect(server.log).toEqual([])
  })

  it('is sent nowhere else', async () => {
    await using server = await scripted(os().script)
    await using other = await scripted({})
    await using session = createSession(settingsFor(server))
    await expect(session.http.send({ url: `${other.url}/proxy/protect/api/x`, signal: call })).rejects.toThrow(
      TypeError,
    )
    expect(other.log).toEqual([])
  })
})

describe('a login that was revoked', () => {
  it('is renewed once for all, and every request asked again', async () => {
    const { script, revoke } = os()
    await using server = await scripted(script)
    await using session = createSession(settingsFor(server, { exports: 4 }))
    await session.console(call)
    revoke()
    const replies = await Promise.all([1, 2, 3, 4].map(() => exported(session)))
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect(server.asked(logins)).toBe(2)
    revoke()
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(server.asked(logins)).toBe(3)
  })

  it('and is refused right after a new one ends the run', async () => {
    await using server = await scripted(os({ [`GET ${exportPath}`]: refusedOnce }).script)
    await using session = createSession(settingsFor(server))
    const error = await failure(exported(session))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', vendorCode: 'session', stops: 'run', retryable: false })
    expect(error.message).toMatch(/let in the account "archivist" and then refused it.*video\/export/)
    expect(server.asked(logins)).toBe(2)
  })

  it.each<[string, Scripted]>([
    ['a redirect', { status: 302, headers: { location: '/login' } }],
    ['a page', { page: '<html>Login' }],
  ])('may show as %s', async (_, bounce) => {
    let bounces = 1
    const answer = () => (bounces-- > 0 ? bounce : { status: 200, json: [1] })
    await using server = await scripted(os({ 'GET /proxy/protect/api/cameras': answer }).script)
    await using session = createSession(settingsFor(server))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([1])
    expect(server.asked(logins)).toBe(2)
  })

  it('does not explain pages that come whatever the login: one more of them for a whole run', async () => {
    await using server = await scripted(os({ [`GET ${exportPath}`]: { page: '<html>Welcome' } }).script)
    await using session = createSession(settingsFor(server))
    for (const _ of [1, 2, 3]) {
      const error = await failure(exported(session))
      expect(error).toMatchObject({ code: 'PROTOCOL', retryable: false })
      expect(error.message).toMatch(/video\/export.*200 with text\/html, and a new login does not change that/)
    }
    expect(server.asked(logins)).toBe(2)
    // Nor does it keep a login that was really revoked from being renewed.
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
  })
})

describe('questions', () => {
  it('are asked again as the policy says', async () => {
    const answers: Scripted[] = [
      { status: 502, page: 'nginx' },
      { status: 404, page: 'nginx' },
      { hangUp: true },
      // A kept connection that hangs up is tried again on a new one, which says nothing about the policy.
      { hangUp: true },
      { json: ['c'] },
    ]
    await using server = await scripted(os({ 'GET /proxy/protect/api/cameras': () => answers.shift()! }).script)
    const clock = frozenClock()
    await using session = createSession(settingsFor(server, { clock }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual(['c'])
    expect(clock.skipped).toHaveLength(3)
    expect(server.asked(logins)).toBe(1)
  })

  it.each<[Scripted, object, number]>([
    [{ status: 403, json: { error: 'Forbidden' } }, { code: 'PERMISSION', httpStatus: 403 }, 1],
    [{ status: 404, json: { error: 'none' } }, { code: 'NOT_FOUND' }, 1],
    [{ status: 404, page: '<html>nginx' }, { code: 'SERVER', message: expect.stringMatching(/still starting/) }, 4],
    [{ status: 500, json: { error: 'x' } }, { code: 'SERVER' }, 4],
  ])('that fail with %j say so', async (answer, expected, times) => {
    await using server = await scripted(os({ 'GET /proxy/protect/api/cameras': answer }).script)
    await using session = createSession(settingsFor(server))
    expect(await failure(session.ask('cameras', {}, call))).toMatchObject({ vendor: 'unifi-protect', ...expected })
    expect(server.asked('GET /proxy/protect/api/cameras')).toBe(times)
    expect(server.asked(logins)).toBe(1)
  })

  it('leave a refused export to whoever asked for it', async () => {
    await using server = await scripted(os({ [`GET ${exportPath}`]: { status: 403, json: { error: 'no' } } }).script)
    await using session = createSession(settingsFor(server))
    expect(await exported(session)).toMatchObject({ status: 403 })
    expect(server.asked(logins)).toBe(1)
  })

  it('stay below the root, whatever an id holds', async () => {
    await using server = await scripted(os().script)
    await using session = createSession(settingsFor(server))
    expect(await session.url('cameras/a?b#c', { id: 'ä&b' }, call)).toBe(
      `${server.url}/proxy/protect/api/cameras/a%3Fb%23c?id=%C3%A4%26b`,
    )
    expect(await session.url('cameras/a%2Fb', {}, call)).toBe(`${server.url}/proxy/protect/api/cameras/a%2Fb`)
    const error = await failure(session.url('cameras/../../../users', {}, call))
    expect(error).toMatchObject({ code: 'PROTOCOL' })
  })
})

describe('consoles before UniFi OS', () => {
  const legacyExport = 'GET /api/video/export'
  function before(script: Script = {}): Script {
    let made = 0
    let keys = 0
    return {
      'GET /api/bootstrap': { status: 401, json: { error: 'Unauthorized' } },
      'POST /api/auth': () => ({ headers: { authorization: `legacy-token-${++made}` }, json: {} }),
      'POST /api/auth/access-key': ({ headers }) =>
        headers.authorization === `Bearer legacy-token-${made}`
          ? { json: { accessKey: `1899999999999:5f0000000000000000000001:${String(++keys).padStart(128, '0')}` } }
          : refusedOnce,
      [legacyExport]: { status: 500, json: { error: 'No files found matching criteria.' } },
      ...script,
    }
  }
  const keyNumbers = (log: readonly Received[]) =>
    log
      .filter(({ path }) => path === '/api/video/export')
      .map(({ query }) => Number(query.get('accessKey')?.slice(-3) ?? 0))

  it('get no access key unless it is wanted', async () => {
    await using server = await scripted(before())
    await using session = createSession(settingsFor(server))
    for (const _ of [1, 2, 3]) await exported(session)
    expect(keyNumbers(server.log)).toEqual([0, 0, 0])
    expect(server.asked('POST /api/auth')).toBe(1)
  })

  it('get a new access key and a new login after so many exports', async () => {
    await using server = await scripted(before())
    await using session = createSession(settingsFor(server, { renew: { accessKeyAfter: 2, loginAfter: 5 } }))
    for (let i = 0; i < 7; i++) await exported(session)
    // The login after the fifth brings a key of its own.
    expect(keyNumbers(server.log)).toEqual([1, 1, 2, 2, 3, 4, 4])
    expect(server.asked('POST /api/auth')).toBe(2)
  })

  it('get a new access key before the old one ends', async () => {
    const clock = frozenClock()
    const key = () => `${clock.now() + 3_600_000}:5f0000000000000000000001:${'0'.repeat(128)}`
    await using server = await scripted(before({ 'POST /api/auth/access-key': () => ({ json: { accessKey: key() } }) }))
    await using session = createSession(settingsFor(server, { clock, renew: { accessKeyAfter: 99 } }))
    const renewedAfter = async (ms: number) => {
      const earlier = server.asked('POST /api/auth/access-key')
      clock.advance(ms)
      await exported(session)
      return server.asked('POST /api/auth/access-key') - earlier
    }
    expect(await renewedAfter(0)).toBe(1)
    expect(await renewedAfter(3_539_000)).toBe(0)
    expect(await renewedAfter(1000)).toBe(1)
  })

  it('that refuse exports with a fresh token get an access key, and no third login', async () => {
    await using server = await scripted(
      before({ [legacyExport]: ({ query }) => (query.get('accessKey') ? { status: 500, json: {} } : refusedOnce) }),
    )
    await using session = createSession(settingsFor(server))
    expect((await exported(session)).status).toBe(500)
    expect((await exported(session)).status).toBe(500)
    expect(server.asked('POST /api/auth')).toBe(2)
    expect(server.asked('POST /api/auth/access-key')).toBe(1)
  })

  it('that refuse exports in any way end the run', async () => {
    await using server = await scripted(before({ [legacyExport]: refusedOnce }))
    await using session = createSession(settingsFor(server))
    expect(await failure(exported(session))).toMatchObject({ code: 'AUTHENTICATION', vendorCode: 'session' })
    expect(server.asked('POST /api/auth')).toBe(2)
  })

  it('that give no key any more get a new login', async () => {
    const old = before()
    let dead = true
    await using server = await scripted({
      ...old,
      'POST /api/auth/access-key': (request) => {
        if (dead) {
          dead = false
          return refusedOnce
        }
        return (old['POST /api/auth/access-key'] as (request: Received) => Scripted)(request)
      },
    })
    await using session = createSession(settingsFor(server, { renew: { accessKeyAfter: 9 } }))
    expect((await exported(session)).status).toBe(500)
    expect(server.asked('POST /api/auth')).toBe(2)
  })

  it('may ignore what was meant for them: UniFi OS never sees an access key', async () => {
    await using server = await scripted(os().script)
    await using session = createSession(settingsFor(server, { renew: { accessKeyAfter: 1, loginAfter: 1 } }))
    for (const _ of [1, 2, 3]) await exported(session)
    expect(server.asked(logins)).toBe(1)
    expect(server.log.some(({ query }) => query.has('accessKey'))).toBe(false)
  })
})

describe('secrets', () => {
  const echo = ({ headers, query }: Received): Scripted => ({
    status: 500,
    json: {
      error: `${headers.cookie ?? ''} ${headers.authorization ?? ''} ${query.get('accessKey') ?? ''} ${password}`,
    },
  })

  it('of UniFi OS are in no message, whoever repeats them', async () => {
    await using server = await scripted(
      os({ 'GET /proxy/protect/api/cameras': echo, [`GET ${exportPath}`]: echo }).script,
    )
    await using session = createSession(settingsFor(server, { retry: { retries: 0 } }))
    const url = await session.url('video/export', { camera: 'c' }, call)
    const from = { byte: 0 }
    const options = { representation: 'export', resume: 'never' } as const
    const errors = [
      await failure(session.ask('cameras', {}, call)),
      await failure(session.http.ask({ url: `${server.url}/proxy/protect/api/cameras`, signal: call })),
      await failure(openBody(session.http, { url, signal: call }, from, options)),
    ]
    for (const error of errors) {
      expect(error.message).toContain('HTTP 500')
      expect(error.message).not.toMatch(/session-1|csrf-1|correct horse|eyJ/)
    }
    expect(session.http.redact('a csrf-1-of-login b')).toBe('a *** b')
  })

  it('of consoles before it neither', async () => {
    const key = `1899999999999:5f0000000000000000000001:${'7'.repeat(128)}`
    await using server = await scripted({
      'GET /api/bootstrap': { status: 401, json: {} },
      'POST /api/auth': { headers: { authorization: 'legacy-token-1' }, json: {} },
      'POST /api/auth/access-key': { json: { accessKey: key } },
      'GET /api/cameras': echo,
      'GET /api/video/export': echo,
    })
    await using session = createSession(settingsFor(server, { retry: { retries: 0 }, renew: { accessKeyAfter: 3 } }))
    const url = await session.url('video/export', { camera: 'c' }, call)
    const options = { representation: 'export', resume: 'never' } as const
    const errors = [
      await failure(openBody(session.http, { url, signal: call }, { byte: 0 }, options)),
      await failure(session.ask('cameras', {}, call)),
    ]
    expect(server.log.some(({ query }) => query.get('accessKey') === key)).toBe(true)
    for (const error of errors) {
      expect(error.message).toContain('HTTP 500')
      expect(error.message).not.toMatch(/legacy-token|5f0000|7777|correct horse/)
    }
  })
})
