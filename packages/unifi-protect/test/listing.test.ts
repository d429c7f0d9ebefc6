import { describe, expect, it } from 'vitest'
import { pieceId } from '../src/client/segments.ts'
import {
  at,
  call,
  cameraA,
  cameraB,
  failure,
  hour,
  hurriedClock,
  listed,
  minute,
  pair,
  span,
  worldOf,
} from './pretend-console.ts'

const day = span('2026-11-02T00:00:00Z', '2026-11-03T00:00:00Z')
const window = span('2026-11-02T08:15:00Z', '2026-11-02T11:30:00Z')

describe('identity', () => {
  it('is the console, whatever its address; other footage of it is kept apart', async () => {
    await using both = await pair()
    const id = async (options: Parameters<typeof both.again>[0]) => (await both.again(options).identify(call)).id
    const { console } = both
    expect(await both.source.identify(call)).toEqual({ id: '61b3f5c7033ea703e7000424', name: 'Home Console' })
    expect(await id({ address: `https://localhost:${console.port}` })).toBe('61b3f5c7033ea703e7000424')
    const all = await Promise.all([
      id({ footage: 'events' }),
      id({ footage: 'timelapse', speed: 300 }),
      id({ footage: 'timelapse', speed: 60 }),
      id({ footage: 'snapshots' }),
      id({ channel: 2 }),
      id({ channel: 3, footage: 'events' }),
    ])
    expect(all).toEqual([
      '61b3f5c7033ea703e7000424/events',
      '61b3f5c7033ea703e7000424/timelapse-300x',
      '61b3f5c7033ea703e7000424/timelapse-60x',
      '61b3f5c7033ea703e7000424/snapshots',
      '61b3f5c7033ea703e7000424/channel-2',
      '61b3f5c7033ea703e7000424/events/channel-3',
    ])
  })
})

describe('cameras', () => {
  it('without a name, of one name, offline, denied or never recorded are there; those of other consoles are not', async () => {
    await using both = await pair({ switches: { world: 'nasty' } })
    const cameras = []
    for await (const camera of both.source.cameras(call)) cameras.push(camera)
    expect(cameras.map(({ name }) => name)).toEqual([
      'G4 Pro E063DA0B0001',
      'Shown Name',
      'Twins',
      'Twins',
      '../../etc/passwd',
      'Hof ÄÖÜ 📷 <b>#1</b>',
      'G4 Pro E063DA0B0007',
      'Offline',
      'Never Recorded',
      'Denied',
      'Doorbell',
      'Two Moments',
    ])
    expect(cameras.every(({ timeZone }) => timeZone === 'Europe/Berlin')).toBe(true)
    expect(cameras.find(({ name }) => name === 'Offline')?.state).toBe('offline')
    expect(new Set(cameras.map(({ id }) => id)).size).toBe(cameras.length)
  })

  it('an offline camera is listed like any other', async () => {
    await using both = await pair({ switches: { world: 'nasty' } })
    const { recordings } = await listed(both.source, span('2026-11-02T08:00:00Z', '2026-11-02T10:00:00Z'), 'Offline')
    expect(recordings).toHaveLength(2)
  })

  it('that never recorded anything is absent, in words', async () => {
    await using both = await pair({ switches: { world: 'nasty' } })
    expect(await listed(both.source, window, 'Never Recorded')).toEqual({
      recordings: [],
      gaps: [expect.objectContaining({ ...window, outcome: 'absent', reason: expect.stringContaining('no footage') })],
    })
    expect(await listed(both.source, undefined, 'Never Recorded')).toEqual({ recordings: [], gaps: [] })
  })
})

