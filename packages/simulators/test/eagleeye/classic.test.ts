import { describe, expect, it } from 'vitest'
import type { EagleEyeSwitches } from '../../src/eagleeye/index.ts'
import { TestClock } from '../test-clock.ts'
import { ask, classic, cookiesOf } from './client.ts'

const end = Date.UTC(2026, 1, 9)
const start = end - 7 * 86_400_000
const monday = start + 9 * 3_600_000 + 137

describe('a classic login', () => {
  it('is authenticate and authorize, and a cookie under two names', async () => {
    await using one = await classic()
    expect((await one.get('/g/aaa/isauth')).status).toBe(401)
    const reply = await one.login()
    expect(reply.json).toMatchObject({ active_brand_subdomain: 'c001', active_account_id: '00032123' })
    expect(reply.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^auth_key=c001~[0-9a-f]{32}; Path=\/; HttpOnly$/),
      expect.stringMatching(/^videobank_sessionid=c001~[0-9a-f]{32}; Path=\/; HttpOnly$/),
    ])
    expect((await one.get('/g/aaa/isauth')).status).toBe(200)
    const [, alias] = one.cookie().split('; ')
    expect((await one.get('/g/aaa/isauth', { Cookie: alias! })).status).toBe(200)
    expect(
      (
        await ask(`${one.cloud.hosts.classicBranded}/g/aaa/logout`, {
          method: 'POST',
          headers: { Cookie: one.cookie() },
        })
      ).status,
    ).toBe(204)
    expect((await one.get('/g/aaa/isauth')).status).toBe(401)
    expect(one.cloud.log.counts().nodes).toEqual({ authenticate: 1, authorize: 1, isauth: 4, logout: 1 })
    expect(one.cloud.violations).toEqual([])
  })

  it('takes forms too, and a token once and for 30 seconds', async () => {
    const clock = new TestClock()
    await using one = await classic({ clock, switches: { sessionCookie: 'videobank_sessionid' } })
    const reply = await ask(`${one.cloud.url}/g/aaa/authenticate`, {
      method: 'POST',
      body: new URLSearchParams(one.credentials),
    })
    const { token } = reply.json
    const first = await one.post('authorize', { token })
    expect([first.status, cookiesOf(first)]).toEqual([200, expect.stringMatching(/^videobank_sessionid=/)])
    expect((await one.post('authorize', { token })).status).toBe(401)
    const { token: late } = (await one.post('authenticate', one.credentials)).json
    clock.advance(30_000)
    expect((await one.post('authorize', { token: late })).status).toBe(401)
  })

  it('is refused in every documented way', async () => {
    await using one = await classic()
    expect((await one.post('authenticate', { username: 'x' })).status).toBe(400)
    expect((await one.post('authenticate', { ...one.credentials, password: 'no' })).status).toBe(401)
    expect((await one.post('authorize', {})).status).toBe(400)
    for (const loginRefused of ['402', '412', '460', '461', '462', '465', '429', '503'] as const) {
      one.cloud.set({ loginRefused, retryAfter: 3 })
      const reply = await one.post('authenticate', one.credentials)
      expect(reply.status).toBe(Number(loginRefused))
      expect(reply.headers.get('retry-after')).toBe(['429', '503'].includes(loginRefused) ? '3' : null)
    }
  })

  it('with a second factor takes a code, and afterwards a cookie', async () => {
    const clock = new TestClock()
    await using one = await classic({ clock, switches: { tfa: 'email' } })
    const begin = async (headers = {}) => (await one.post('authenticate', one.credentials, headers)).json
    const { token, two_factor_authentication_code: ways } = await begin()
    expect(ways).toEqual({ sms: 'No sms phone found', email: '****@example.com' })
    const send = (way: string) => one.post('two_factor_authenticate', { token, two_factor_authentication_type: way })
    expect([(await send('pigeon')).status, (await send('sms')).status, (await send('email')).status]).toEqual([
      415, 412, 200,
    ])
    expect((await one.post('authorize', { token })).status).toBe(401)
    const withCode = (code: string, of = token) =>
      one.post('authorize', { token: of, two_factor_authentication_code: code })
    clock.advance(14 * 60_000)
    expect((await withCode('0000')).status).toBe(406)
    const reply = await withCode('2468')
    expect(reply.status).toBe(200)
    const key = cookiesOf(reply).match(/tfa_key=\w+/)![0]
    expect(Object.keys(await begin({ Cookie: key }))).toEqual(['token'])
    const { token: other } = await begin()
    const codes = [
      await withCode('1', other),
      await withCode('1', other),
      await withCode('1', other),
      await withCode('2468', other),
    ]
    expect(codes.map(({ status }) => status)).toEqual([406, 406, 406, 429])
  })

  it('ends: by idling, by requests, by force', async () => {
    const clock = new TestClock()
    await using one = await classic({ clock, switches: { sessionIdle: 60_000 } })
    const status = async () => (await one.get('/g/aaa/isauth')).status
    await one.login()
    clock.advance(59_000)
    expect(await status()).toBe(200)
    clock.advance(60_000)
    expect(await status()).toBe(401)
    await one.login()
    one.cloud.set({ expireSessionAfter: 2 })
    expect([await status(), await status(), await status()]).toEqual([200, 200, 401])
    await one.login()
    one.cloud.expireSessions()
    expect(await status()).toBe(401)
  })

  it('may need a key, in any of three spellings', async () => {
    await using one = await classic({ switches: { apiKeyRequired: true } })
    const statusWith = async (headers: Record<string, string>) =>
      (await one.post('authenticate', one.credentials, headers)).status
    expect(await statusWith({})).toBe(401)
    expect(await statusWith({ Authentication: 'wrong' })).toBe(401)
    for (const headers of [
      { Authentication: 'een-api-key' },
      { Authentication: 'een-api-key:' },
      { Authorization: 'een-api-key' },
    ])
      expect(await statusWith(headers as Record<string, string>)).toBe(200)
  })
})

