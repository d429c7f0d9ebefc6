import { memoryLedger } from '@cam/download-core'
import type { Gap, Recording } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { asked, collect, folder, hour, hurriedClock, idOf, minute, type Pair, pair, run, second } from '../archiving.ts'
import { calm, clips, window as quarter, smallPair } from '../download/small-world.ts'
import { autumn, autumnOf, firstTwo } from '../worlds.ts'

async function list({ source }: Pick<Pair, 'source'>, window?: { start: number; end: number }, cameras = 1) {
  const found: (Recording | Gap)[] = []
  let left = cameras
  for await (const camera of source.cameras(calm)) {
    if (left-- > 0) for await (const item of source.recordings(camera, window, calm)) found.push(item)
  }
  return found
}

const idsOf = (items: readonly (Recording | Gap)[]) => items.map((item) => ('id' in item ? item.id : item.outcome))

/** Three days from midnight of 2 March 2026 in Berlin. */
const march = { start: Date.UTC(2026, 2, 1, 23), end: Date.UTC(2026, 2, 4, 23) }

describe('a list', () => {
  it.each([
    ['in any order', { searchOrder: 'mixed' }],
    ['in the wrong order', { searchOrder: 'descending' }],
    ['of a device that fails at more than five files at once', { searchMost: 5 }],
    ['of a device that is slow to wake', { searchFault: '-17', searchFaultTimes: 3 }],
    ['of a device that answers nothing at first', { searchFault: 'empty', searchFaultTimes: 2 }],
    ['with sizes in quotes', { sizeForm: 'text' }],
  ] as const)('%s has everything once, by its start', async (_, switches) => {
    const both = await pair({ switches })
    const { recordings } = both.device.truth({ stream: 'main', ...march })
    expect(recordings.length).toBe(63)
    const found = await list(both, march)
    expect(idsOf(found)).toEqual(recordings.map(idOf))
    expect(found).toMatchObject(recordings.map(({ start, end, bytes }) => ({ window: { start, end }, bytes })))
  })

  it('of 620 files in a day is whole', async () => {
    const both = await pair({ switches: { world: 'busy', searchMost: 300 } })
    const found = await list(both, march)
    expect(idsOf(found)).toEqual(both.device.truth({ stream: 'main' }).recordings.map(idOf))
    expect(new Set(idsOf(found)).size).toBe(620)
  })

  it('has the file that began before midnight, for a window after it', async () => {
    const both = await pair()
    const midnight = march.start + 24 * hour
    const after = await list(both, { start: midnight + 12 * second, end: midnight + 14 * second })
    expect(idsOf(after)).toEqual(['Mp4Record/2026-03-02/RecM03_20260302_235940'])
    const before = await list(both, { start: midnight - 20 * second, end: midnight - 10 * second })
    expect(before).toEqual(after)
    expect(asked(both.device, 'Search')).toBeLessThanOrEqual(4)
  })

  it('without a window has all there is, by the device’s own table of days', async () => {
    const both = await pair()
    const { recordings } = both.device.truth({ stream: 'main' })
    const all = await list(both)
    expect(idsOf(all)).toEqual(recordings.map(idOf))
    // Three empty years before March, six months at a time, and five days.
    expect(both.device.requests.filter(({ node }) => node === 'batch').length).toBeLessThanOrEqual(12)
    expect(asked(both.device, 'Search')).toBeLessThanOrEqual(8)
    const year = await list(both, { start: Date.UTC(2025, 6, 1), end: Date.UTC(2026, 8, 1) })
    expect(year).toEqual(all)
  })

  it.each([-4000, -400, 400, 4000])(
    'without a window has what was recorded before its clock was %i days off, and after that',
    async (days) => {
      const clock = hurriedClock()
      const skew = days * 24 * hour
      // What a clock that is ahead gave a date to has not been recorded yet by the simulator's own.
      const starts = [...(days < 0 ? [clock.now() + skew - 72 * hour] : []), clock.now() - 72 * hour]
      const recordings = starts.map((start) => ({ start, end: start + 20 * second }))
      const both = await smallPair('camera', recordings, { skew }, { clock }, { clock })
      expect((await list(both)).map((item) => 'id' in item && item.window?.start)).toEqual(starts)
    },
  )

  it('of a device without recordings is empty', async () => {
    const both = await pair({ switches: { world: 'empty' } })
    expect(await list(both, march)).toEqual([])
    expect(await list(both)).toEqual([])
  })

  it('has only what was asked for by what started it', async () => {
    const both = await pair({ switches: { profile: 'hub' } }, { triggers: ['vehicle', 'animal'] })
    const wanted = both.device
      .truth({ stream: 'main', channel: 0 })
      .recordings.filter(({ triggers }) => triggers.includes('vehicle') || triggers.includes('animal'))
    expect(wanted.length).toBeGreaterThan(10)
    expect(idsOf(await list(both, march))).toEqual(wanted.map(idOf))
  })

  it('of a recorder that does not tell what started them has everything', async () => {
    const both = await pair({ switches: { profile: 'nvr-classic' } }, { triggers: ['person'] })
    expect(await list(both, march)).toHaveLength(both.device.truth({ stream: 'main', channel: 0 }).recordings.length)
  })
})

