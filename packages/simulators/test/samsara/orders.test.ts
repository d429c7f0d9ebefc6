import { describe, expect, it } from 'vitest'
import { TestClock } from '../test-clock.ts'
import { ask, iso, minute, refuse21, samsara, sha256, truck12, truck13, truck14, uploaded31 } from './client.ts'

const road = ['dashcamRoadFacing']

describe('an order', () => {
  it('is paid, polled, and delivered with one URL an angle', async () => {
    await using one = await samsara()
    const reply = await one.order(truck12, minute(0), ['dashcamRoadFacing', 'dashcamDriverFacing', 'analog1'])
    expect([reply.status, reply.json.data.quotaStatus]).toEqual([
      200,
      'Current monthly usage is 300.0 seconds of high-res video out of 900000.0 available.',
    ])
    const id = reply.json.data.retrievalId
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect((await one.poll(id)).map(({ status, urlInfo }) => [status, urlInfo])).toEqual(
      Array.from({ length: 3 }, () => ['pending', undefined]),
    )
    const media = await one.poll(id)
    const truth = one.cloud.truth({ vehicle: 'Truck 12', start: minute(0), minutes: 1 })
    expect(media.map(({ input }) => input)).toEqual(truth.map(({ input }) => input))
    for (const [at, { status, startTime, endTime, urlInfo }] of media.entries()) {
      expect([status, startTime, endTime]).toEqual(['available', '2025-04-16T18:30:00Z', '2025-04-16T18:31:00Z'])
      const film = await ask(urlInfo!.url)
      expect(sha256(film.body)).toBe(truth[at]!.film!.sha256)
      expect(film.body.length).toBe(truth[at]!.film!.bytes)
    }
    expect(one.cloud.counters()).toEqual({
      ...{ orders: 1, items: 3, seconds: 180, lost: 0, duplicates: 0, avoidable: 0, limited: 0, pollsAfterEnd: 0 },
    })
    expect(one.cloud.violations).toEqual([])
  })

  it('may name roles, which become inputs', async () => {
    await using one = await samsara()
    const roles = { cameraRoles: ['rearHigh', 'hopper'] }
    const media = await one.delivered(refuse21, minute(1), road, roles)
    expect(media.map(({ input, cameraRole, auxcamSerial }) => [input, cameraRole, auxcamSerial])).toEqual([
      ['dashcamRoadFacing', undefined, undefined],
      ['analog2', 'rearHigh', 'AHD4-7TC-21A'],
      ['analog1', 'hopper', 'AHD4-7TC-21A'],
    ])
    expect((await one.order(refuse21, minute(2), [], roles)).status).toBe(200)
    one.cloud.set({ roles: false })
    expect((await one.order(refuse21, minute(3), [], roles)).status).toBe(400)
  })

  it('is refused where it breaks a rule', async () => {
    await using one = await samsara()
    const start = minute(5)
    const wrong = [
      one.order(truck12, start, []),
      one.order(truck12, start, ['road']),
      one.order(truck12, start, road, { mediaType: 'video' }),
      one.order(truck12, start, road, { endTime: iso(start + 999) }),
      one.order(truck12, start, road, { endTime: iso(start + 60_001) }),
      one.order(truck12, start, road, { endTime: '2025-04-16 18:36' }),
      one.order(truck12, start, road, { mediaType: 'image' }),
      one.order(truck12, start, road, { mediaType: 'videoLowRes', endTime: iso(start + 600_001) }),
      one.order(truck12, start, road, { cameraRoles: ['hopper'] }),
      one.send('what?'),
    ]
    for (const { status, json } of await Promise.all(wrong)) {
      expect(status).toBe(400)
      expect(json).toEqual({ message: expect.any(String), requestId: expect.stringMatching(/^[0-9a-f]{8}$/) })
    }
    expect((await one.order('1', start)).status).toBe(404)
    expect(one.cloud.orders).toEqual([])
    const zoned = { startTime: '2025-04-16T13:35:00.000-05:00', endTime: '2025-04-16T13:36:00-05:00' }
    expect((await one.order(truck12, start, road, zoned)).status).toBe(200)
    expect(one.cloud.orders).toMatchObject([{ start, end: start + 60_000, vehicleId: truck12 }])
  })

  it('of other media costs what the switches say', async () => {
    await using one = await samsara()
    const start = minute(20)
    const image = { mediaType: 'image', endTime: iso(start) }
    const [still] = await one.delivered(truck12, start, road, image)
    const jpeg = await ask(still!.urlInfo!.url)
    expect(jpeg.headers.get('content-type')).toBe('image/jpeg')
    const [truth] = one.cloud.truth({ vehicle: truck12, start, minutes: 1, angles: ['road'], mediaType: 'image' })
    expect([sha256(jpeg.body), truth!.end]).toEqual([truth!.film!.sha256, start])
    expect(one.cloud.counters().seconds).toBeCloseTo(0.1)
    one.cloud.set({ quotaPerInput: false })
    await one.placed(truck12, start, ['dashcamRoadFacing', 'analog1'])
    expect(one.cloud.counters().seconds).toBeCloseTo(60.1)
    one.cloud.set({ quotaOther: 'free' })
    const lapse = { mediaType: 'hyperlapse', endTime: iso(start + 600_000) }
    const [film] = await one.delivered(truck12, start, road, lapse)
    expect(one.cloud.counters().seconds).toBeCloseTo(60.1)
    const right = one.cloud.film({
      vehicle: truck12,
      angle: 'road',
      start,
      end: start + 600_000,
      mediaType: 'hyperlapse',
    })
    expect(sha256((await ask(film!.urlInfo!.url)).body)).toBe(right!.sha256)
  })

  it('is refused beyond the quota, in the way the switch says', async () => {
    await using one = await samsara({ switches: { quotaUsed: 899_900 } })
    await one.placed(truck12, minute(0), road)
    expect((await one.order(truck12, minute(1), road)).status).toBe(429)
    one.cloud.set({ quotaAnswer: '429-long', retryAfter: 'seconds' })
    expect((await one.order(truck12, minute(1), road)).headers.get('retry-after')).toBe('86400')
    one.cloud.set({ quotaAnswer: '400', quotaWords: 'other' })
    const { status, json } = await one.order(truck12, minute(1), road)
    expect([status, json.message]).toEqual([400, expect.stringContaining('usage limit')])
    expect(one.cloud.counters().orders).toBe(1)
  })
})