describe('the device list', () => {
  it('is rows of several lengths, whose places have meanings', async () => {
    await using one = await classic({ switches: { world: 'week' } })
    await one.login()
    const rows = (await one.get('/g/device/list')).json as unknown[][]
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([27, 28, 29]))
    expect(rows.filter((row) => row[3] === 'bridge')).toHaveLength(2)
    expect(rows.find((row) => row[3] === 'bridge')!.filter((value) => value === '').length).toBeGreaterThan(15)
    const cameras = (await one.get('/g/device/list?t=camera')).json as unknown[][]
    expect(cameras).toHaveLength(21)
    expect(cameras.filter((row) => row[5] === 'IGND').map((row) => row[2])).toEqual(['Not Ours'])
    expect(cameras.filter((row) => row[15] === 1).map((row) => row[2])).toEqual(['CON'])
    expect(cameras.find((row) => row.length === 28)!.at(-1)).toBe('20190503182953.000')
    expect(((await one.get('/g/device/list?e=100a1003')).json as unknown[][])[0]!.slice(0, 6)).toEqual([
      ...['00032123', '100a1003', 'Straße 日本 🏠', 'camera', [['100b1000', 'ATTD']], 'ATTD'],
    ])
    expect((await one.get('/g/device?id=100a1003')).json).toMatchObject({ id: '100a1003' })
    one.cloud.set({ devicesFailN: 5, listFailStatus: '503' })
    expect((await one.get('/g/device/list')).status).toBe(503)
  })
})

