import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type AxisSwitches, type AxisTimelapse2Options, startAxisTimelapse2 } from '../src/axis-timelapse2/index.ts'
import { ask, headerOf, type RawRequest } from './raw-client.ts'
import { TestClock } from './test-clock.ts'

async function start(switches: Partial<AxisSwitches>, more: AxisTimelapse2Options = {}) {
  const camera = await startAxisTimelapse2({ ...more, switches: { auth: 'none', ...switches } })
  const files = camera.truth()
  const get = (index = 0, request: RawRequest = {}) =>
    ask(camera.url, `/local/timelapse2/download?filename=${files[index]!.filename}`, request)
  return { camera, files, get, [Symbol.asyncDispose]: () => camera.close() }
}

describe('a body that ends early', () => {
  it('breaks after exactly so many bytes, with and without a length', async () => {
    for (const length of ['kept', 'dropped'] as const) {
      await using one = await start({ truncateAt: 150_001, length })
      const reply = await one.get()
      expect([reply.status, reply.body.length, reply.complete]).toEqual([200, 150_001, false])
      await expect.poll(() => one.camera.log.of('media')[0]?.endedAt).toBeDefined()
      expect(one.camera.log.of('media')[0]).toMatchObject({ ended: 'cut', bodyBytes: 150_001 })
    }
  })

  it('ends as if complete when nobody stated a length: only the file itself can tell', async () => {
    await using one = await start({ truncateAt: 150_001, truncate: 'clean' })
    const reply = await one.get()
    expect([reply.body.length, reply.complete]).toEqual([150_001, true])
    expect(one.camera.log.of('media')[0]).toMatchObject({ ended: 'cut' })
    await using stated = await start({ truncateAt: 150_001, truncate: 'clean', length: 'kept' })
    const kept = await stated.get(0, { headers: { Connection: 'keep-alive' } })
    expect([kept.body.length, kept.complete]).toEqual([150_001, false])
  })

  it('delivers the head even of nothing', async () => {
    await using one = await start({ truncateAt: 0 })
    const reply = await one.get()
    expect([reply.status, reply.body.length, reply.complete]).toEqual([200, 0, false])
  })

  it('counts from where a range begins, and as often as it was told', async () => {
    await using one = await start({ truncateAt: 1000, faultTimes: 2 })
    const part = await one.get(0, { headers: { Range: 'bytes=5000-' } })
    expect([part.status, part.body.length]).toEqual([206, 1000])
    expect((await one.get()).body.length).toBe(1000)
    expect((await one.get()).body.length).toBe(one.files[0]!.size)
    expect((await one.get(1)).body.length).toBe(1000)
  })
})

describe('a body that is too long', () => {
  it('goes on after its stated length, or is simply longer', async () => {
    await using stated = await start({ grow: 333, length: 'kept' })
    const reply = await stated.get()
    expect([reply.body.length, reply.surplus.length]).toEqual([stated.files[0]!.size, 333])
    await using chunked = await start({ grow: 333 })
    expect((await chunked.get()).body.length).toBe(chunked.files[0]!.size + 333)
  })
})

describe('time', () => {
  it('is taken by a stall, after exactly so many bytes', async () => {
    const clock = new TestClock()
    await using one = await start({ stallAt: 70_000, stallMs: 9000 }, { clock })
    const reply = one.get()
    await expect.poll(() => one.camera.log.of('media')[0]?.bodyBytes).toBe(70_000)
    clock.advance(8999)
    expect(one.camera.log.of('media')[0]).toMatchObject({ bodyBytes: 70_000, ended: 'not-yet' })
    clock.advance(1)
    expect((await reply).body.length).toBe(one.files[0]!.size)
  })

  it('is taken by a rate, in pauses of about a twentieth of a second', async () => {
    const clock = new TestClock({ leaping: true })
    await using one = await start({ rate: 100_000, writeTimeout: 0 }, { clock })
    await one.get()
    expect(clock.waited).toBeCloseTo((one.files[0]!.size / 100_000) * 1000, 0)
  })

  it('runs out for a client that stops reading', async () => {
    const clock = new TestClock()
    const archives = [{ filename: 'big.mp4', bytes: 64 * 1024 * 1024 }]
    await using one = await start({ version: '3.1.4' }, { clock, archives })
    let goOn: () => void = () => {}
    const pause = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const reply = one.get(0, { pause })
    let before = -1
    await expect
      .poll(
        () => {
          const sent = one.camera.log.of('media')[0]?.bodyBytes ?? 0
          const still = sent > 0 && sent === before
          before = sent
          return still
        },
        { interval: 100 },
      )
      .toBe(true)
    clock.advance(1999)
    expect(one.camera.log.of('media')[0]?.ended).toBe('not-yet')
    clock.advance(1)
    await expect.poll(() => one.camera.log.of('media')[0]?.ended).toBe('cut')
    goOn()
    expect((await reply).complete).toBe(false)
  })
})

describe('requests that fail', () => {
  it('fail n times for each archive, then work', async () => {
    await using one = await start({ failN: 2, failStatus: 500 })
    const replies = [await one.get(), await one.get(), await one.get(), await one.get(1)]
    expect(replies.map(({ status, reason }) => `${status} ${reason}`)).toEqual([
      '500 Server Error',
      '500 Server Error',
      '200 OK',
      '500 Server Error',
    ])
  })

  it('lose their connection before any answer', async () => {
    await using one = await start({ dropBeforeHeaders: 1 })
    expect([(await one.get()).status, (await one.get()).status]).toEqual([0, 200])
    expect(one.camera.log.entries[0]).toMatchObject({ status: 0, ended: 'cut' })
  })

  it('find nothing where an archive was listed', async () => {
    await using one = await start({ vanish: 1 })
    expect([(await one.get(0)).status, (await one.get(1)).status]).toEqual([404, 200])
  })
})

describe('an archive that changes', () => {
  it('has other bytes and another ETag after its n-th body', async () => {
    await using one = await start({ changeMidRun: 1, truncateAt: 1000, faultTimes: 1 })
    const first = await one.get()
    const again = await one.get(0, { headers: { Range: 'bytes=1000-', 'If-Range': headerOf(first, 'etag')! } })
    expect([again.status, headerOf(again, 'etag') === headerOf(first, 'etag')]).toEqual([200, false])
    const [now] = one.camera.truth()
    expect(now!.sha256).not.toBe(one.files[0]!.sha256)
    expect(createHash('sha256').update(again.body).digest('hex')).toBe(now!.sha256)
    expect((await one.get()).body.equals(again.body)).toBe(true)
  })
})

describe('switches', () => {
  it('turn while it runs, except the world', async () => {
    await using one = await start({})
    one.camera.set({ version: '1.1.3' })
    expect(one.camera.truth()[0]?.filename).toMatch(/\.avi$/)
    expect(() => one.camera.set({ world: 'huge' })).toThrow(/world/)
    expect(() => one.camera.set({ rate: -1 })).toThrow(/rate/)
    await expect(startAxisTimelapse2({ switches: { version: 'two' } })).rejects.toThrow(/version/)
  })

  it('leave half a gigabyte servable without holding it', async () => {
    await using one = await start({ world: 'huge', length: 'kept', truncateAt: 3_000_000, auth: 'none' })
    const reply = await one.get(0, { headers: { Range: 'bytes=500000000-' } })
    expect([reply.status, headerOf(reply, 'content-length'), reply.body.length]).toEqual([206, '36870912', 3_000_000])
  })
})
