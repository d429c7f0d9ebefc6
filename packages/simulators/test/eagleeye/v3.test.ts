import { describe, expect, it } from 'vitest'
import type { EagleEyeSwitches } from '../../src/eagleeye/index.ts'
import { TestClock } from '../test-clock.ts'
import { readFilm } from '../unifi-protect/film.ts'
import { ask, iso, type Reply, sha256, v3 } from './client.ts'

const end = Date.UTC(2026, 1, 9)
const start = end - 7 * 86_400_000
const monday = start + 9 * 3_600_000 + 137

async function week(switches: Partial<EagleEyeSwitches> = {}, clock?: TestClock) {
  return v3({ switches: { world: 'week', ...switches }, ...(clock ? { clock } : {}) })
}

/** All pages, by their tokens. */
async function pages(get: (more: Record<string, string>) => Promise<{ json: Reply['json'] }>, pageSize: string) {
  const found = []
  for (let token: string | null = ''; ; ) {
    const { json } = await get({ pageSize, ...(token ? { pageToken: token } : {}) })
    found.push(json)
    token = json.nextPageToken
    if (!token) return found
  }
}

describe('the cameras', () => {
  it('come in pages that end with null', async () => {
    await using one = await week()
    const found = await pages((more) => one.get('cameras', more), '7')
    expect(found.map(({ results }) => results.length)).toEqual([7, 7, 6])
    expect(found.map(({ totalSize }) => totalSize)).toEqual([20, 20, 20])
    expect([found[0].prevPageToken, found[2].nextPageToken]).toEqual([null, null])
    const all = found.flatMap(({ results }) => results)
    expect(all[0]).toEqual({
      ...{ id: expect.any(String), accountId: '00032123', name: '', bridgeId: expect.any(String) },
      ...{ createTimestamp: expect.any(String), locationId: null, multiCameraId: null },
    })
    expect(new Set(all.map(({ id }) => id)).size).toBe(20)
    expect(all.some(({ name }) => name === 'Not Ours')).toBe(false)
    one.cloud.set({ lastToken: 'empty', pageCap: 3 })
    const [first] = await pages((more) => one.get('cameras', more), '1000')
    expect(first.results).toHaveLength(3)
    expect((await one.get('cameras', { pageSize: '0' })).json.results).toHaveLength(1)
    expect((await one.get('cameras', { pageToken: first.nextPageToken, id__in: 'x' })).json).toMatchObject({
      nextPageToken: '',
    })
  })

  it('say what was asked for', async () => {
    await using one = await week({ denied: 'Vault' })
    const include = 'status,timeZone,effectivePermissions,shareDetails'
    const { results } = (await one.get('cameras', { include, id__in: '100a1002,100a1004,100a1009', sort: '-name' }))
      .json
    expect(results).toMatchObject([
      { name: 'Vault', effectivePermissions: { downloadVideo: false }, timeZone: { zone: 'America/Chicago' } },
      { name: 'Twins', status: { connectionStatus: 'bridgeOffline' } },
      { name: 'CON', shareDetails: { shared: true } },
    ])
    expect((await one.get('cameras', { name__contains: 'aisle' })).json.results).toHaveLength(3)
    expect((await one.get('cameras', { status__in: 'deviceOffline' })).json).toMatchObject({
      results: [{ id: '100a100d' }],
      totalSize: 20,
    })
    expect((await one.get('cameras/100a1002')).json.name).toBe('Vault')
    expect((await one.get('cameras/100a1014')).json.status).toBe('notFound')
    expect(one.cloud.violations).toEqual([])
    one.cloud.set({ devicesFailN: 1, listFailStatus: '500' })
    expect((await one.get('cameras')).json.details[0].reason).toBe('internalError')
  })
})