describe('a list of clips', () => {
  async function week(switches: Partial<EagleEyeSwitches> = {}) {
    const one = await classic({ switches: { world: 'week', ...switches } })
    await one.login()
    return one
  }

  it('has what has a moment in the window, or begins there', async () => {
    await using one = await week()
    const truth = (camera: string) =>
      one.cloud.truth().flatMap(({ cameraId, start: s, end: e }) => (cameraId === camera ? [[s, e]] : []))
    for (const id of ['100a1000', '100a1002', '100a1006']) expect(await one.list(id, start, end)).toEqual(truth(id))
    one.cloud.set({ listEdges: 'starting' })
    expect(await one.list('100a1000', start, end)).toEqual(truth('100a1000').slice(1))
    expect(await one.list('100a1013', start, end)).toEqual([])
    const raw = await one.get('/asset/list/video.flv?id=100a1001&start_timestamp=20260202000000.000&count=1')
    expect(raw.json).toEqual([{ s: '20260202000000.000', e: '20260202000115.250', id: expect.any(Number) }])
    expect(raw.json[0].id).toBeLessThan(2 ** 32)
  })

  it('is joined where it was asked for, and otherwise has what was there twice', async () => {
    await using one = await week()
    const touching = await one.list('100a1001', monday, monday + 900_000)
    expect(touching.map(([s]) => s - monday)).toEqual([0, 300_000, 600_000])
    const coalesced = await one.list('100a1001', monday, monday + 900_000, '&options=coalesce')
    expect(coalesced).toEqual([[monday, monday + 900_000]])
    const overlapping = await one.list('100a1005', monday, monday + 60_000, '&options=coalesce')
    expect(overlapping).toEqual([[monday, monday + 120_000]])
    const plain = await one.list('100a1007', start, end)
    one.cloud.set({ listNoise: 'duplicates' })
    const twice = await one.list('100a1007', start, end)
    expect(twice.length).toBeGreaterThan(plain.length)
    expect([...new Set(twice.map(String))]).toEqual(plain.map(String))
    one.cloud.set({ listNoise: 'stale' })
    const stale = await one.list('100a1007', start, end)
    expect(new Set(stale.map(([s]) => s)).size).toBe(plain.length)
    expect(new Set(stale.map(String)).size).toBe(stale.length)
  })

  it('goes back with a negative count, and needs an end or a count', async () => {
    await using one = await week()
    const clips = await one.list('100a1007', start, end)
    const get = (more: string) => one.get(`/asset/list/video?id=100a1007&start_timestamp=20260208000000.000${more}`)
    const before = (await get('&count=-2')).json as { s: string }[]
    const last = clips
      .filter(([s]) => s < end - 86_400_000)
      .slice(-2)
      .reverse()
    expect(before.map(({ s }) => s)).toEqual(last.map(([s]) => new Date(s).toISOString().replace(/[-:TZ]/g, '')))
    expect((await get('&end_timestamp=now&count=1')).json).toHaveLength(1)
    expect((await get('&end_timestamp=%2B86400000')).json).toEqual(
      (await get('&end_timestamp=20260209000000.000')).json,
    )
    for (const wrong of ['', '&end_timestamp=2026-02-09', '&end_timestamp=20260209000000', '&count=x'])
      expect((await get(wrong)).status).toBe(400)
    expect((await one.get('/asset/list/video?id=ffffffff&start_timestamp=now&count=1')).status).toBe(403)
  })

  it('grows with the clock, and may name what goes on twice', async () => {
    const clock = new TestClock()
    await using one = await classic({ clock, switches: { world: 'week', until: 'now' } })
    await one.login()
    const now = clock.now()
    const last = async () => (await one.list('100a1003', now - 300_000, now + 3_600_000)).at(-1)
    expect(await last()).toEqual([now - 240_000, now])
    clock.advance(30_500)
    expect(await last()).toEqual([now - 240_000, now + 30_000])
    one.cloud.set({ growingTwice: true })
    const [first, second] = (await one.list('100a1003', now - 300_000, now + 3_600_000)).slice(-2)
    expect([first![1], second![1], second![0] > first![0]]).toEqual([now + 30_000, now + 30_000, true])
  })

  it('fails, is somewhere else, and hides what has expired', async () => {
    await using one = await week({ listFailN: 1, listFailStatus: '429', retryAfter: 2, only: 'Vault' })
    const path = '/asset/list/video?id=100a1002&start_timestamp=20260202000000.000&end_timestamp=now'
    const refused = await one.get(path)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2'])
    expect((await one.get(path)).status).toBe(200)
    expect((await one.get(path.replace('1002', '1003'))).status).toBe(200)
    one.cloud.set({ moved: 'list' })
    const moved = await one.get(path)
    expect([moved.status, moved.headers.get('location')]).toEqual([301, `${one.cloud.hosts.classicArchiver}${path}`])
    expect((await ask(moved.headers.get('location')!)).status).toBe(401)
    expect((await ask(moved.headers.get('location')!, { headers: { Cookie: one.cookie() } })).json).toHaveLength(1)
    one.cloud.set({ moved: 'none', expired: 'Vault' })
    expect((await one.get(path)).json).toHaveLength(1)
    one.cloud.set({ expiredListed: false })
    expect((await one.get(path)).json).toHaveLength(0)
    expect(one.cloud.truth().find(({ cameraId }) => cameraId === '100a1002')?.outcome).toBe('expired')
  })

  it('has no slash at its end, and no session in its address', async () => {
    await using one = await week()
    expect((await one.get('/asset/list/video/')).status).toBe(500)
    const session = one.cookie().split(/[=;]/)[1]
    expect((await one.get(`/g/aaa/isauth?A=${session}`, { Cookie: '' })).status).toBe(200)
    expect((await one.get('/g/aaa/isauth?A=wrong')).status).toBe(401)
    await ask(`${one.cloud.url}/g/device`, { method: 'DELETE', headers: { Cookie: one.cookie() } })
    expect(one.cloud.violations).toHaveLength(3)
    expect(one.cloud.violations[2]).toBe('DELETE /g/device')
  })
})
