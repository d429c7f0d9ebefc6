import { isGap } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import type { EventQuery, ProtectEvent, UnifiProtectSource } from '../src/index.ts'
import {
  at,
  call,
  cameraA,
  cameraB,
  fetched,
  hour,
  hurriedClock,
  listed,
  minute,
  pair,
  span,
  worldOf,
} from './pretend-console.ts'

const window = span('2026-11-02T06:00:00Z', '2026-11-02T12:00:00Z')
const uuid = 'c6e8ad3e-0e7e-4a3e-be1e-5f0e9c1e2d3e'
const hex = (index: number) => `6${index.toString(16).padStart(23, '0')}`
const events = [
  { id: hex(1), type: 'motion', start: at('2026-11-02T05:58:00Z'), end: at('2026-11-02T06:01:00Z') },
  { id: uuid, type: 'ring', start: at('2026-11-02T07:00:00Z'), end: at('2026-11-02T07:00:20Z') },
  {
    ...{ id: hex(2), type: 'smartDetectZone', start: at('2026-11-02T08:00:00Z'), end: at('2026-11-02T08:02:00Z') },
    ...{ smartDetectTypes: ['person', 'vehicle'], score: 88 },
  },
  {
    ...{ id: hex(3), type: 'smartAudioDetect', start: at('2026-11-02T09:00:00Z'), end: at('2026-11-02T09:00:05Z') },
    smartDetectTypes: ['alrmBark'],
  },
  { id: hex(4), type: 'disconnect', start: at('2026-11-02T10:00:00Z'), end: at('2026-11-02T10:00:05Z') },
  { id: hex(5), type: 'motion', start: at('2026-11-02T12:00:00Z'), end: at('2026-11-02T12:01:00Z') },
]
const recorded = [span('2026-11-02T05:00:00Z', '2026-11-02T13:00:00Z')]
const world = worldOf(window, { events, recorded }, { recorded })

async function all(source: UnifiProtectSource, query: Partial<EventQuery> = {}): Promise<ProtectEvent[]> {
  const found: ProtectEvent[] = []
  for await (const event of source.events({ ...window, ...query }, call)) found.push(event)
  return found
}

describe('the list of events', () => {
  it('has those that overlap the window, each once, with both forms of ids', async () => {
    await using both = await pair({ world })
    expect((await all(both.source)).map(({ id }) => id)).toEqual([hex(1), uuid, hex(2), hex(3)])
    expect((await all(both.source))[2]).toEqual({
      ...{ id: hex(2), cameraId: cameraA, type: 'smartDetectZone', smartTypes: ['person', 'vehicle'], score: 88 },
      ...{ start: at('2026-11-02T08:00:00Z'), end: at('2026-11-02T08:02:00Z') },
    })
  })

  it.each([
    [{ types: ['ring', 'disconnect'] }, [uuid, hex(4)]],
    [{ smartTypes: ['vehicle'] }, [hex(2)]],
    [{ smartTypes: ['alrmBark', 'person'] }, [hex(2), hex(3)]],
    [{ types: ['motion'], smartTypes: ['person'] }, []],
    [{ cameras: [cameraA] }, [hex(1), uuid, hex(2), hex(3)]],
    [{ cameras: [cameraB] }, []],
    [{ cameras: [cameraB, cameraA], types: ['ring'] }, [uuid]],
  ])('of %j', async (query, ids) => {
    await using both = await pair({ world })
    expect((await all(both.source, query)).map(({ id }) => id)).toEqual(ids)
  })

  it('is asked for with types, one parameter for each, and with both ends', async () => {
    await using both = await pair({ world })
    await all(both.source, { types: ['ring', 'motion'], cameras: [cameraA] })
    const asked = both.console.log.of('events').map(({ target }) => new URL(target, 'https://x').searchParams)
    expect(asked.length).toBeGreaterThan(0)
    for (const query of asked) {
      expect(query.getAll('types')).toEqual(['ring', 'motion'])
      expect(query.getAll('cameras')).toEqual([cameraA])
      expect(Number(query.get('end')) - Number(query.get('start'))).toBeLessThanOrEqual(24 * hour)
      expect([query.get('limit'), query.get('orderDirection')]).toEqual(['100', 'ASC'])
    }
  })

  it('of several hundred in two days brings each, page by page', async () => {
    const start = at('2026-11-01T00:00:00Z')
    const many = Array.from({ length: 730 }, (_, index) => ({
      ...{ id: hex(index + 100), type: 'motion' },
      ...{ start: start + index * 3 * minute, end: start + index * 3 * minute + 20_000 },
    }))
    const busy = worldOf({ start, end: start + 48 * hour }, { events: many, recorded: [{ start, end: start + hour }] })
    await using both = await pair({ world: busy })
    const found = await all(both.source, { start, end: start + 48 * hour })
    expect(found.map(({ id }) => id)).toEqual(many.map(({ id }) => id))
  })
})