describe('a minute that was not recorded', () => {
  it('is refused when no angle has it, in the words of the switch', async () => {
    await using one = await samsara()
    const refused = await one.order(truck13, minute(11))
    expect([refused.status, refused.json.message]).toEqual([
      400,
      'The device was not recording at 2025-04-16T18:41:00Z.',
    ])
    one.cloud.set({ notRecordingWords: 'wrapped', unrecorded: `${truck12}@2025-04-16T18:35:00Z` })
    expect((await one.order(truck12, minute(5))).json.message).toMatch(/^rpc error.* not recording at 2025/)
    expect((await one.order(truck12, minute(6))).status).toBe(200)
    expect(one.cloud.truth({ vehicle: truck13, start: minute(11), minutes: 1 })).toMatchObject(
      ['road', 'driver', 'analog1'].map((angle) => ({ angle, outcome: 'absent', reason: 'not-recording' })),
    )
  })

  it('by one angle only is accepted, and that angle ends as unavailable', async () => {
    await using one = await samsara()
    const id = await one.placed(truck14, minute(4))
    await one.poll(id)
    expect((await one.poll(id)).map(({ status }) => status)).toEqual(['available', 'unavailable'])
    const [, driver] = one.cloud.truth({ vehicle: truck14, start: minute(4), minutes: 1 })
    expect(driver).toMatchObject({ angle: 'driver', outcome: 'absent', reason: 'not-recording' })
  })

  it('by a camera that is not there is what the switch says', async () => {
    await using one = await samsara()
    const inputs = ['dashcamRoadFacing', 'analog3']
    const statuses = async (start: number) => {
      const id = await one.placed(truck12, start, inputs)
      await one.poll(id)
      return (await one.poll(id)).map(({ status }) => status)
    }
    expect(await statuses(minute(0))).toEqual(['available', 'unavailable'])
    one.cloud.set({ noCamera: 'invalid' })
    expect(await statuses(minute(1))).toEqual(['available', 'invalid'])
    one.cloud.set({ noCamera: 'omitted' })
    expect(await statuses(minute(2))).toEqual(['available'])
    one.cloud.set({ noCamera: '400' })
    expect((await one.order(truck12, minute(3), inputs)).status).toBe(400)
  })
})