describe('continuous footage', () => {
  const world = worldOf(day, {}, {})

  it('is cut at the hours, from the middle of one to the middle of another', async () => {
    await using both = await pair({ world })
    const { recordings, gaps } = await listed(both.source, window)
    expect(gaps).toEqual([])
    expect(recordings.map(({ id }) => id)).toEqual([
      '2026-11-02T08:15:00.000Z/2026-11-02T09:00:00.000Z',
      '2026-11-02T09:00:00.000Z/2026-11-02T10:00:00.000Z',
      '2026-11-02T10:00:00.000Z/2026-11-02T11:00:00.000Z',
      '2026-11-02T11:00:00.000Z/2026-11-02T11:30:00.000Z',
    ])
    expect(recordings[1]).toEqual({
      id: '2026-11-02T09:00:00.000Z/2026-11-02T10:00:00.000Z',
      cameraId: cameraA,
      window: span('2026-11-02T09:00:00Z', '2026-11-02T10:00:00Z'),
      windowFrom: 'asked',
      extension: 'mp4',
      resume: 'never',
      expect: { toleranceMs: 10_000, width: 320, height: 180 },
      facts: { channel: 0, quality: 'high' },
    })
  })

  it('of all there is, without a window', async () => {
    const old = worldOf(day, { recorded: [span('2026-11-02T22:40:00Z', '2026-11-03T00:00:00Z')] })
    const clock = hurriedClock(at('2026-11-03T00:10:00Z'))
    await using both = await pair({ world: old }, {}, clock)
    const { recordings, gaps } = await listed(both.source)
    expect(recordings.map(({ window }) => window)).toEqual([
      span('2026-11-02T22:40:00Z', '2026-11-02T23:00:00Z'),
      span('2026-11-02T23:00:00Z', '2026-11-03T00:00:00Z'),
      span('2026-11-03T00:00:00Z', '2026-11-03T00:08:00Z'),
    ])
    expect(gaps).toEqual([
      expect.objectContaining({ ...span('2026-11-03T00:08:00Z', '2026-11-03T00:10:00Z'), outcome: 'pending' }),
    ])
  })

  it('that is still being written is pending, and not a piece', async () => {
    const clock = hurriedClock(at('2026-11-02T10:20:30.700Z'))
    await using both = await pair({ world }, { settleMs: 90_000 }, clock)
    const { recordings, gaps } = await listed(both.source, window)
    const edge = at('2026-11-02T10:19:00Z')
    expect(recordings.at(-1)?.window).toEqual({ start: at('2026-11-02T10:00:00Z'), end: edge })
    expect(gaps).toEqual([
      {
        cameraId: cameraA,
        start: edge,
        end: window.end,
        outcome: 'pending',
        reason: expect.stringContaining('Still being recorded'),
        askAgainAfterMs: 90_000,
      },
    ])
  })

  it('that begins after this clock ends as a failure: one of two clocks is wrong, and nothing would be fetched', async () => {
    const old = worldOf(day, { recorded: [day] })
    const [wrong, close] = [at('2020-01-01T00:00:00Z'), at('2026-11-01T23:58:00Z')].map(hurriedClock)
    for (const footage of ['continuous', 'events'] as const) {
      await using both = await pair({ world: old }, { footage, clock: wrong! })
      expect(await failure(listed(both.source))).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(/2026-11-02T00:00.*2020-01-01T00:0.*clock/),
      })
    }
    await using both = await pair({ world: old }, { clock: close! })
    expect(await listed(both.source)).toMatchObject({ recordings: [], gaps: [] })
  })

  it('that is yet to come is not called recorded', async () => {
    await using both = await pair({ world }, {}, hurriedClock(at('2026-11-02T08:00:00Z')))
    const { recordings, gaps } = await listed(both.source, window)
    expect([recordings, gaps]).toEqual([
      [],
      [expect.objectContaining({ ...window, outcome: 'pending', reason: 'This time has not come yet.' })],
    ])
  })

  it('begins where the low-quality age begins; older than that is expired, as one', async () => {
    const aged = worldOf(day, { lqFrom: at('2026-11-02T08:50:00Z'), hqFrom: at('2026-11-02T10:30:00Z') })
    await using both = await pair({ world: aged })
    const { recordings, gaps } = await listed(both.source, window)
    expect(gaps).toEqual([
      {
        ...{ cameraId: cameraA, outcome: 'expired' },
        ...span('2026-11-02T08:15:00Z', '2026-11-02T08:50:00Z'),
        reason:
          "The console's oldest footage of this camera is of 2026-11-02T08:50:00.000Z; it does not hold anything older.",
      },
    ])
    expect(
      recordings.map(({ window, facts }) => [new Date(window!.start).toISOString().slice(11, 16), facts?.quality]),
    ).toEqual([
      ['08:50', 'low'],
      ['09:00', 'low'],
      ['10:00', 'high'],
      ['11:00', 'high'],
    ])
    expect(recordings.every(({ expect: wanted }) => wanted?.width === 320)).toBe(true)
    const before = await listed(both.source, span('2026-11-01T00:00:00Z', '2026-11-01T05:00:00Z'))
    expect([before.recordings, before.gaps.map(({ outcome }) => outcome)]).toEqual([[], ['expired']])
  })

  it('of the camera at the doorstep has its own picture; who has none is told so', async () => {
    await using both = await pair({ switches: { world: 'nasty' } }, { channel: 3 })
    const window = span('2026-11-02T08:00:00Z', '2026-11-02T10:00:00Z')
    const { recordings } = await listed(both.source, window, 'Doorbell')
    expect(recordings.map(({ expect: wanted }) => [wanted?.width, wanted?.height])).toEqual([
      [120, 160],
      [120, 160],
    ])
    expect(await both.source.open(recordings[0]!, { byte: 0 }, call)).toHaveProperty('body')
    expect(both.console.log.of('media')[0]?.target).toContain('lens=2')
    expect(both.console.log.of('media')[0]?.target).not.toContain('channel')
    const other = await listed(both.source, window, 'Offline')
    expect(other.recordings).toEqual([])
    expect(other.gaps).toEqual([
      expect.objectContaining({ ...window, outcome: 'absent', reason: 'This camera has no package camera.' }),
    ])
  })

  it('whose list fails at one camera fails there alone', async () => {
    await using both = await pair({ world, switches: { failCamera: cameraA } }, { retry: { retries: 1, delayMs: 1 } })
    expect(await failure(listed(both.source, window))).toMatchObject({ code: 'SERVER' })
    expect((await listed(both.source, window, cameraB)).recordings).toHaveLength(4)
  })

  it('is cut elsewhere with other segments, and still each moment once', async () => {
    await using both = await pair({ world })
    for (const segmentMs of [minute, 7 * minute, 25 * minute, hour]) {
      const { recordings } = await listed(both.again({ segmentMs }), window)
      const windows = recordings.map(({ window }) => window!)
      expect(recordings.map(({ id }) => id)).toEqual(windows.map(pieceId))
      expect(windows[0]?.start).toBe(window.start)
      expect(windows.at(-1)?.end).toBe(window.end)
      for (const [index, { start, end }] of windows.entries()) {
        if (index > 0) expect(start).toBe(windows[index - 1]?.end)
        expect(end - start).toBeLessThanOrEqual(segmentMs)
      }
    }
  })
})

