import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { axisTimelapse2 } from '../src/index.ts'
import { call, cameraClock, failure, fetched, hurriedClock, listed, pair } from './pretend-camera.ts'

const day = 86_400_000

describe('the list', () => {
  it('longer than 4 KiB comes from the index where the app loses it', async () => {
    await using both = await pair({ switches: { version: '1.1.2', world: 'months' } })
    const recordings = await listed(both.source)
    expect(recordings.map(({ name }) => name)).toEqual(both.camera.truth().map(({ filename }) => filename))
    expect(recordings).toHaveLength(92)
    expect(both.camera.log.of('list')[0]).toMatchObject({ status: 200, bodyBytes: 0 })
    expect(both.camera.log.of('index')).toHaveLength(1)
  })

  it.each(['1.1.3', '3.1.4'])('longer than 4 KiB is read directly from %s', async (version) => {
    await using both = await pair({ switches: { version, world: 'months' } })
    expect(await listed(both.source)).toHaveLength(92)
    expect(both.camera.log.of('media')).toEqual([])
  })

  it.each([
    ['object', 'of type object'],
    ['null', 'null and not an array'],
    ['html', 'not JSON'],
    ['broken', 'not JSON, or was cut off'],
  ] as const)('that is %s has failed: nothing is taken from it', async (listShape, said) => {
    await using both = await pair({ switches: { listShape } })
    const error = await failure(listed(both.source))
    expect(error).toMatchObject({ code: 'PROTOCOL', retryable: false })
    expect(error.message).toContain(said)
    expect(error.message).toContain(both.camera.host)
  })

  it('of a camera without archives is empty', async () => {
    await using both = await pair({ switches: { world: 'empty' } })
    expect(await listed(both.source)).toEqual([])
  })

  it('of one archive has one recording', async () => {
    await using both = await pair({ archives: [{}] })
    expect(await listed(both.source)).toHaveLength(1)
  })

  it('is not asked of another camera', async () => {
    await using both = await pair()
    const other = both.source.recordings({ id: 'B8A44F00CAFE', name: '' }, undefined, call)
    const error = await failure(other[Symbol.asyncIterator]().next())
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('B8A44F00CAFE') })
  })
})

describe('recordings', () => {
  it('state length and pictures of an AVI', async () => {
    await using both = await pair({ switches: { version: '1.1.3' } })
    const truth = both.camera.truth()
    for (const [index, recording] of (await listed(both.source)).entries()) {
      expect(recording).toMatchObject({ bytes: truth[index]!.size, resume: 'never', extension: 'avi' })
      expect(recording.expect?.frames).toBeGreaterThan(0)
      expect(await fetched(both.source, recording)).toEqual({ bytes: truth[index]!.size, sha256: truth[index]!.sha256 })
    }
  })

  it('state the length of an MP4 and may be resumed', async () => {
    await using both = await pair({ switches: { version: '3.1.4' } })
    const truth = both.camera.truth()
    const recordings = await listed(both.source)
    expect(recordings.map(({ bytes, resume }) => [bytes, resume])).toEqual(truth.map(({ size }) => [size, 'validated']))
    // Whether its encoder keeps every picture is not known, so that none is asked for.
    expect(recordings.map(({ expect: wanted }) => wanted)).toEqual(truth.map(() => undefined))
  })

  it('of TimelapseMe state nothing', async () => {
    await using both = await pair({ switches: { version: 'timelapseme' } })
    const truth = both.camera.truth()
    for (const [index, recording] of (await listed(both.source)).entries()) {
      expect(recording).toMatchObject({ windowFrom: 'none', resume: 'never', name: truth[index]!.filename })
      expect(recording).not.toHaveProperty('bytes')
      expect(recording).not.toHaveProperty('window')
    }
  })

  it('are those that overlap the window, and every undated one', async () => {
    await using both = await pair({ switches: { world: 'nasty' } })
    const all = await listed(both.source)
    const undated = all.filter(({ window }) => window === undefined)
    expect(undated.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^No_dates/),
        expect.stringMatching(/^Epoch/),
        expect.stringMatching(/^Overflow/),
        expect.stringMatching(/^Backwards/),
        expect.stringMatching(/^Text_dates/),
      ]),
    )
    const first = all.find(({ window }) => window)!.window!
    expect(await listed(both.source, { start: first.start, end: first.start + 1 })).toHaveLength(undated.length + 1)
    expect(await listed(both.source, { start: 0, end: first.start })).toEqual(undated)
  })

  it('are one for each entry, under ids of their own, the same in each run', async () => {
    for (const version of ['timelapseme', '1.1.3', '3.1.4']) {
      await using both = await pair({ switches: { world: 'nasty', version, auth: 'none' } })
      const [once, again] = [await listed(both.source), await listed(both.source)]
      expect(again).toEqual(once)
      expect(new Set(once.map(({ id }) => id)).size).toBe(once.length)
      expect(JSON.parse(JSON.stringify(once))).toEqual(once)
      const path = version === 'timelapseme' ? 'timelapseme/archives' : 'timelapse2/archive'
      const entries = (await (await fetch(`${both.camera.url}/local/${path}`)).json()) as unknown[]
      expect(once).toHaveLength(entries.length)
    }
  })

  it('keep their id when an update turns AVI into MP4', async () => {
    await using both = await pair({ switches: { version: '1.1.3' } })
    const before = await listed(both.source)
    both.camera.set({ version: '3.1.4' })
    await using after = await pair({ switches: { version: '3.1.4' } })
    expect((await listed(after.source)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    // The plan still says AVI: the footage is found under its new name, as another representation.
    const opened = await both.source.open(before[0]!, { byte: 0 }, call)
    expect(opened).toMatchObject({ representation: 'timelapse2/mp4', extension: 'mp4' })
    if ('body' in opened) await opened.body[Symbol.asyncIterator]().return?.()
  })

  it('that name no file are planned, and fail with their text', async () => {
    await using both = await pair({
      archives: [{ filename: 20260410 }, {}, { filename: null }, { filename: 20260410 }],
    })
    const recordings = await listed(both.source)
    expect(recordings).toHaveLength(4)
    expect(new Set(recordings.map(({ id }) => id)).size).toBe(4)
    for (const index of [0, 2, 3]) {
      const error = await failure(both.source.open(recordings[index]!, { byte: 0 }, call))
      expect(error).toMatchObject({ code: 'PROTOCOL' })
      expect(error.message).toMatch(/file name that is not a text.*(20260410|null)/)
    }
    expect(await fetched(both.source, recordings[1]!)).toMatchObject({ bytes: recordings[1]!.bytes })
  })

  it('of a camera whose clock runs ahead are undated', async () => {
    const now = Date.UTC(2026, 2, 4)
    const clock = { ...hurriedClock(), now: () => now }
    await using both = await pair({}, { clock })
    for (const { window } of await listed(both.source)) if (window) expect(window.end).toBeLessThan(now + day + 1)
    expect((await listed(both.source)).some(({ windowFrom }) => windowFrom === 'none')).toBe(true)
  })
})