describe('a duplicate', () => {
  it('is a violation while the first is paid for, and not once it has failed', async () => {
    await using one = await samsara()
    await one.placed(truck12, minute(0), road)
    await one.placed(truck12, minute(1), road)
    await one.placed(truck12, minute(0), ['dashcamDriverFacing'])
    expect(one.cloud.violations).toEqual([])
    // Half a minute later is half of it twice.
    await one.placed(truck12, minute(0) + 30_000, ['analog1', 'dashcamRoadFacing'])
    expect(one.cloud.violations).toEqual([`paid twice: ${truck12} dashcamRoadFacing videoHighRes 2025-04-16T18:30:30Z`])
    expect(one.cloud.counters().duplicates).toBe(1)
    const driver = ['dashcamDriverFacing']
    const id = await one.placed(truck13, minute(17), driver)
    await one.placed(truck13, minute(17), driver)
    expect(one.cloud.counters().duplicates).toBe(2)
    await one.poll(id)
    expect(await one.poll(id)).toMatchObject([{ status: 'failed' }])
    await one.poll(id)
    expect(one.cloud.counters().pollsAfterEnd).toBe(1)
  })

  it('of what failed is none', async () => {
    await using one = await samsara()
    const driver = ['dashcamDriverFacing']
    const id = await one.placed(truck13, minute(17), driver)
    await one.poll(id)
    expect(await one.poll(id)).toMatchObject([{ status: 'failed' }])
    await one.placed(truck13, minute(17), driver)
    expect(one.cloud.violations).toEqual([])
  })

  it('of what was uploaded is counted apart', async () => {
    await using one = await samsara()
    await one.placed(uploaded31, minute(2), road)
    await one.placed(uploaded31, minute(3), ['dashcamDriverFacing'])
    expect(one.cloud.counters()).toMatchObject({ avoidable: 1, duplicates: 0 })
  })
})

describe('a lost reply', () => {
  for (const how of ['lost', 'lost-500', 'lost-504', 'lost-garbage'] as const)
    it(`(${how}) was paid, and stands in the list once it is ready`, async () => {
      await using one = await samsara({ switches: { postFailN: 1, postFailStatus: how } })
      const reply = await one.order(truck12, minute(3), road).catch(() => undefined)
      expect(reply?.status).toBe({ lost: undefined, 'lost-500': 500, 'lost-504': 504, 'lost-garbage': 200 }[how])
      expect(one.cloud.orders).toMatchObject([{ start: minute(3), lost: true, seconds: 60 }])
      const films = async () =>
        (await one.list(truck12, minute(3), minute(4), { mediaTypes: 'videoHighRes' })).json.data.media
      expect(await films()).toEqual([])
      expect(await films()).toMatchObject([{ input: 'dashcamForwardFacing', triggerReason: 'api' }])
      expect((await one.order(truck12, minute(3), road)).status).toBe(200)
      expect(one.cloud.counters()).toMatchObject({ orders: 2, lost: 1, duplicates: 1 })
    })

  it('is also one whose client went before it came', async () => {
    const clock = new TestClock()
    await using one = await samsara({ clock, switches: { postMs: 5000 } })
    const client = new AbortController()
    const gone = ask(`${one.cloud.url}/cameras/media/retrieval`, {
      ...{ method: 'POST', headers: one.bearer, signal: client.signal },
      body: JSON.stringify({
        vehicleId: truck12,
        startTime: iso(minute(0)),
        endTime: iso(minute(1)),
        mediaType: 'videoHighRes',
        inputs: road,
      }),
    }).catch(() => 'gone')
    // It stands there before the reply does.
    await expect.poll(() => one.cloud.orders.length).toBe(1)
    expect(one.cloud.orders[0]?.lost).toBe(false)
    client.abort()
    expect(await gone).toBe('gone')
    await expect.poll(() => one.cloud.orders[0]?.lost).toBe(true)
  })

  it('is none where the request failed before it was accepted', async () => {
    await using one = await samsara({ switches: { postFailN: 2, postFailStatus: 'reset' } })
    await expect(one.order(truck12, minute(0))).rejects.toThrow()
    one.cloud.set({ postFailStatus: '503' })
    expect((await one.order(truck12, minute(0))).status).toBe(503)
    expect(one.cloud.orders).toEqual([])
    expect((await one.order(truck12, minute(0))).status).toBe(200)
    // Each minute anew.
    expect((await one.order(truck12, minute(1))).headers.get('retry-after')).toMatch(/^0\.4\d+$/)
  })
})
