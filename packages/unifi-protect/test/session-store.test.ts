import { describe, expect, it } from 'vitest'
import { keyOf } from '../src/client/stored-session.ts'
import { createSession } from '../src/session.ts'
import {
  call,
  failure,
  frozenClock,
  jwt,
  memoryStore,
  password,
  type Received,
  type Script,
  scripted,
  settingsFor,
} from './scripted-console.ts'

const logins = 'POST /api/auth/login'
const monthSeconds = 30 * 86_400

/** A console that only takes its newest session. */
function os(script: Script = {}, state = { made: 0 }): Script {
  const own = ({ headers }: Received) => headers.cookie?.endsWith(`.session-${state.made}`)
  return {
    'GET /': { page: '<html>', headers: { 'x-csrf-token': 'csrf-0' } },
    [logins]: () => {
      const token = jwt({ iat: 0, exp: monthSeconds }).replace(/[^.]*$/, `session-${++state.made}`)
      return { json: {}, headers: { 'set-cookie': `TOKEN=${token}`, 'x-csrf-token': 'csrf-1' } }
    },
    'GET /proxy/protect/api/cameras': (request: Received) =>
      own(request) ? { json: [] } : { status: 401, json: { error: 'Unauthorized' } },
    ...script,
  }
}

describe('a login that is kept', () => {
  it('serves the next run: no probe, no login, no log-out', async () => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    for (const run of [1, 2, 3]) {
      const session = createSession(settingsFor(server, { sessions }))
      expect((await session.ask('cameras', {}, call)).json()).toEqual([])
      expect(await session.console(call)).toMatchObject({ generation: 'unifi-os', origin: server.url })
      await session[Symbol.asyncDispose]()
      expect(server.log.map(({ method, path }) => `${method} ${path}`)).toHaveLength(2 + run)
    }
    expect(server.asked(logins)).toBe(1)
    expect(sessions.locked()).toBe(1)
  })

  it('is kept under a name without secrets, and without the password', async () => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    await using session = createSession(settingsFor(server, { sessions }))
    await session.console(call)
    const [[key, value]] = [...sessions.values] as [[string, string]]
    expect(key).toBe(keyOf(server.url, 'archivist'))
    expect(`${key}${value}`).not.toContain(password)
    expect(JSON.parse(value)).toEqual({
      ...{ generation: 'unifi-os', origin: server.url, cookie: 'TOKEN', csrf: 'csrf-1' },
      token: expect.stringContaining('session-1'),
      expiresAt: Date.UTC(2026, 9, 24) + monthSeconds * 1000,
    })
  })

  it('lasts a month at most, whatever the console says', async () => {
    const token = jwt({ iat: 0, exp: 10 * 365 * 86_400 })
    const forever = { json: {}, headers: { 'set-cookie': `TOKEN=${token}` } }
    await using server = await scripted(os({ [logins]: forever, 'GET /proxy/protect/api/cameras': { json: [] } }))
    const sessions = memoryStore()
    for (const _ of [1, 2]) {
      await using session = createSession(settingsFor(server, { sessions }))
      await session.ask('cameras', {}, call)
    }
    expect(JSON.parse([...sessions.values.values()][0]!)).toMatchObject({
      expiresAt: Date.UTC(2026, 9, 24) + 31 * 86_400_000,
    })
    expect(server.asked(logins)).toBe(1)
  })

  it('of consoles before UniFi OS is kept too', async () => {
    await using server = await scripted({
      'GET /api/bootstrap': { status: 401, json: {} },
      'POST /api/auth': { headers: { authorization: 'legacy-token-1' }, json: {} },
      'GET /api/cameras': ({ headers }) =>
        headers.authorization === 'Bearer legacy-token-1' ? { json: [] } : { status: 401, json: {} },
    })
    const sessions = memoryStore()
    for (const _ of [1, 2]) {
      await using session = createSession(settingsFor(server, { sessions }))
      await session.ask('cameras', {}, call)
    }
    expect(server.asked('POST /api/auth')).toBe(1)
  })

  it('is renewed once where the console no longer takes it', async () => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    await createSession(settingsFor(server, { sessions })).console(call)
    const key = keyOf(server.url, 'archivist')
    sessions.values.set(key, sessions.values.get(key)!.replace('session-1', 'session-0'))
    await using session = createSession(settingsFor(server, { sessions }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(server.asked(logins)).toBe(2)
    expect(sessions.values.get(key)).toContain('session-2')
  })

  it('is not used in its last minute', async () => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    const clock = frozenClock()
    await createSession(settingsFor(server, { sessions, clock })).console(call)
    clock.advance(monthSeconds * 1000 - 60_001)
    await createSession(settingsFor(server, { sessions, clock })).console(call)
    expect(server.asked(logins)).toBe(1)
    clock.advance(1)
    await createSession(settingsFor(server, { sessions, clock })).console(call)
    expect(server.asked(logins)).toBe(2)
  })

  it('may have been renewed by another process meanwhile', async () => {
    const state = { made: 0 }
    await using server = await scripted(os({}, state))
    const sessions = memoryStore()
    const make = () => createSession(settingsFor(server, { sessions }))
    await using one = make()
    await using two = make()
    await one.ask('cameras', {}, call)
    await two.ask('cameras', {}, call)
    // Both meet the same 401, and one of them logs in.
    state.made++
    await Promise.all([one.ask('cameras', {}, call), two.ask('cameras', {}, call)])
    expect(server.asked(logins)).toBe(2)
  })

  it('is made once by two runs that begin together', async () => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    await using one = createSession(settingsFor(server, { sessions }))
    await using two = createSession(settingsFor(server, { sessions }))
    await Promise.all([one.ask('cameras', {}, call), two.ask('cameras', {}, call)])
    expect(server.asked(logins)).toBe(1)
  })

  it('and was refused twice ends with our own login, not with another process’s', async () => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    const key = keyOf(server.url, 'archivist')
    const stale = (name: string) =>
      JSON.stringify({
        generation: 'unifi-os',
        origin: server.url,
        cookie: 'TOKEN',
        token: jwt({}) + name,
        expiresAt: Date.UTC(2026, 9, 25),
      })
    const offered = [stale('a'), stale('b')]
    sessions.load = async () => offered.shift() ?? sessions.values.get(key)
    await using session = createSession(settingsFor(server, { sessions }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(server.asked('GET /proxy/protect/api/cameras')).toBe(3)
    expect(server.asked(logins)).toBe(1)
  })
})