describe('what keeps the app from listing', () => {
  it.each(['1.1.3', '3.1.0', '3.1.4', 'empty page'])('%s starting is waited for', async (version) => {
    const camera = cameraClock()
    const clock = hurriedClock()
    const wait: typeof clock.wait = (ms, signal) => {
      if (ms === 3000) camera.advance(ms)
      return clock.wait(ms, signal)
    }
    const empty = version === 'empty page'
    const switches = { version: empty ? '1.1.2' : version, bigApp: empty, world: 'default' as const, startupMs: 6000 }
    await using both = await pair({ clock: camera, switches }, { clock: { ...clock, wait } })
    expect(await listed(both.source)).toHaveLength(12)
    expect(clock.skipped.filter((ms) => ms === 3000)).toHaveLength(2)
  })

  it('starting for ever ends with words', async () => {
    await using both = await pair({ switches: { startupMs: 1e9 } }, { retry: { retries: 2 } })
    const error = await failure(listed(both.source))
    expect(error).toMatchObject({ code: 'BUSY', retryable: true, httpStatus: 503 })
    expect(error.message).toMatch(/still starting.*Service is still starting/)
    expect(both.camera.log.of('list')).toHaveLength(3)
  })

  it.each(['1.1.2', '3.1.0', '3.1.4'])('%s without a card says so', async (version) => {
    await using both = await pair({ switches: { version, sdMissing: true } })
    const error = await failure(listed(both.source))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    expect(error.message).toMatch(/no SD card.*SD Card is not available.*Insert/)
    expect(both.camera.log.of('list')).toHaveLength(1)
  })

  it('an empty list without a card is no camera without archives', async () => {
    const pages: Record<string, unknown> = {
      app: { manifest: { acapPackageConf: { setup: { version: '1.1.3' } } }, device: { serial: 'ACCC8E000001' } },
      archive: [],
      status: { sdcard: { present: false } },
    }
    const server = createServer((request, reply) =>
      reply.end(JSON.stringify(pages[request.url?.split('/').at(-1) ?? ''])),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    await using source = axisTimelapse2({ host, env: {} })
    const error = await failure(listed(source))
    pages.status = { sdcard: { present: true } }
    const empty = await listed(source)
    server.closeAllConnections()
    server.close()
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('no SD card') })
    expect(empty).toEqual([])
  })

  it.each([
    ['pending', 'UNAVAILABLE', 'start or decline'],
    ['running', 'BUSY', '0 of 12 done'],
  ] as const)('a conversion that is %s says so', async (migration, code, said) => {
    await using both = await pair({ switches: { migration } }, { retry: { retries: 0 } })
    const error = await failure(listed(both.source))
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(said)
  })

  it.each(['declined', 'complete', 'failed'] as const)('a conversion that is %s does not', async (migration) => {
    await using both = await pair({ switches: { migration } })
    expect(await listed(both.source)).toHaveLength(12)
  })

  it('an abort ends the waiting with its own reason', async () => {
    const leaving = new AbortController()
    const wait: typeof systemClock.wait = (ms, signal) => {
      if (ms === 3000) leaving.abort(new Error('leaving'))
      return systemClock.wait(ms, signal)
    }
    await using both = await pair({ switches: { startupMs: 1e9 } }, { clock: { ...systemClock, wait } })
    await both.source.identify(call)
    const listing = both.source.recordings({ id: 'ACCC8E000001', name: '' }, undefined, { signal: leaving.signal })
    expect((await failure(listing[Symbol.asyncIterator]().next())).message).toBe('leaving')
  })
})