describe('the cameras of a recorder', () => {
  it('are those that are plugged in, whatever their number, each known by its uid', async () => {
    const { source, device } = await pair({ switches: { profile: 'nvr-classic' } })
    const cameras = await collect(source.cameras(calm))
    expect(cameras.map(({ name, facts }) => [name, facts?.channel])).toEqual([
      ['Gate', 0],
      ['Hall', 2],
      ['Roof', 5],
    ])
    for (const { id } of cameras) expect(id).toMatch(/^95270[\dA-F]{11}$/)
    const last = await collect(source.recordings(cameras[2]!, march, calm))
    const own = device.truth({ channel: 5, stream: 'main', ...march }).recordings
    expect(idsOf(last)).toEqual(own.map(idOf))
  })
})

describe('sizes', () => {
  it('of cameras and hubs are exact by the name, of recorders only about right', async () => {
    for (const profile of ['hub', 'nvr-365', 'nvr-classic'] as const) {
      const both = await smallPair(profile, clips(1, 3_000_000))
      const [recording] = await list(both, quarter)
      const size = profile === 'hub' ? { bytes: 3_000_000 } : { approximateBytes: 3 * 1024 * 1024 }
      expect(recording).toMatchObject(size)
      expect(Object.keys(recording!).filter((key) => /bytes/i.test(key))).toEqual(Object.keys(size))
    }
  })
})

describe('a file that is still being written', () => {
  const start = Date.UTC(2026, 10, 2, 12)
  const window = { start, end: start + hour }
  const world = [{ start, end: start + 5 * minute, bytes: 2_000_000 }]

  it.each(['camera', 'hub', 'nvr-classic', 'nvr-365'] as const)(
    'is pending, and kept once it is closed (%s)',
    async (profile) => {
      const clock = hurriedClock(start + 3 * minute)
      const both = await smallPair(profile, world, {}, { clock }, { clock })
      const [into, ledger] = [await folder(), memoryLedger()]
      const first = await run({ ...both, into, ledger, window, clock })
      expect(first.summary).toMatchObject({ planned: 1, pending: 1, kept: 0 })
      expect(asked(both.device, 'Download')).toBe(0)
      clock.advance(10 * minute)
      const second = await run({ source: both.again({ clock }), into, ledger, window, clock })
      expect(second.summary).toMatchObject({ planned: 1, pending: 0, kept: 1, failed: 0 })
      const rows = await collect(ledger.rows())
      expect(rows.filter(({ outcome }) => outcome?.outcome === 'kept')).toHaveLength(1)
      expect(rows.filter(({ outcome }) => outcome?.outcome !== 'kept')).toEqual([])
    },
  )

  it('of a recorder that was taken for closed too early is fetched again, whole', async () => {
    const clock = hurriedClock(start + 3 * minute)
    const both = await smallPair('nvr-365', world, {}, { clock, settleMs: 0 }, { clock })
    const [into, ledger] = [await folder(), memoryLedger()]
    const first = await run({ ...both, into, ledger, window, clock })
    expect(first.summary).toMatchObject({ planned: 1, kept: 1 })
    clock.advance(10 * minute)
    const second = await run({ source: both.again({ clock }), into, ledger, window, clock })
    expect(second.summary).toMatchObject({ kept: 1, failed: 0 })
    const [truth] = both.device.truth({ stream: 'main' }).recordings
    const rows = await collect(ledger.rows())
    expect(rows.map(({ file }) => file?.sha256)).toContain(truth!.sha256)
  })

  it('is known by the device’s clock, however wrong that is', async () => {
    const clock = hurriedClock(start + 3 * minute)
    const both = await smallPair('nvr-classic', world, { skew: 10 * minute }, { clock }, { clock })
    expect(idsOf(await list(both, window))).toEqual([expect.stringContaining('T12:00:00.000Z/')])
    const right = await smallPair('nvr-classic', world, {}, { clock }, { clock })
    expect(idsOf(await list(right, window))).toEqual(['pending'])
  })
})

