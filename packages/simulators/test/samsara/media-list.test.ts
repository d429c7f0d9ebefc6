import { describe, expect, it } from 'vitest'
import { ask, iso, type Media, minute, refuse21, samsara, sha256, truck12, uploaded31 } from './client.ts'

const road = ['dashcamRoadFacing']

describe('the list of uploaded media', () => {
  it('has films, parts of films and stills, in another vocabulary', async () => {
    await using one = await samsara()
    const { media } = (await one.list(uploaded31, minute(0), minute(10))).json.data as { media: Media[] }
    const stills = media.filter(({ mediaType }) => mediaType === 'image')
    expect(stills.length).toBe(10)
    expect(new Set(stills.map(({ triggerReason }) => triggerReason))).toEqual(new Set(['periodicStill']))
    const films = media.filter(({ mediaType }) => mediaType === 'videoHighRes')
    expect(films.filter(({ input }) => input === 'dashcamForwardFacing').length).toBe(10)
    const inward = films.filter(({ input }) => input === 'dashcamInwardFacing')
    expect(inward.map(({ startTime, endTime, triggerReason }) => [startTime, endTime, triggerReason])).toEqual([
      ['2025-04-16T18:33:12.500Z', '2025-04-16T18:33:40Z', 'safetyEvent'],
      ['2025-04-16T18:34:00Z', '2025-04-16T18:35:00Z', 'panicButton'],
    ])
    const whole = await ask(films[0]!.urlInfo!.url)
    const [truth] = one.cloud.truth({ vehicle: uploaded31, start: minute(0), minutes: 1, angles: ['road'] })
    expect(sha256(whole.body)).toBe(truth!.film!.sha256)
    expect(media.every((row) => !('status' in row))).toBe(true)
    expect(one.cloud.counters()).toMatchObject({ orders: 0, seconds: 0 })
  })

  it('comes in pages', async () => {
    await using one = await samsara({ switches: { mediaPageSize: 4 } })
    const starts: string[] = []
    let after: string | undefined
    for (;;) {
      const more = { ...{ mediaTypes: 'videoHighRes', inputs: 'dashcamRoadFacing' }, ...(after ? { after } : {}) }
      const { data, pagination } = (await one.list(uploaded31, minute(0), minute(10), more)).json
      starts.push(...data.media.map(({ startTime }: Media) => startTime))
      if (!pagination.hasNextPage) break
      after = pagination.endCursor
    }
    expect(starts).toEqual(Array.from({ length: 10 }, (_, at) => iso(minute(at)).replace('.000', '')))
  })

  it('takes filters one by one, and neither commas nor brackets', async () => {
    await using one = await samsara()
    const span = `vehicleIds=${uploaded31}&startTime=${iso(minute(0))}&endTime=${iso(minute(10))}`
    const status = async (more: string) => (await one.get('/cameras/media', `${span}&${more}`)).status
    expect(await status('inputs=dashcamRoadFacing&inputs=analog1&mediaTypes=image&mediaTypes=videoHighRes')).toBe(200)
    expect(one.cloud.violations).toEqual([])
    expect(await status('inputs=dashcamRoadFacing,analog1')).toBe(400)
    expect(await status('inputs%5B%5D=dashcamRoadFacing')).toBe(400)
    expect(one.cloud.violations.length).toBe(2)
    // Answers have these names, questions do not.
    expect(await status('inputs=dashcamForwardFacing')).toBe(400)
    expect(await status('mediaTypes=videoLowRes')).toBe(400)
    one.cloud.set({ listTypes: 'all' })
    expect(await status('mediaTypes=videoLowRes')).toBe(200)
    const many = Array.from({ length: 21 }, (_, at) => String(at)).join(',')
    expect((await one.list(many, minute(0), minute(1))).status).toBe(400)
    expect((await one.list('', minute(0), minute(1))).status).toBe(400)
    expect((await one.list(uploaded31, minute(0), minute(24 * 60 + 1))).status).toBe(400)
    expect((await one.list('samsara.vin:1FUJGLDR0CLBP8831', minute(0), minute(1))).json.data.media.length).toBe(3)
  })

  it('is over edges or from starts, and after a moment strictly', async () => {
    await using one = await samsara()
    const films = { mediaTypes: 'videoHighRes', inputs: 'dashcamRoadFacing' }
    const count = async (from: number, to: number, more = {}) =>
      (await one.list(uploaded31, from, to, { ...films, ...more })).json.data.media.length
    expect(await count(minute(2) + 30_000, minute(4))).toBe(2)
    one.cloud.set({ listEdges: 'starting' })
    expect(await count(minute(2) + 30_000, minute(4))).toBe(1)
    const [first, second] = [iso(minute(4)), iso(minute(4) - 1)]
    expect(await count(minute(0), minute(1), { availableAfterTime: second })).toBe(1)
    expect(await count(minute(0), minute(1), { availableAfterTime: first })).toBe(0)
  })

  it('shows what was ordered later than polls do, and first without a URL', async () => {
    await using one = await samsara({ switches: { pendingPolls: 0, listLag: 2, listWithoutUrl: 1 } })
    const id = await one.placed(truck12, minute(0), road)
    expect(await one.poll(id)).toMatchObject([{ status: 'available' }])
    const films = async () =>
      (await one.list(truck12, minute(0), minute(1), { mediaTypes: 'videoHighRes' })).json.data.media as Media[]
    expect([await films(), await films()]).toEqual([[], []])
    expect((await films())[0]).not.toHaveProperty('urlInfo')
    const [shown] = await films()
    const [polled] = await one.poll(id)
    expect(shown!.availableAtTime).toBe(polled!.availableAtTime)
    expect((await ask(shown!.urlInfo!.url)).status).toBe(200)
  })

  it('writes the serial of a multi-camera box its own way', async () => {
    await using one = await samsara({ switches: { pendingPolls: 0, listFailN: 1, failStatus: '429' } })
    const [polled] = await one.delivered(refuse21, minute(0), ['analog4'])
    expect(polled).toMatchObject({ input: 'analog4', auxcamSerial: 'AHD4-7TC-21A', cameraRole: 'rightSide' })
    expect((await one.list(refuse21, minute(0), minute(1))).status).toBe(429)
    const [listed] = (await one.list(refuse21, minute(0), minute(1))).json.data.media
    expect(listed).toMatchObject({ input: 'analog4', auxCamSerial: 'AHD4-7TC-21A', cameraRole: 'rightSide' })
    expect(listed).not.toHaveProperty('auxcamSerial')
  })
})
