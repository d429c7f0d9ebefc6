import type { EagleEyeSwitches } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import {
  asked,
  call,
  cameraA,
  camerasOf,
  clip,
  failure,
  listed,
  memoryStore,
  minute,
  pair,
  worldOf,
} from './pretend.ts'
import { account, scripted, session } from './scripted.ts'

const world = worldOf([clip(minute, minute)])
const user = { username: 'archivist@example.com', password: 'pass' }

describe('getting in', () => {
  it.each(['both', 'auth_key', 'videobank_sessionid'] as const)(
    'with the cookie under the name %s',
    async (sessionCookie) => {
      await using both = await pair({ world, switches: { sessionCookie } })
      expect(await both.source.identify(call)).toEqual({ id: '00032123', name: 'archivist@example.com' })
      expect(await camerasOf(both.source)).toHaveLength(2)
      expect(asked(both.cloud, 'authenticate')).toBe(1)
    },
  )

  it.each(['Authentication', 'Authentication:', 'Authorization'] as const)('with a key as %s', async (apiKeyHeader) => {
    const classic = { ...user, apiKey: 'een-api-key', apiKeyHeader }
    await using both = await pair({ world, switches: { apiKeyRequired: true } }, { classic })
    expect(await camerasOf(both.source)).toHaveLength(2)
    const [name, value] = [
      apiKeyHeader.replace(':', '').toLowerCase(),
      `een-api-key${apiKeyHeader.endsWith(':') ? ':' : ''}`,
    ]
    if (name === 'authentication') expect(both.cloud.log.entries[0]?.headers[name]).toBe(value)
  })

  it('asks the account’s own host from then on, and never with a slash at the end', async () => {
    await using both = await pair({ world })
    await listed(both.source)
    const { classicLogin, classicBranded } = both.cloud.hosts
    const hosts = both.cloud.log.entries.map(({ node, headers }) => [node, `http://${headers.host}`])
    expect(hosts.slice(0, 3)).toEqual([
      ['authenticate', classicLogin],
      ['authorize', classicLogin],
      ['devices', classicBranded],
    ])
    expect(both.cloud.log.entries.filter(({ target }) => /\/(\?|$)/.test(target))).toEqual([])
  })

  it.each<[EagleEyeSwitches['loginRefused'], string, RegExp, number]>([
    ['400', 'REQUEST', /API key/, 1],
    ['401', 'AUTHENTICATION', /Check name and password/, 1],
    ['402', 'AUTHENTICATION', /suspended/, 1],
    ['412', 'AUTHENTICATION', /disabled/, 1],
    ['460', 'AUTHENTICATION', /not active/, 1],
    ['461', 'AUTHENTICATION', /account is still pending/, 1],
    ['462', 'AUTHENTICATION', /user is still pending/, 1],
    ['465', 'AUTHENTICATION', /IP address/, 1],
    ['429', 'RATE_LIMITED', /no more logins/, 4],
    ['503', 'SERVER', /did not work/, 4],
  ])('a login refused with %s is %s', async (loginRefused, code, said, times) => {
    await using both = await pair({ world, switches: { loginRefused } })
    const error = await failure(camerasOf(both.source))
    expect(error).toMatchObject({ code, httpStatus: Number(loginRefused), vendor: 'eagleeye' })
    expect(error.message).toMatch(said)
    expect(error.message).not.toContain('pass"')
    expect(asked(both.cloud, 'authenticate')).toBe(times)
    await failure(camerasOf(both.source))
    // A password that was refused is not tried a second time.
    if (code === 'AUTHENTICATION') expect(asked(both.cloud, 'authenticate')).toBe(times)
  })

  it.each([
    [406, 'AUTHENTICATION', /code of the second factor/],
    [429, 'AUTHENTICATION', /locked/],
    [401, 'AUTHENTICATION', /Check name/],
    [302, 'PROTOCOL', /redirect/],
  ])('authorize answered with %d', async (status, code, said) => {
    await using cloud = await scripted({
      'POST /g/aaa/authorize': { status, text: 'once hunter22', headers: { location: 'http://127.0.0.1:1/' } },
    })
    const error = await failure(camerasOf(cloud.source))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(said)
    expect(error.message).not.toMatch(/hunter22/)
  })

  it.each<[string, object, RegExp]>([
    ['no token', { 'POST /g/aaa/authenticate': { text: '<html>Welcome</html>' } }, /no token \(Welcome\)/],
    ['no cookie', { 'POST /g/aaa/authorize': { json: account } }, /no session cookie/],
    [
      'no account',
      { 'POST /g/aaa/authorize': { headers: { 'set-cookie': `auth_key=${session}` }, json: [] } },
      /of which account/,
    ],
  ])('a login that gives %s', async (_, script, said) => {
    await using cloud = await scripted(script as never)
    expect((await failure(camerasOf(cloud.source))).message).toMatch(said)
  })
})