describe('the recordings', () => {
  it('are those that begin and end in the window, in no order', async () => {
    await using one = await week()
    const { results } = (await one.list('100a1000', start, end)).json
    const inside = one.cloud
      .truth()
      .filter((row) => row.cameraId === '100a1000' && row.start >= start && row.end <= end)
    const starts = results.map(({ startTimestamp }: { startTimestamp: string }) => Date.parse(startTimestamp))
    expect(starts.toSorted((a: number, b: number) => a - b)).toEqual(inside.map((row) => row.start))
    expect(starts).not.toEqual(inside.map((row) => row.start))
    expect(results[0]).toEqual({
      ...{ type: 'main', deviceId: '100a1000', mediaType: 'video' },
      ...{ startTimestamp: expect.stringMatching(/^2026-02-.*\.\d{3}\+00:00$/), endTimestamp: expect.any(String) },
    })
    const earlier = (await one.list('100a1000', start - 180_000, end)).json.results
    expect(earlier).toHaveLength(inside.length + 1)
    expect((await one.list('100a1013', start, end)).json).toEqual({ results: [], nextPageToken: '', prevPageToken: '' })
    expect((await one.list('100a1000', start, end, { type: 'preview' })).json.results).toEqual([])
  })

  it('come in pages that end with an empty text', async () => {
    await using one = await week()
    const found = await pages((more) => one.list('100a1007', start, end, more), '4')
    const all = found.flatMap(({ results }) => results)
    expect(new Set(all.map((item) => item.startTimestamp)).size).toBe(all.length)
    expect(found.length).toBe(Math.ceil(all.length / 4))
    one.cloud.set({ lastToken: 'null' })
    expect((await one.list('100a1007', start, end)).json.nextPageToken).toBe(null)
  })

  it('are joined where one begins when the other ends, unless that is turned off', async () => {
    await using one = await week()
    const count = async (id: string, coalesce?: string) =>
      (await one.list(id, monday, monday + 900_000, coalesce ? { coalesce } : {})).json.results.length
    expect([await count('100a1001'), await count('100a1001', 'true'), await count('100a1001', 'false')]).toEqual([
      1, 1, 3,
    ])
    expect([await count('100a1005'), await count('100a1005', 'false')]).toEqual([2, 2])
  })

  it('grow, and may be told twice with one end', async () => {
    const clock = new TestClock()
    const now = clock.now()
    await using one = await week({ until: 'now', growingTwice: true }, clock)
    clock.advance(10_000)
    const { results } = (await one.list('100a1003', now - 240_000, now + 10_000)).json
    expect(results.map(({ endTimestamp }: { endTimestamp: string }) => endTimestamp)).toEqual([
      iso(now + 10_000),
      iso(now + 10_000),
    ])
  })

  it('are refused with what the client did wrong, which is remembered', async () => {
    await using one = await week()
    const query = (more: string) => `media?deviceId=100a1000&type=main&mediaType=video&${more}`
    const refusal = async (path: string) => {
      const { status, json } = await one.get(path)
      return [status, json.status, json.details[0].reason, json.details[1].argumentViolations[0].argumentName]
    }
    const gte = 'startTimestamp__gte=2026-02-02T00:00:00.000%2B00:00'
    expect((await one.get(query(gte))).status).toBe(200)
    const wrong = [
      ['startTimestamp__gte=2026-02-02T00:00:00.000Z', 'invalidArgument', 'startTimestamp__gte'],
      ['startTimestamp__gte=2026-02-02T00:00:00.000+00:00', 'invalidArgument', 'startTimestamp__gte'],
      ['startTimestamp__gte=2026-02-02T00:00:00%2B00:00', 'invalidArgument', 'startTimestamp__gte'],
      [`${gte}&endTimestamp__lte=2026-02-03T00:00:00.000Z`, 'invalidArgument', 'endTimestamp__lte'],
      [`${gte}&sort=%2BstartTimestamp`, 'unexpectedArgument', 'sort'],
      [`${gte}&limit=5`, 'unexpectedArgument', 'limit'],
      ['endTimestamp__lte=2026-02-03T00:00:00.000%2B00:00', 'missingRequiredArgument', 'startTimestamp__gte'],
    ] as const
    for (const [more, reason, name] of wrong)
      expect(await refusal(query(more))).toEqual([400, 'invalidArgument', reason, name])
    expect(await refusal('cameras?sort=name')).toEqual([400, 'invalidArgument', 'invalidArgument', 'sort'])
    expect(one.cloud.violations).toEqual([
      "GET /api/v3.0/media: Could not parse value for parameter 'startTimestamp__gte': Z",
      "GET /api/v3.0/media: Could not parse value for parameter 'startTimestamp__gte': a plus that is not encoded",
      "GET /api/v3.0/media: Could not parse value for parameter 'startTimestamp__gte'",
      "GET /api/v3.0/media: Could not parse value for parameter 'endTimestamp__lte': Z",
      "GET /api/v3.0/media: Unexpected argument 'sort'",
      "GET /api/v3.0/media: Unexpected argument 'limit'",
      "GET /api/v3.0/media: Missing required argument 'startTimestamp__gte'",
      "GET /api/v3.0/cameras: Could not parse value for parameter 'sort'",
    ])
    expect((await one.get(query(`${gte}&include=nonsense`))).status).toBe(400)
    expect((await one.get(query(`${gte}&pageToken=nonsense`))).status).toBe(400)
    expect((await one.list('ffffffff', start, end)).json.status).toBe('notFound')
    one.cloud.set({ listFailN: 1, listFailStatus: '429', retryAfter: 9 })
    const limited = await one.list('100a1000', start, end)
    expect([limited.json.status, limited.headers.get('retry-after')]).toEqual(['tooManyRequests', '9'])
  })
})