describe('a recording that was stored', () => {
  it('while its file was open is found under the name it has now', async () => {
    const clock = hurriedClock(Date.UTC(2026, 10, 2, 12, 3))
    const start = Date.UTC(2026, 10, 2, 12)
    const both = await smallPair(
      'camera',
      [{ start, end: start + 5 * minute, bytes: 300_000 }],
      {},
      { clock },
      { clock },
    )
    const [open] = await list(both, quarter)
    expect(open).toMatchObject({ settled: false, facts: { file: expect.stringContaining('_000000_') } })
    clock.advance(10 * minute)
    const opened = await both.source.open(open as Recording, { byte: 0 }, calm)
    expect(opened).toMatchObject({ totalBytes: 300_000 })
    if ('body' in opened) await opened.body[Symbol.asyncIterator]().return?.()
  })

  it('and is listed no longer has expired', async () => {
    const both = await smallPair('camera', clips(1))
    const [there] = (await list(both, quarter)) as Recording[]
    const file = String(there!.facts?.file).replace('_130000_', '_115500_')
    const gone = { ...there!, id: there!.id.replace('_130000', '_115500'), facts: { ...there!.facts, file } }
    expect(gone.id).not.toBe(there!.id)
    await expect(both.source.open(gone, { byte: 0 }, calm)).rejects.toMatchObject({ code: 'EXPIRED' })
  })
})

describe('the zone', () => {
  it('is the user’s where one is given', async () => {
    const both = await smallPair('camera', clips(1), { zone: 'utc' }, { timeZone: 'America/New_York' })
    const [found] = await list(both, { start: quarter.start + 5 * hour, end: quarter.end + 5 * hour })
    expect(found).toMatchObject({ window: { start: quarter.start + 5 * hour } })
  })

  it('has the recordings on either side of the hour that is skipped, and the one over it', async () => {
    const spring = Date.UTC(2026, 2, 29, 1)
    const recordings = [-20 * minute, -10 * second, 20 * minute].map((from) => ({
      ...{ start: spring + from, end: spring + from + 30 * second },
    }))
    const both = await smallPair('camera', recordings)
    for (const window of [
      { start: spring - hour, end: spring + hour },
      { start: spring - 5 * second, end: spring + 5 * second },
      { start: spring + 20 * minute, end: spring + 21 * minute },
    ]) {
      const within = recordings.filter(({ start, end }) => start < window.end && end > window.start)
      expect((await list(both, window)).map((item) => 'id' in item && item.window)).toEqual(within)
    }
  })

  it('of the repeated hour finds both of what began at the same time on the clock', async () => {
    const both = await pair(autumnOf('camera'))
    const found = await list(both, autumn)
    const twice = found.filter((item) => 'id' in item && /_022000$/.test(item.id))
    expect(twice).toMatchObject([
      { id: expect.stringContaining('DST20261025'), window: { start: firstTwo + 20 * minute } },
      { window: { start: firstTwo + 80 * minute } },
    ])
    const narrow = { start: firstTwo + 80 * minute, end: firstTwo + 81 * minute }
    expect(await list(both, narrow)).toEqual([twice[1]])
  })
})