it('a store that offers another dead login each time is not asked for ever', async () => {
  await using server = await scripted(os())
  const sessions = memoryStore()
  let offered = 0
  const dead = { generation: 'unifi-os', origin: server.url, cookie: 'TOKEN', expiresAt: Date.UTC(2026, 9, 25) }
  sessions.load = async () => JSON.stringify({ ...dead, token: `dead-session-${++offered}` })
  await using session = createSession(settingsFor(server, { sessions }))
  expect(await failure(session.ask('cameras', {}, call))).toMatchObject({ code: 'AUTHENTICATION' })
  expect(server.log).toHaveLength(3)
})

describe('what is found in the store is not believed', () => {
  const good = (origin: string) => ({
    ...{ generation: 'unifi-os', origin, cookie: 'TOKEN', token: 'kept-session-token' },
    expiresAt: Date.UTC(2026, 9, 25),
  })

  it.each<[string, (origin: string) => unknown]>([
    ['no JSON', () => '{'],
    ['null', () => null],
    ['a list', () => []],
    ['another generation', (origin) => ({ ...good(origin), generation: 'cloud' })],
    ['another cookie', (origin) => ({ ...good(origin), cookie: 'SESSION' })],
    ['a token with a line break', (origin) => ({ ...good(origin), token: 'kept-session\r\nx: y' })],
    ['a token with another cookie', (origin) => ({ ...good(origin), token: 'kept-session; a=b' })],
    ['an end that is no number', (origin) => ({ ...good(origin), expiresAt: String(Date.UTC(2026, 9, 25)) })],
    ['no end', (origin) => ({ ...good(origin), expiresAt: null })],
    ['an end too far away', (origin) => ({ ...good(origin), expiresAt: Date.UTC(2027, 0) })],
    ['its end behind it', (origin) => ({ ...good(origin), expiresAt: Date.UTC(2026, 9, 23) })],
  ])('%s', async (_, entry) => {
    await using server = await scripted(os())
    const sessions = memoryStore()
    const written = entry(server.url)
    sessions.values.set(keyOf(server.url, 'archivist'), typeof written === 'string' ? written : JSON.stringify(written))
    await using session = createSession(settingsFor(server, { sessions }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(server.asked(logins)).toBe(1)
    expect(JSON.stringify(server.log)).not.toContain('kept-session')
  })

  it('is taken where it is whole', async () => {
    await using server = await scripted(os({ 'GET /proxy/protect/api/cameras': { json: [] } }))
    const sessions = memoryStore()
    sessions.values.set(keyOf(server.url, 'archivist'), JSON.stringify(good(server.url)))
    await using session = createSession(settingsFor(server, { sessions }))
    await session.ask('cameras', {}, call)
    expect(server.log.map(({ headers }) => headers.cookie)).toEqual(['TOKEN=kept-session-token'])
  })

  it('goes to its own origin, and to no other that is tried', async () => {
    await using first = await scripted({ 'GET /': { page: '<html>shop' } })
    await using second = await scripted(os({ 'GET /proxy/protect/api/cameras': { json: [] } }))
    const sessions = memoryStore()
    sessions.values.set(keyOf(first.url, 'archivist'), JSON.stringify(good(second.url)))
    await using session = createSession(settingsFor([first.url, second.url], { sessions }))
    await session.ask('cameras', {}, call)
    expect(first.log).toEqual([])
    expect(second.log).toHaveLength(1)
  })

  it('goes nowhere that the options do not name', async () => {
    await using elsewhere = await scripted(os())
    await using server = await scripted(os())
    const sessions = memoryStore()
    sessions.values.set(keyOf(server.url, 'archivist'), JSON.stringify(good(elsewhere.url)))
    await using session = createSession(settingsFor(server, { sessions }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(elsewhere.log).toEqual([])
    expect(JSON.stringify(server.log)).not.toContain('kept-session')
  })

  it('is looked at anew where nobody answers any more', async () => {
    await using second = await scripted(os())
    const sessions = memoryStore()
    let gone: string
    {
      await using first = await scripted({})
      gone = first.url
    }
    sessions.values.set(keyOf(gone, 'archivist'), JSON.stringify(good(gone)))
    await using session = createSession(settingsFor([gone, second.url], { sessions }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(second.asked(logins)).toBe(1)
    expect(JSON.stringify(second.log)).not.toContain('kept-session')
  })
})

describe('a store that fails', () => {
  it('costs a login and nothing else', async () => {
    await using server = await scripted(os())
    const refuse = async () => {
      throw new Error('EACCES')
    }
    const sessions = { load: refuse, save: refuse, remove: refuse, lock: refuse }
    await using session = createSession(settingsFor(server, { sessions }))
    expect((await session.ask('cameras', {}, call)).json()).toEqual([])
    expect(server.asked(logins)).toBe(1)
  })

  it('still lets a user go who waits for its lock', async () => {
    await using server = await scripted(os())
    const enough = new AbortController()
    const lock = (_: string, signal: AbortSignal) =>
      new Promise<AsyncDisposable>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        enough.abort(new Error('enough'))
      })
    await using session = createSession(settingsFor(server, { sessions: { ...memoryStore(), lock } }))
    expect((await failure(session.console(enough.signal))).message).toBe('enough')
    expect(server.log).toEqual([])
  })
})
