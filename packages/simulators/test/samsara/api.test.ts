import { describe, expect, it } from 'vitest'
import { TestClock } from '../test-clock.ts'
import { ask, iso, minute, samsara, truck12 } from './client.ts'

const road = ['dashcamRoadFacing']

describe('the list of vehicles', () => {
  it('comes in pages, whose cursors must be encoded', async () => {
    await using one = await samsara({ switches: { vehiclePageSize: 5 } })
    const names: string[] = []
    let after = ''
    for (let page = 0; page < 3; page++) {
      const { data, pagination } = (await one.get('/fleet/vehicles', after === '' ? {} : { after })).json
      names.push(...data.map(({ name }: { name: string }) => name))
      expect(pagination.hasNextPage).toBe(page < 2)
      after = pagination.endCursor
      if (page < 2) expect(after).toMatch(/[+/]/)
    }
    expect(after).toBe('')
    expect(names.length).toBe(12)
    expect(names.filter((name) => name === 'Shuttle').length).toBe(2)
    expect(names).toContain('  Shuttle 3  ')
    const { endCursor } = (await one.get('/fleet/vehicles')).json.pagination
    expect(one.cloud.violations).toEqual([])
    expect((await one.get('/fleet/vehicles', `after=${endCursor}`)).status).toBe(400)
    expect(one.cloud.violations).toEqual([expect.stringContaining('the cursor is not encoded')])
    expect((await one.get('/fleet/vehicles', { limit: '513' })).status).toBe(400)
    expect((await one.get('/fleet/vehicles', { limit: '1' })).json.data.length).toBe(1)
  })

  it('goes on for ever where it is told to', async () => {
    await using one = await samsara({ switches: { endlessPages: true } })
    const { pagination } = (await one.get('/fleet/vehicles')).json
    const next = (await one.get('/fleet/vehicles', { after: pagination.endCursor })).json
    expect(next.pagination).toEqual(pagination)
    expect(pagination.hasNextPage).toBe(true)
  })

  it('tells what a vehicle is known as, and which has no camera', async () => {
    await using one = await samsara()
    const { data } = (await one.get('/fleet/vehicles')).json
    const of = (name: string) => data.find((vehicle: { name: string }) => vehicle.name === name)
    expect(of('Truck 12')).toMatchObject({
      ...{ id: truck12, vin: '1FUJGLDR0CLBP8812', serial: 'GVG2-4RT-12X', cameraSerial: 'CKM3-8PW-12Q' },
      externalIds: { 'samsara.vin': '1FUJGLDR0CLBP8812', 'samsara.serial': 'GVG2-4RT-12X', maintenanceId: '250012' },
    })
    expect(of('Trailer 3').cameraSerial).toBeUndefined()
    // One is called as another is known.
    expect(of('250041').externalIds.maintenanceId).toBe('250044')
    expect((await one.get(`/fleet/vehicles/${truck12}`)).json.data.name).toBe('Truck 12')
    expect((await one.get('/fleet/vehicles/maintenanceId:250012')).json.data.id).toBe(truck12)
    expect((await one.get('/fleet/vehicles/1')).status).toBe(404)
  })
})

describe('a token', () => {
  it('is asked for everywhere, and works in its region alone', async () => {
    await using one = await samsara({ switches: { region: 'eu' } })
    const { hosts, url, args, env, token } = one.cloud
    expect([url, args, env.CAM_SAMSARA_TOKEN]).toEqual([hosts.eu, ['--base-url', hosts.eu], token])
    expect(JSON.parse(env.CAM_SAMSARA_ORIGINS!)).toEqual(hosts)
    expect(token.length).toBe(42)
    const refused = await ask(`${url}/me`, { headers: { Authorization: 'Bearer samsara_api_other' } })
    expect([refused.status, refused.json.message]).toEqual([401, 'Invalid token.'])
    expect((await ask(`${url}/me`)).status).toBe(401)
    expect((await ask(`${hosts.us}/me`, { headers: one.bearer })).status).toBe(401)
    expect((await one.get('/me')).json.data).toEqual({ id: '4001234', name: 'Example Freight' })
    one.cloud.set({ wrongRegion: '404' })
    expect((await ask(`${hosts.ca}/me`, { headers: one.bearer })).status).toBe(404)
  })

  it('may do what its scopes say', async () => {
    await using one = await samsara({ switches: { scopes: 'vehicles media-read' } })
    expect((await one.get('/fleet/vehicles')).status).toBe(200)
    expect((await one.order(truck12, minute(0))).status).toBe(403)
    expect((await one.get('/me')).status).toBe(403)
    one.cloud.set({ forbidden: '401' })
    expect((await one.order(truck12, minute(0))).status).toBe(401)
    expect(one.cloud.orders).toEqual([])
  })

  it('in a URL is a violation, and so is whatever writes', async () => {
    await using one = await samsara()
    await one.get('/me', { token: one.cloud.token })
    expect((await ask(`${one.cloud.url}/fleet/vehicles`, { method: 'DELETE', headers: one.bearer })).status).toBe(405)
    expect((await one.get('/fleet/drivers')).status).toBe(404)
    expect(one.cloud.violations).toEqual(['the token stands in a URL: /me', 'DELETE /fleet/vehicles'])
  })
})

describe('a limit', () => {
  it('is one of the endpoint, and says in fractions of a second when there is room', async () => {
    const clock = new TestClock()
    await using one = await samsara({ clock, switches: { rateLimits: true, postPerMinute: 3 } })
    for (let at = 0; at < 3; at++) {
      await one.placed(truck12, minute(at), road)
      clock.advance(1000)
    }
    const refused = await one.order(truck12, minute(3), road)
    expect([refused.status, refused.json.message]).toEqual([429, 'Exceeded rate limit.'])
    expect(refused.headers.get('retry-after')).toBe('57.00035')
    clock.advance(57_000)
    expect((await one.order(truck12, minute(3), road)).status).toBe(200)
    // Polls have their own.
    const polls = []
    for (let at = 0; at < 6; at++) polls.push((await one.get('/cameras/media/retrieval', { retrievalId: 'x' })).status)
    expect(polls).toEqual([404, 404, 404, 404, 404, 429])
    expect((await one.get('/fleet/vehicles')).status).toBe(200)
    expect(one.cloud.counters()).toMatchObject({ limited: 2, orders: 4 })
    one.cloud.set({ retryAfter: 'date' })
    const dated = await one.get('/cameras/media/retrieval', { retrievalId: 'x' })
    expect(dated.headers.get('retry-after')).toBe('Wed, 01 Apr 2026 00:01:01 GMT')
    one.cloud.set({ retryAfter: 'none' })
    const silent = await one.get('/cameras/media/retrieval', { retrievalId: 'x' })
    expect([silent.status, silent.headers.get('retry-after')]).toEqual([429, null])
  })
})

describe('trips', () => {
  it('are what was recorded in one go', async () => {
    await using one = await samsara()
    const { data } = (await one.get('/trips/stream', { ids: truck12, startTime: iso(minute(0)) })).json
    expect(data).toMatchObject([
      { asset: { id: truck12 }, tripStartTime: '2025-04-16T18:30:00Z', tripEndTime: '2025-04-16T20:00:00Z' },
      { completionStatus: 'completed', tripStartTime: '2025-04-16T20:10:00Z' },
    ])
    expect((await one.get('/trips/stream', { ids: truck12 })).status).toBe(400)
  })
})