describe('a second factor', () => {
  it('cannot be typed in by anybody: says what to do', async () => {
    await using both = await pair({ world, switches: { tfa: 'sms' } })
    const error = await failure(camerasOf(both.source))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', stops: 'run' })
    expect(error.message).toMatch(/without one .*classic\.tfaKey/)
    expect(asked(both.cloud, 'authorize')).toBe(0)
  })

  it('is spared by the key of a trusted device, which is kept with the session', async () => {
    await using both = await pair({ world, switches: { tfa: 'sms' } })
    const { cloud } = both
    const post = async (step: string, fields: object) =>
      fetch(`${cloud.url}/g/aaa/${step}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fields),
      })
    const { token } = (await (await post('authenticate', user)).json()) as { token: string }
    const reply = await post('authorize', { token, two_factor_authentication_code: '2468' })
    const tfaKey = /tfa_key=([^;]+)/.exec(reply.headers.getSetCookie().join())![1]!
    const sessions = memoryStore()
    expect(await camerasOf(both.again({ sessions, classic: { ...user, tfaKey } }))).toHaveLength(2)
    cloud.expireSessions()
    expect(await camerasOf(both.again({ sessions }))).toHaveLength(2)
  })
})

describe('a session that is over', () => {
  it('is replaced once, however many ask', async () => {
    await using both = await pair({ world })
    await camerasOf(both.source)
    both.cloud.expireSessions()
    const found = await Promise.all([1, 2, 3, 4].map(() => listed(both.source)))
    expect(found.map((one) => one.length)).toEqual([1, 1, 1, 1])
    expect(asked(both.cloud, 'authenticate')).toBe(2)
  })

  it('that is always over ends the run after one new login', async () => {
    await using both = await pair({ world, switches: { expireSessionAfter: 0 } })
    const error = await failure(camerasOf(both.source))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', vendorCode: 'session' })
    expect(asked(both.cloud, 'authenticate')).toBe(2)
  })

  it('is told from what this user may not have', async () => {
    await using both = await pair({ world, switches: { failStatus: '401', failN: 1_000_000 } })
    const [recording] = await listed(both.source)
    const open = () => failure(both.source.open(recording!, { byte: 0 }, call))
    expect(await open()).toMatchObject({ code: 'PERMISSION', stops: 'recording' })
    expect(await open()).toMatchObject({ code: 'PERMISSION' })
    expect(asked(both.cloud, 'authenticate')).toBe(2)
  })
})

describe('the store', () => {
  it('spares the next run its login, and keeps the session open', async () => {
    const sessions = memoryStore()
    await using both = await pair({ world }, { sessions })
    await camerasOf(both.source)
    await both.source[Symbol.asyncDispose]()
    expect(await listed(both.again())).toHaveLength(1)
    expect([asked(both.cloud, 'authenticate'), asked(both.cloud, 'logout')]).toEqual([1, 0])
    both.cloud.expireSessions()
    expect(await listed(both.again())).toHaveLength(1)
    expect(asked(both.cloud, 'authenticate')).toBe(2)
    expect([...sessions.values.keys()].join()).not.toMatch(/pass\b/)
  })

  it('lets two processes log in once', async () => {
    const sessions = memoryStore()
    await using both = await pair({ world }, { sessions })
    await Promise.all([camerasOf(both.source), camerasOf(both.again())])
    expect(asked(both.cloud, 'authenticate')).toBe(1)
  })

  it('is not believed: a session for another host goes nowhere', async () => {
    const sessions = memoryStore()
    await using both = await pair({ world }, { sessions })
    await camerasOf(both.source)
    const [key, value] = [...sessions.values][0]!
    for (const written of ['', 'null', '{}', value.replace(both.cloud.hosts.classicBranded, 'http://127.0.0.1:1')]) {
      sessions.values.set(key, written)
      expect(await camerasOf(both.again())).toHaveLength(2)
    }
    expect(asked(both.cloud, 'authenticate')).toBe(5)
  })

  it('that fails costs a login and nothing else', async () => {
    const broken = () => Promise.reject(new Error('no room'))
    const sessions = { load: broken, save: broken, remove: broken, lock: broken }
    await using both = await pair({ world }, { sessions })
    expect(await camerasOf(both.source)).toHaveLength(2)
  })

  it('where there is none, the session is ended', async () => {
    await using both = await pair({ world })
    await camerasOf(both.source)
    await both.source[Symbol.asyncDispose]()
    expect(asked(both.cloud, 'logout')).toBe(1)
  })
})

describe('other hosts', () => {
  it('that are trusted get the session', async () => {
    await using both = await pair({ world, switches: { moved: 'both' } })
    const [recording] = await listed(both.source)
    expect(await both.source.open(recording!, { byte: 0 }, call)).toHaveProperty('body')
    expect(asked(both.cloud, 'authenticate')).toBe(1)
  })

  it('that are not are never asked', async () => {
    await using both = await pair({ world, switches: { moved: 'list' } })
    const { classicLogin, classicBranded, classicArchiver } = both.cloud.hosts
    const source = both.again({ hosts: { classic: classicLogin, branded: classicBranded, trusted: [] } })
    const error = await failure(listed(source, undefined, cameraA))
    expect(error).toMatchObject({ code: 'REQUEST', vendorCode: 'untrusted-host' })
    expect(error.message).toContain(classicArchiver)
    expect(both.cloud.log.entries.filter(({ headers }) => classicArchiver.endsWith(headers.host ?? ''))).toEqual([])
  })

  it('that send us around end somewhere', async () => {
    await using cloud = await scripted({
      'GET /g/device/list': { status: 301, headers: { location: '/g/device/list' } },
    })
    expect((await failure(camerasOf(cloud.source))).message).toMatch(/again and again/)
    expect(cloud.asked('GET /g/device/list')).toBe(6)
  })
})