describe('a camera that records on motion only', () => {
  const events = [
    { id: `6${'0'.repeat(23)}`, type: 'motion', start: at('2026-11-02T08:20:00Z'), end: at('2026-11-02T08:21:00Z') },
    { id: `6${'1'.repeat(23)}`, type: 'ring', start: at('2026-11-02T08:59:30Z'), end: at('2026-11-02T09:00:30Z') },
    // Began before the window, lasts into it.
    {
      id: `6${'2'.repeat(23)}`,
      type: 'smartDetectZone',
      start: at('2026-11-02T08:10:00Z'),
      end: at('2026-11-02T08:16:00Z'),
    },
    { id: `6${'3'.repeat(23)}`, type: 'access', start: at('2026-11-02T10:00:00Z'), end: at('2026-11-02T10:30:00Z') },
  ]
  const padded = (start: string, end: string) => ({ start: at(start) - 5000, end: at(end) + 5000 })
  const camera = { mode: 'detections', events, recorded: [day] } as const

  it('is expected to have footage where its events are, and nothing is expected of the rest', async () => {
    await using both = await pair({ world: worldOf(day, camera) })
    const { recordings } = await listed(both.source, window)
    expect(recordings.map(({ expect: wanted }) => wanted?.windows)).toEqual([
      [
        { start: window.start, end: at('2026-11-02T08:16:05Z') },
        padded('2026-11-02T08:20:00Z', '2026-11-02T08:21:00Z'),
        { start: at('2026-11-02T08:59:25Z'), end: at('2026-11-02T09:00:00Z') },
      ],
      [{ start: at('2026-11-02T09:00:00Z'), end: at('2026-11-02T09:00:35Z') }],
      [],
      [],
    ])
  })

  it('that records always is expected to have all', async () => {
    await using both = await pair({ world: worldOf(day, { ...camera, mode: 'always' }) })
    const { recordings } = await listed(both.source, window)
    expect(recordings.every(({ expect: wanted }) => wanted !== undefined && !('windows' in wanted))).toBe(true)
    expect(both.console.log.of('events')).toEqual([])
  })
})
