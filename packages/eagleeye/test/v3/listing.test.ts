import { isGap } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { call, cameraOf, collect, hour, minute, pair, recordingsOf, today } from './pretend-cloud.ts'

const end = Date.UTC(2026, 1, 9)
const week = { start: end - 7 * 24 * hour, end }

describe('cameras', () => {
  it.each(['null', 'empty', 'mixed'] as const)(
    'are read to the last page (its token is %s), offline ones too',
    async (lastToken) => {
      await using it = await pair({ switches: { world: 'week', pageCap: 3, lastToken } })
      const cameras = await collect(it.source.cameras(call))
      expect(cameras).toHaveLength(20)
      expect(new Set(cameras.map(({ id }) => id)).size).toBe(20)
      expect(cameras.filter(({ state }) => state === 'offline').length).toBeGreaterThan(3)
      expect(cameras.every(({ timeZone }) => timeZone === 'America/Chicago')).toBe(true)
      expect(it.asked('cameras')).toBe(7)
      expect(it.cloud.violations).toEqual([])
    },
  )

  it('show that their footage may not be downloaded', async () => {
    await using it = await pair()
    const { id } = await cameraOf(it.source)
    it.cloud.set({ denied: id })
    expect((await cameraOf(it.source, id)).facts).toMatchObject({ downloadVideo: false, connection: 'online' })
  })

  it('belong to the account that is named', async () => {
    await using it = await pair()
    expect(await it.source.identify(call)).toEqual({ id: '00032123', name: 'archivist@example.com' })
  })
})

describe('recordings', () => {
  it('of a week are all listed, in order, each once, whatever the pages', async () => {
    await using it = await pair({ switches: { world: 'week', pageCap: 2 } })
    const cameras = await collect(it.source.cameras(call))
    const listed: string[] = []
    for (const camera of cameras) {
      const items = await collect(it.source.recordings(camera, week, call))
      const starts = items.map((item) => (isGap(item) ? Number.NaN : item.window!.start))
      expect(starts).toEqual([...starts].sort((a, b) => a - b))
      listed.push(...items.map((item) => (isGap(item) ? 'gap' : `${camera.id} ${item.id}`)))
    }
    const truth = it.cloud.truth(week).map((row) => `${row.cameraId} main/${new Date(row.start).toISOString()}`)
    expect(listed.sort()).toEqual(truth.sort())
    expect(listed.length).toBeGreaterThan(150)
    expect(it.cloud.violations).toEqual([])
    const targets = it.cloud.log.entries.filter(({ node }) => node === 'list').map(({ target }) => target)
    for (const target of targets) {
      expect(target).toMatch(/startTimestamp__gte=[^&]*%2B00%3A00(&|$)/)
      expect(target).toContain('coalesce=false')
      expect(target).not.toMatch(/[?&]sort=|\+|Z(&|$)/)
    }
  })

  it('that only lie in the time looked back upon are left out', async () => {
    await using it = await pair({ switches: { world: 'week' } })
    const [first] = it.cloud.truth(week)
    const found = await recordingsOf(it.source, {
      id: first!.cameraId,
      window: { start: first!.end, end: first!.end + minute },
    })
    expect(found.map(({ window }) => window!.start)).not.toContain(first!.start)
    const over = await recordingsOf(it.source, {
      id: first!.cameraId,
      window: { start: first!.end - 1, end: first!.end + minute },
    })
    expect(over.map(({ window }) => window!.start)).toContain(first!.start)
  })

  it('say how long the film has to be, the short ones more strictly', async () => {
    await using it = await pair({ switches: { world: 'week' } })
    const found: number[][] = []
    for (const { id } of await collect(it.source.cameras(call))) {
      for (const { window, expect: wanted } of await recordingsOf(it.source, { id, window: week })) {
        const { start, end } = window!
        expect(wanted?.durationMs).toBe(end - start)
        found.push([end - start, wanted!.toleranceMs!])
      }
    }
    expect(found).toContainEqual([900, 1000])
    expect(found).toContainEqual([20 * minute, 10_000])
    expect(found.filter(([ms, tolerance]) => ms! > 2000 && tolerance! > ms! / 2)).toEqual([])
  })

  it('that may still grow are not settled', async () => {
    const now = today
    const clip = { start: now - 10 * minute, end: now + 5 * minute }
    const id = '1002a0b1'
    const world = {
      ...{ accountId: '00032123', window: { start: now - hour, end: now }, bridges: [{ id: '100b0001', name: 'B' }] },
      cameras: [
        {
          ...{ id, name: 'Gate', bridgeId: '100b0001' },
          clips: [
            { start: now - 50 * minute, end: now - 45 * minute },
            { start: now - 12 * minute, end: now - 4 * minute },
            clip,
          ],
        },
      ],
    }
    await using it = await pair({ world, switches: { growingTwice: true } })
    const found = await recordingsOf(it.source, { id })
    // The one that goes on is listed a second time, with a later start: that is no clip, and is never planned.
    expect(found.map(({ settled }) => settled ?? true)).toEqual([true, false, false])
    it.clock.advance(hour)
    expect((await recordingsOf(it.source, { id })).map(({ settled }) => settled ?? true)).toEqual([true, true, true])
  })

  it.each(['429', '500', '503'] as const)('are asked for again after %s', async (listFailStatus) => {
    await using it = await pair({ switches: { listFailN: 2, listFailStatus, retryAfter: 7 } })
    expect(await recordingsOf(it.source)).not.toEqual([])
    expect(it.asked('list')).toBe(3)
    expect(it.clock.skipped).toEqual(listFailStatus === '500' ? [10, 10] : [7000, 7000])
  })

  it.each([
    ['400', 'REQUEST'],
    ['403', 'PERMISSION'],
    ['404', 'NOT_FOUND'],
    ['200-html', 'PROTOCOL'],
  ] as const)('are not concluded from %s', async (listFailStatus, code) => {
    await using it = await pair({ switches: { listFailN: 5, listFailStatus } })
    await expect(recordingsOf(it.source)).rejects.toMatchObject({
      code,
      vendor: code === 'PROTOCOL' ? undefined : 'eagleeye',
    })
    expect(it.asked('list')).toBe(1)
  })
})
