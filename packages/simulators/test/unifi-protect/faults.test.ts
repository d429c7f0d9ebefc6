import { describe, expect, it } from 'vitest'
import type { UnifiProtectSimulatorOptions, UnifiProtectSwitches } from '../../src/unifi-protect/index.ts'
import { ask, headerOf } from '../raw-client.ts'
import { TestClock } from '../test-clock.ts'
import { console, front, garage, json, yard } from './client.ts'

/** Some weeks after the world: footage of the future is not there yet. */
function november(o: { leaping?: boolean } = {}): TestClock {
  const clock = new TestClock(o)
  clock.advance(Date.UTC(2026, 10, 21) - clock.now())
  return clock
}

async function loggedIn(switches: Partial<UnifiProtectSwitches> = {}, more: UnifiProtectSimulatorOptions = {}) {
  const one = await console({ ...more, switches: { world: 'dst', ...switches } })
  await one.login()
  const hour = (from = '2026-10-24T01:00Z', hours = 1) =>
    one.film(front!, from, Date.parse(from) + Math.round(hours * 3_600_000))
  return { ...one, hour, [Symbol.asyncDispose]: () => one.simulator.close() }
}

describe('an export that fails', () => {
  it('does so the first times for each window, in every way there is', async () => {
    await using one = await loggedIn({ failN: 1, retryAfter: 7 })
    const forms: [UnifiProtectSwitches['failStatus'], number, RegExp][] = [
      ['400', 400, /^\{"error":"Bad Request"/],
      ['404-html', 404, /<html>.*nginx/s],
      ['429', 429, /^\{"error":"Too Many/],
      ['500', 500, /^\{"error":"Internal/],
      ['502', 502, /502 Bad Gateway/],
      ['503', 503, /503 Service/],
      ['504', 504, /504 Gateway/],
      ['200-empty', 200, /^$/],
      ['200-json', 200, /^\{"error"/],
      ['200-html', 200, /^<html>/],
      ['reset', 0, /^$/],
    ]
    for (const [index, [failStatus, status, body]] of forms.entries()) {
      one.simulator.set({ failStatus })
      const from = `2026-10-23T${String(index).padStart(2, '0')}:00Z`
      const reply = await one.hour(from)
      expect([failStatus, reply.status, reply.body.toString()]).toEqual([
        failStatus,
        status,
        expect.stringMatching(body),
      ])
      expect(headerOf(reply, 'retry-after')).toBe(failStatus === '429' ? '7' : undefined)
      expect((await one.hour(from)).body.length).toBeGreaterThan(200_000)
    }
  })

  it('may say when to come again as a date', async () => {
    const clock = november()
    await using one = await loggedIn({ failN: 1, failStatus: '429', retryAfter: 90, retryAfterForm: 'date' }, { clock })
    expect(Date.parse(headerOf(await one.hour(), 'retry-after')!)).toBe(clock.now() + 90_000)
  })

  it('does so for ever in a range whose index is broken, under load now and then, or for want of a right', async () => {
    await using one = await loggedIn({ nonMonotonic: 'Front Door@2026-10-24T01:59Z/2026-10-24T02:10Z' })
    for (const _ of [1, 2]) {
      const broken = await one.hour()
      expect([broken.status, json(broken)]).toEqual([500, { error: 'Non-monotonic timestamp provided' }])
    }
    expect((await one.hour('2026-10-24T03:00Z')).status).toBe(200)
    one.simulator.set({ nonMonotonic: 'none', overloadEvery: 2 })
    const loaded: [number, number][] = []
    for (let time = 0; time < 4; time++) {
      const { status, body } = await one.hour('2026-10-24T03:00Z', 1 / 60)
      loaded.push([status, body.length])
    }
    const fine = [200, loaded[0]![1]]
    expect(loaded).toEqual([fine, [500, 0], fine, [200, 0]])
    one.simulator.set({ overloadEvery: 0, rightMissing: garage! })
    expect((await one.hour()).status).toBe(200)
    expect((await one.film(garage!, '2026-10-24T01:00Z', '2026-10-24T02:00Z')).status).toBe(403)
    expect((await one.get(`cameras/${garage}`)).status).toBe(200)
  })

  it('sends elsewhere, which nobody should follow', async () => {
    await using one = await loggedIn({ redirectMedia: 'https://elsewhere.invalid/film.mp4' })
    const reply = await one.hour()
    expect([reply.status, headerOf(reply, 'location')]).toEqual([302, 'https://elsewhere.invalid/film.mp4'])
  })
})

describe('an export on its way', () => {
  it('breaks off, with a length and without, as often as it was told to', async () => {
    await using one = await loggedIn({ truncateAt: 50_001, faultTimes: 1 })
    const broken = await one.hour()
    expect([broken.status, broken.body.length, broken.complete]).toEqual([200, 50_001, false])
    const whole = await one.hour()
    expect(whole.complete).toBe(true)
    expect((await one.hour('2026-10-24T02:00Z')).body.length).toBe(50_001)
    one.simulator.set({ contentLength: false, truncate: 'clean', faultTimes: 9 })
    const short = await one.hour('2026-10-24T03:00Z')
    expect([short.body.length, short.complete, headerOf(short, 'content-length')]).toEqual([50_001, true, undefined])
    one.simulator.set({ truncateAt: undefined })
    expect((await one.hour()).body.equals(whole.body)).toBe(true)
  })

  it('is rendered first, may stall, and takes its time', async () => {
    const clock = november()
    await using one = await loggedIn({ renderMs: 16_000, stallAt: 100_000, stallMs: 9000, faultTimes: 1 }, { clock })
    const reply = one.hour()
    await expect.poll(() => one.simulator.exports.inFlight).toBe(1)
    await expect.poll(() => clock.waited).toBe(16_000)
    const [entry] = one.simulator.log.of('media')
    expect(entry).toMatchObject({ status: 0, bodyBytes: 0 })
    clock.advance(16_000)
    await expect.poll(() => entry!.bodyBytes).toBe(100_000)
    expect(entry!.ended).toBe('not-yet')
    clock.advance(9000)
    expect((await reply).complete).toBe(true)
    await expect.poll(() => one.simulator.exports).toEqual({ asked: 1, inFlight: 0, maximum: 1 })
    const leaping = november({ leaping: true })
    await using slow = await loggedIn({ rate: 10_000 }, { clock: leaping })
    const { body } = await slow.hour('2026-10-24T01:00Z', 1 / 6)
    expect(leaping.waited).toBeCloseTo((body.length / 10_000) * 1000, 0)
  })

  it('is counted, and so are the connections', async () => {
    const clock = november()
    await using one = await loggedIn({ renderMs: 1000 }, { clock })
    const both = [one.hour(), one.hour('2026-10-24T02:00Z')]
    await expect.poll(() => clock.waited).toBe(2000)
    expect([one.simulator.exports.inFlight, one.simulator.openConnections()]).toEqual([2, 2])
    clock.advance(1000)
    await Promise.all(both)
    await expect.poll(() => one.simulator.exports).toEqual({ asked: 2, inFlight: 0, maximum: 2 })
    await expect.poll(() => one.simulator.openConnections()).toBe(0)
  })
})

describe('a console that is asked too much', () => {
  it('crashes at more than an hour, is down for a while, and then knows nobody', async () => {
    const clock = november()
    await using one = await loggedIn({ crashOn: 'long', downMs: 20_000 }, { clock })
    expect((await one.hour('2026-10-24T01:00Z')).status).toBe(200)
    const crashed = await one.hour('2026-10-24T01:00Z', 1.001)
    expect([crashed.status, crashed.complete, one.simulator.crashes]).toEqual([0, false, 1])
    const down = await one.get('cameras')
    expect([down.status, down.body.toString()]).toEqual([502, expect.stringMatching(/nginx/)])
    expect((await one.login()).status).toBe(502)
    one.simulator.set({ downStatus: '404-html' })
    expect((await ask(one.simulator.url, '/')).status).toBe(404)
    one.simulator.set({ downStatus: 'refuse' })
    expect((await one.get('cameras')).status).toBe(0)
    clock.advance(20_000)
    expect((await one.get('cameras')).status).toBe(401)
    await one.login()
    expect((await one.get('cameras')).status).toBe(200)
    expect(one.simulator.logins).toEqual({ ok: 2, refused: 0, limited: 0 })
  })

  it('crashes at too many exports at once, and breaks the others off', async () => {
    const clock = november()
    await using one = await loggedIn({ crashOn: 'parallel', renderMs: 5000 }, { clock })
    const first = one.hour()
    await expect.poll(() => one.simulator.exports.inFlight).toBe(1)
    const second = await one.hour('2026-10-24T02:00Z')
    expect([(await first).status, second.status, one.simulator.crashes]).toEqual([0, 0, 1])
    one.simulator.crash()
    expect(one.simulator.crashes).toBe(2)
  })

  it('crashes once at the n-th export, whatever it is', async () => {
    await using one = await loggedIn({ crashAfter: 2, downMs: 0 })
    expect([(await one.hour()).status, (await one.hour()).status]).toEqual([200, 0])
    expect((await one.hour()).status).toBe(401)
    await one.login()
    expect([(await one.hour()).status, one.simulator.crashes]).toEqual([200, 1])
  })
})

describe('retention', () => {
  it('moves in the middle of a run', async () => {
    await using one = await loggedIn({ edgeAfter: 2, edgeBy: 7_200_000 })
    const oldest = async (camera: string) => json(await one.get(`cameras/${camera}`)).stats.video.recordingStartLQ
    const before = await oldest(yard!)
    const ask = () => one.film(yard!, before, before + 600_000)
    expect((await ask()).status).toBe(200)
    expect((await ask()).status).toBe(404)
    expect(await oldest(yard!)).toBe(before + 7_200_000)
    const [row] = one.simulator
      .truth({ start: before, end: before + 600_000 })
      .filter(({ cameraId }) => cameraId === yard)
    expect(row).toMatchObject({ outcome: 'expired', footage: [] })
    await ask()
    expect(await oldest(yard!)).toBe(before + 7_200_000)
    one.simulator.moveRetentionEdge({ camera: 'Front Door', to: Date.parse('2026-10-24T04:00Z') })
    expect(await oldest(front!)).toBe(Date.parse('2026-10-24T04:00Z'))
    expect((await one.hour('2026-10-24T03:00Z')).status).toBe(404)
  })
})
