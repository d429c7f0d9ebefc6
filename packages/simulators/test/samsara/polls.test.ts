import { describe, expect, it } from 'vitest'
import { TestClock } from '../test-clock.ts'
import { ask, minute, old51, samsara, sha256, truck12, truck13, truck14 } from './client.ts'

const road = ['dashcamRoadFacing']
const three = ['dashcamRoadFacing', 'dashcamDriverFacing', 'analog1']

describe('a poll', () => {
  it('says nothing, then pending, then each angle in its own time', async () => {
    await using one = await samsara({ switches: { emptyPolls: 2, pendingPolls: 1, pollSpread: 4 } })
    const ids = []
    for (let at = 0; at < 6; at++) ids.push(await one.placed(truck12, minute(at), three))
    const readyAfter: number[][] = []
    for (const id of ids) {
      const polls = new Map<string, number>()
      for (let number = 1; number <= 8; number++) {
        const media = await one.poll(id)
        expect(media.length).toBe(number <= 2 ? 0 : 3)
        if (number === 3) expect(media.every(({ status }) => status === 'pending')).toBe(true)
        for (const { input, status } of media) if (status === 'available' && !polls.has(input)) polls.set(input, number)
      }
      readyAfter.push(three.map((input) => polls.get(input)!))
    }
    const all = readyAfter.flat()
    expect([Math.min(...all), Math.max(...all)]).toEqual([4, 8])
    // Out of order: within an order, and from minute to minute.
    expect(readyAfter.some((own) => own.some((polls, at) => polls < (own[at - 1] ?? 0)))).toBe(true)
    expect(readyAfter.some(([first], at) => at > 0 && first! < readyAfter[at - 1]![0]!)).toBe(true)
  })

  it('waits for the clock, too, and for the vehicle', async () => {
    const clock = new TestClock()
    await using one = await samsara({ clock, switches: { pendingPolls: 0, uploadMs: 60_000, offline: truck13 } })
    const [id, other] = [await one.placed(truck12, minute(0), road), await one.placed(truck13, minute(0), road)]
    expect(await one.poll(id)).toMatchObject([{ status: 'pending' }])
    clock.advance(60_000)
    expect(await one.poll(id)).toMatchObject([{ status: 'available', availableAtTime: '2026-04-01T00:01:00Z' }])
    expect(await one.poll(other)).toMatchObject([{ status: 'pending' }])
    expect(one.cloud.truth({ vehicle: truck13, start: minute(0), minutes: 1, angles: ['road'] })).toMatchObject([
      { outcome: 'pending', reason: 'offline' },
    ])
    one.cloud.set({ offline: 'none' })
    expect(await one.poll(other)).toMatchObject([{ status: 'available' }])
    one.cloud.set({ retrievalTtl: 60_000 })
    expect((await one.get('/cameras/media/retrieval', { retrievalId: id })).status).toBe(404)
  })

  it('tells every odd thing there is', async () => {
    await using one = await samsara()
    const told = async (at: number) => {
      const id = await one.placed(truck14, minute(at), road)
      const polls = []
      for (let poll = 0; poll < 3; poll++)
        polls.push((await one.poll(id)).map(({ status, urlInfo }) => `${status}${urlInfo ? ' here' : ''}`).join())
      return polls
    }
    expect(await told(0)).toEqual(['pending', 'unavailable', 'unavailable'])
    expect(await told(1)).toEqual(['pending', 'invalid', 'invalid'])
    expect(await told(2)).toEqual(['pending', 'pending', 'pending'])
    expect(await told(3)).toEqual(['transcoding', 'available here', 'available here'])
    expect(await told(4)).toEqual(['pending', 'available', 'available here'])
    expect(await told(5)).toEqual(['pending,pending', 'available here,available here', 'available here,available here'])
    const outcomes = one.cloud.truth({ vehicle: truck14, start: minute(0), minutes: 6, angles: ['road'] })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['absent', 'absent', 'pending', 'kept', 'kept', 'kept'])
  })

  it('fails for each retrieval as often as it is told to, and in every way', async () => {
    await using one = await samsara({ switches: { pollFailN: 1, failStatus: '500', failBody: 'html' } })
    const id = await one.placed(truck12, minute(0), road)
    const get = () => one.get('/cameras/media/retrieval', { retrievalId: id })
    const first = await get()
    expect([first.status, first.headers.get('content-type')]).toEqual([500, 'text/html'])
    expect((await get()).status).toBe(200)
    one.cloud.set({ pollFailN: 9, failStatus: '200-cut' })
    const cut = await get()
    expect(cut.status).toBe(200)
    expect(() => cut.json).toThrow(SyntaxError)
    one.cloud.set({ failStatus: 'reset' })
    await expect(get()).rejects.toThrow()
    one.cloud.set({ only: truck13 })
    expect((await get()).status).toBe(200)
    expect((await one.get('/cameras/media/retrieval', { retrievalId: 'x' })).status).toBe(404)
  })

  it('mints a new URL each time, for the same bytes', async () => {
    const clock = new TestClock()
    await using one = await samsara({ clock, switches: { urlTtl: 10_000 } })
    const id = await one.placed(truck12, minute(0), road)
    await one.poll(id)
    const [first] = await one.poll(id)
    const [second] = await one.poll(id)
    expect(first!.urlInfo!.url).not.toBe(second!.urlInfo!.url)
    expect(first!.urlInfo!.urlExpiryTime).toBe('2026-04-01T00:00:10Z')
    expect((await ask(first!.urlInfo!.url)).body.equals((await ask(second!.urlInfo!.url)).body)).toBe(true)
    clock.advance(10_000)
    const expired = await ask(first!.urlInfo!.url)
    expect([expired.status, expired.body.toString()]).toEqual([403, expect.stringContaining('Request has expired')])
    const [third] = await one.poll(id)
    expect((await ask(third!.urlInfo!.url)).status).toBe(200)
    one.cloud.set({ urlExpiryStated: false })
    expect(Object.keys((await one.poll(id))[0]!.urlInfo!)).toEqual(['url'])
  })
})

describe('footage that is no longer on the card', () => {
  it('is refused, or ends as unavailable', async () => {
    await using one = await samsara()
    const refused = await one.order(old51, minute(0), road)
    expect([refused.status, refused.json.message]).toEqual([400, expect.stringContaining('no longer stored')])
    one.cloud.set({ expiredAnswer: '400-not-recording' })
    expect((await one.order(old51, minute(0), road)).json.message).toContain('not recording at')
    one.cloud.set({ expiredAnswer: 'unavailable' })
    const id = await one.placed(old51, minute(0), road)
    await one.poll(id)
    expect(await one.poll(id)).toMatchObject([{ status: 'unavailable' }])
    const rows = one.cloud.truth({ vehicle: old51, start: minute(0), minutes: 12, angles: ['road'] })
    // The third had been uploaded in time.
    expect(rows.map(({ outcome }) => outcome[0]).join('')).toBe('eekeeeeeeekk')
  })

  it('does not take with it what is in the cloud', async () => {
    await using one = await samsara()
    const [film] = await one.delivered(truck12, minute(0), road)
    const late = await one.placed(truck12, minute(1), road)
    const { sha256: right } = one.cloud.film({ vehicle: truck12, angle: 'road', start: minute(0) })!
    one.cloud.moveRetentionEdge({ to: minute(30) })
    expect(sha256((await ask(film!.urlInfo!.url)).body)).toBe(right)
    await one.poll(late)
    expect(await one.poll(late)).toMatchObject([{ status: 'unavailable' }])
    expect((await one.order(truck12, minute(2), road)).status).toBe(400)
  })
})