describe('a mp4Url', () => {
  const clip = async (one: Awaited<ReturnType<typeof week>>, id = '100a1007') => {
    const window = [monday, monday + 1_200_000] as const
    return (await one.list(id, ...window, { include: 'mp4Url,flvUrl', coalesce: 'false' })).json.results[0]
  }

  it('is the film the truth tells of, for the bearer or a media session', async () => {
    await using one = await week()
    const { mp4Url, flvUrl } = await clip(one)
    expect(flvUrl).toBe(null)
    expect(new URL(mp4Url).origin).toBe(one.cloud.hosts.media)
    const reply = await one.film(mp4Url)
    const row = one.cloud.truth().find((each) => each.cameraId === '100a1007' && each.start === monday)!
    expect([reply.status, sha256(reply.body), reply.body.length]).toEqual([200, row.mp4.sha256, row.mp4.bytes])
    expect(readFilm(reply.body).duration).toBe(1200)
    expect([reply.headers.get('content-type'), (await ask(mp4Url)).status]).toEqual(['video/mp4', 401])
    const { url } = (await one.get('media/session')).json
    const session = await one.film(url)
    expect([url, session.status]).toEqual([`${one.cloud.hosts.media}/media/session`, 204])
    const cookie = session.headers.get('set-cookie')!.split(';')[0]!
    expect((await ask(mp4Url, { headers: { Cookie: cookie } })).status).toBe(200)
    expect(one.cloud.log.ofNode('media').map(({ status }) => status)).toEqual([200, 401, 200])
  })

  it('lasts two hours, and nothing may be added to it', async () => {
    const clock = new TestClock()
    await using one = await week({}, clock)
    const { mp4Url } = await clip(one)
    clock.advance(7_199_000)
    expect((await one.film(mp4Url)).status).toBe(200)
    clock.advance(1000)
    expect((await one.film(mp4Url)).status).toBe(401)
    one.cloud.set({ mediaUrlExpired: '404' })
    expect((await one.film(mp4Url)).status).toBe(404)
    const { mp4Url: fresh } = await clip(one)
    const added = await one.film(`${fresh}&token=1`)
    expect([added.status, added.json.details[0].reason]).toEqual([400, 'unexpectedArgument'])
    expect(one.cloud.violations).toEqual(["GET /media/recordings.mp4: a media URL with 'token' added"])
  })

  it('may be null, lead elsewhere, be refused, or lead to nothing', async () => {
    await using one = await week({ mp4UrlNull: '100a1007' })
    expect((await clip(one)).mp4Url).toBe(null)
    one.cloud.set({ mp4UrlNull: 'none', mediaOrigin: 'http://127.0.0.1:9' })
    expect((await clip(one)).mp4Url).toMatch(/^http:\/\/127\.0\.0\.1:9\/media\//)
    one.cloud.set({ mediaOrigin: '' })
    const { mp4Url } = await clip(one)
    const reason = async (switches: Partial<EagleEyeSwitches>) => {
      one.cloud.set({ expired: 'none', bridgeOffline: 'none', denied: 'none', ...switches })
      const { status, json } = await one.film(mp4Url)
      return [status, json.details?.[0].reason]
    }
    expect(await reason({ expired: 'all' })).toEqual([404, 'outOfRetention'])
    expect(await reason({ bridgeOffline: 'all' })).toEqual([503, 'deviceUnavailable'])
    expect(await reason({ denied: 'all' })).toEqual([403, 'invalidPermission'])
    expect(await reason({ failN: 1, failStatus: '429' })).toEqual([429, 'tooManyRequests'])
    expect((await one.film(mp4Url)).status).toBe(200)
    one.cloud.expireSessions()
    expect(await reason({})).toEqual([401, 'invalidToken'])
  })

  it('breaks where it was told to, also when tokens are replaced under way', async () => {
    await using one = await week({ truncateAt: 3000, faultTimes: 1 })
    const { mp4Url } = await clip(one)
    expect((await one.film(mp4Url)).broken).toBe(true)
    expect((await one.film(mp4Url)).broken).toBe(false)
    one.cloud.set({ stallAt: 3000, stallMs: 60_000, truncateAt: undefined, faultTimes: 9, rotationCuts: true })
    const stalled = one.film(mp4Url)
    while (one.cloud.log.ofNode('media').at(-1)?.bodyBytes !== 3000)
      await new Promise((resolve) => setImmediate(resolve))
    await one.refresh()
    expect((await stalled).broken).toBe(true)
  })
})

describe('who is not let in', () => {
  it('is answered in the words of v3, and so is what is not there', async () => {
    await using one = await week({ expireSessionAfter: 2 })
    const nobody = await ask(one.url('cameras'))
    expect([nobody.status, nobody.json]).toEqual([
      401,
      {
        ...{ code: 401, status: 'unauthenticated', message: expect.any(String) },
        details: [
          {
            ...{ type: 'errorInfo', reason: 'invalidToken', domain: 'apiv3' },
            metadata: { path: '/api/v3.0/cameras', method: 'GET' },
          },
        ],
      },
    ])
    expect((await one.get('nothing')).json.status).toBe('notFound')
    expect([(await one.get('users/self')).status, (await one.get('users/self')).status]).toEqual([200, 401])
    await one.refresh()
    const wrong = await ask(one.url('cameras/100a1000'), { method: 'DELETE', headers: one.bearer() })
    expect([wrong.status, wrong.json.status]).toEqual([405, 'methodNotSupported'])
    expect(one.cloud.violations).toEqual(['DELETE /api/v3.0/cameras/100a1000'])
  })
})