describe('clips of events', () => {
  const options = { footage: 'events', events: { paddingMs: 10_000 } } as const

  it('carry the id of the event, what was seen, and the time around it', async () => {
    await using both = await pair({ world }, options)
    const { recordings, gaps } = await listed(both.source, window)
    expect(gaps).toEqual([])
    expect(recordings.map(({ id, name }) => [id, name])).toEqual([
      [hex(1), 'motion.mp4'],
      [uuid, 'ring.mp4'],
      [hex(2), 'person-vehicle.mp4'],
      [hex(3), 'alrmBark.mp4'],
    ])
    expect(recordings[2]).toMatchObject({
      cameraId: cameraA,
      window: span('2026-11-02T07:59:50Z', '2026-11-02T08:02:10Z'),
      resume: 'never',
      facts: { type: 'smartDetectZone', smartTypes: 'person vehicle', score: 88 },
    })
    expect(both.source.identity).toBe('own')
    for (const recording of recordings) expect(isGap(await fetched(both.source, recording))).toBe(false)
    const [asked] = both.console.log.of('media')
    expect(asked?.target).toContain(`start=${at('2026-11-02T05:57:50Z')}`)
  })

  it('are left to a later run while the event goes on, or is not written down yet', async () => {
    const now = at('2026-11-02T11:01:00Z')
    const young = [
      { id: hex(7), type: 'motion', start: now - 10 * minute, end: null },
      { id: hex(8), type: 'motion', start: now - 5 * minute, end: now - 90_000 },
      { id: hex(9), type: 'motion', start: now - 9 * minute, end: now - 3 * minute },
    ]
    const lively = worldOf(window, { events: young, recorded })
    await using both = await pair({ world: lively }, options, hurriedClock(now))
    const { recordings } = await listed(both.source, window)
    expect(recordings.map(({ id, settled }) => [id, settled])).toEqual([
      [hex(7), false],
      [hex(9), undefined],
      [hex(8), false],
    ])
  })

  it('that were never closed are taken for an hour; long ones come in pieces a console bears', async () => {
    const odd = [
      { id: hex(7), type: 'motion', start: at('2026-11-01T11:30:00Z'), end: null },
      { id: hex(8), type: 'motion', start: at('2026-11-01T12:00:00Z'), end: at('2026-11-01T14:30:00Z') },
    ]
    const day = span('2026-11-01T11:00:00Z', '2026-11-01T15:00:00Z')
    await using both = await pair(
      { world: worldOf(day, { events: odd }) },
      { footage: 'events', events: { paddingMs: 0 } },
    )
    const { recordings } = await listed(both.source, day)
    expect(recordings.map(({ id, window, settled }) => [id, window, settled])).toEqual([
      [hex(7), span('2026-11-01T11:30:00Z', '2026-11-01T12:30:00Z'), undefined],
      [hex(8), span('2026-11-01T12:00:00Z', '2026-11-01T13:00:00Z'), undefined],
      [`${hex(8)}/2`, span('2026-11-01T13:00:00Z', '2026-11-01T14:00:00Z'), undefined],
      [`${hex(8)}/3`, span('2026-11-01T14:00:00Z', '2026-11-01T14:30:00Z'), undefined],
    ])
    expect(recordings[0]?.facts).toMatchObject({ neverEnded: true })
  })

  it('older than the footage are one expired stretch', async () => {
    const aged = worldOf(window, { events, recorded, lqFrom: at('2026-11-02T07:30:00Z') })
    await using both = await pair({ world: aged }, options)
    const { recordings, gaps } = await listed(both.source, window)
    expect(recordings.map(({ id }) => id)).toEqual([hex(2), hex(3)])
    expect(gaps.map(({ start, end, outcome }) => [start, end, outcome])).toEqual([
      [window.start, at('2026-11-02T07:30:00Z'), 'expired'],
    ])
  })
})
