import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { cameraStill, readStamp } from '../../src/media.ts'
import { Shots } from '../../src/reolink/shots.ts'
import { TestClock } from '../test-clock.ts'
import { lumaOf } from './baseline-jpeg.ts'
import { reolink, sha256 } from './client.ts'

describe('a picture', () => {
  it('is a whole JPEG that says which channel and second it shows', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { profile: 'nvr-classic' } })
    const token = await one.login()
    const at = (channel: number, more = '') => one.get(`cmd=Snap&channel=${channel}&token=${token}${more}`)
    const first = await at(0)
    expect(first.headers.get('content-type')).toBe('image/jpeg')
    expect(first.headers.get('content-length')).toBe(String(first.body.length))
    const seen = []
    for (const [channel, more] of [
      [0, ''],
      [2, '&snapType=sub'],
      [5, '&width=1000&height=500'],
    ] as const) {
      const { width, height, luma } = lumaOf((await at(channel, more)).body)
      seen.push([width, height, readStamp(luma, width)])
    }
    const shows = clock.now()
    expect(seen).toEqual([
      [640, 480, { shows, angle: 0, vehicle: 0 }],
      [320, 240, { shows, angle: 2, vehicle: 1 }],
      [1000, 500, { shows, angle: 5, vehicle: 0 }],
    ])
    expect((await at(0)).body.equals(first.body)).toBe(true)
    clock.advance(1000)
    const second = await at(0)
    expect(second.body.equals(first.body)).toBe(false)
    const { shots } = one.device.truth()
    expect(shots.length).toBe(6)
    expect(shots[0]).toEqual({
      ...{ channel: 0, stream: 'main', at: shows, bytes: first.body.length, sha256: sha256(first.body) },
    })
    expect((await at(1)).json[0].error).toEqual({ detail: 'device offline', rspCode: -99 })
    expect((await at(3)).json[0].error.rspCode).toBe(-49)
    expect(one.device.violations).toEqual([])
  })

  it.each([
    [64, 48],
    [70, 50],
    [2560, 1920],
  ])('may be %i×%i', (width, height) => {
    const shows = Date.UTC(2026, 3, 1, 12, 34, 56)
    const picture = cameraStill({ shows, angle: 6, vehicle: 41, width, height })
    const decoded = lumaOf(picture.bytes())
    expect([decoded.width, decoded.height]).toEqual([width, height])
    expect(readStamp(decoded.luma, width)).toEqual({ shows, angle: 6, vehicle: 41 })
  })

  const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0
  it.runIf(ffmpeg)('is decoded by others too', () => {
    const { facts, ...picture } = cameraStill({ shows: 0, angle: 0, vehicle: 0, width: 1001, height: 333 })
    // Of pictures of its own it warns, too, that it misses their end.
    const args = ['-v', 'error', '-xerror', '-f', 'image2pipe', '-c:v', 'mjpeg', '-i', '-', '-f', 'rawvideo', '-']
    const decoded = spawnSync('ffmpeg', args, { input: picture.bytes(), maxBuffer: 16 * 1024 * 1024 })
    expect([decoded.status, decoded.stderr.toString()]).toEqual([0, ''])
    expect(decoded.stdout.length).toBe(facts.width * facts.height * 3)
  })
  if (!ffmpeg) console.log('skipped: decoding a picture, because ffmpeg is not on PATH')

  it('is another each second of a day, of every channel, and costs little', () => {
    const clock = new TestClock()
    const shots = new Shots(clock)
    const sums = new Set<string>()
    for (let minute = 0; minute < 1440; minute++, clock.advance(60_000))
      for (const channel of [0, 1]) sums.add(sha256(shots.take(channel, 'main', 320, 240, false).bytes))
    expect(sums.size).toBe(2880)
  })

  it('fails as JSON, as nothing, in part, or not at all', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock })
    const token = await one.login()
    const good = (await one.snap(token)).body
    const end = (body: Buffer) => body.subarray(-2).toString('hex')
    for (const snapFault of ['-6', '-12', '-17', '-48', '-99'] as const) {
      one.device.set({ snapFault })
      const reply = await one.snap(token)
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/html'])
      expect(reply.json[0].error.rspCode).toBe(Number(snapFault))
    }
    one.device.set({ snapFault: 'empty' })
    expect((await one.snap(token)).body.length).toBe(0)
    one.device.set({ snapFault: 'short' })
    const short = await one.snap(token)
    expect([short.broken, short.body.length, end(short.body) === 'ffd9']).toEqual([false, good.length >> 1, false])
    one.device.set({ snapFault: 'cut' })
    const cut = await one.snap(token)
    expect([cut.broken, cut.headers.get('content-length')]).toEqual([true, String(good.length)])
    one.device.set({ snapFault: 'padded' })
    expect((await one.snap(token)).body.subarray(0, good.length).equals(good)).toBe(true)
    one.device.set({ snapFault: 'chunked' })
    const chunked = await one.snap(token)
    expect([chunked.headers.get('content-length'), end(chunked.body)]).toEqual([null, 'ffd9'])
    one.device.set({ snapFault: 'reset' })
    await expect(one.snap(token)).rejects.toThrow()
    expect(one.device.truth().shots.length).toBe(3)
    one.device.set({ snapFault: 'stall' })
    const gone = AbortSignal.timeout(50)
    await expect(one.get(`cmd=Snap&channel=0&token=${token}`, { signal: gone })).rejects.toThrow()
  })

  it('is frozen until it is not, for so many times, in so many', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { snapFault: 'frozen', snapFaultTimes: 3 } })
    const token = await one.login()
    const sums = []
    for (let shot = 0; shot < 5; shot++) {
      clock.advance(1000)
      sums.push(sha256((await one.snap(token)).body))
    }
    expect(new Set(sums).size).toBe(3)
    expect([sums[0], sums[1]]).toEqual([sums[1], sums[2]])
    one.device.set({ snapFault: '-17', snapFaultEvery: 2, snapFaultTimes: 2 })
    const types = []
    for (let shot = 0; shot < 6; shot++) types.push((await one.snap(token)).headers.get('content-type'))
    expect(types.map((type) => type === 'image/jpeg')).toEqual([true, false, true, false, true, true])
  })

  it('takes about a second where that is wanted', async () => {
    const clock = new TestClock({ leaping: true })
    await using one = await reolink({ clock, switches: { snapLatency: 100 } })
    const token = await one.login()
    const before = clock.now()
    await one.snap(token)
    expect(clock.now() - before).toBeGreaterThanOrEqual(900)
    expect(clock.now() - before).toBeLessThan(1600)
  })
})
