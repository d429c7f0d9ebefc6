import type { Gap, Recording } from '@cam/download-core/source'
import { startReolink } from '@cam/simulators/reolink'
import { describe, expect, it, onTestFinished } from 'vitest'
import { reolink } from '../../src/index.ts'
import { berlin, channelsOf, collect, hurriedClock, type ProfileName } from '../archiving.ts'
import { calm } from '../download/small-world.ts'
import { forward, portOf } from '../forwarder.ts'

/** 2 November 2026 in Berlin. */
const day = { start: Date.UTC(2026, 10, 1, 23), end: Date.UTC(2026, 10, 2, 23) }

type Fields = Readonly<Record<string, unknown>>
interface Asked {
  readonly from: number
  readonly to: number
}

/** A source of a device whose searches are answered here: seconds of the day, as the device's clock shows them. */
async function sourceOf(profile: ProfileName, search: (asked: Asked) => Fields) {
  const clock = hurriedClock()
  const device = await startReolink({
    ...{ clock, switches: { profile }, world: { name: 'Farm', zone: berlin, channels: channelsOf([[]]) } },
  })
  const searched: Asked[] = []
  const entrance = await forward(device, (_, body) => {
    const commands = body.includes('"Search"')
      ? (JSON.parse(body) as { param: { Search: Record<string, Fields> } }[])
      : []
    const command = commands.length === 1 ? commands[0]?.param.Search : undefined
    if (command?.StartTime?.day !== 2) return undefined
    const secondOf = ({ hour, min, sec }: Fields) => (Number(hour) * 60 + Number(min)) * 60 + Number(sec)
    const asked = { from: secondOf(command.StartTime), to: secondOf(command.EndTime!) }
    searched.push(asked)
    const value = { SearchResult: { channel: 0, ...search(asked) } }
    return {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: JSON.stringify([{ cmd: 'Search', code: 0, value }]),
    }
  })
  const { username, password } = device
  const source = reolink({ host: `127.0.0.1:${portOf(entrance)}`, username, password, clock, env: {} })
  onTestFinished(async () => {
    await source[Symbol.asyncDispose]()
    entrance.close()
    entrance.closeAllConnections()
    await device.close()
  })
  const [camera] = await collect(source.cameras(calm))
  const list = async () => {
    const found: (Recording | Gap)[] = []
    let error: unknown
    try {
      for await (const item of source.recordings(camera!, day, calm)) found.push(item)
    } catch (thrown) {
      error = thrown
    }
    return { found, error, ids: found.map((item) => ('id' in item ? item.id : item.outcome)) }
  }
  return { list, searched }
}

const two = (number: number) => String(number).padStart(2, '0')
const timeOf = (second: number) => ({
  ...{ year: 2026, mon: 11, day: 2 },
  ...{ hour: Math.floor(second / 3600), min: Math.floor(second / 60) % 60, sec: second % 60 },
})
const digits = (second: number) => {
  const { hour, min, sec } = timeOf(second)
  return `${two(hour)}${two(min)}${two(sec)}`
}

function file(from: number, to: number, more: Fields = {}): Fields {
  const name = `Mp4Record/2026-11-02/RecM03_20261102_${digits(from)}_${digits(to)}_6D28808_186A0.mp4`
  return { StartTime: timeOf(from), EndTime: timeOf(to), name, size: 100_000, type: 'main', ...more }
}

const marked = { Status: [{ year: 2026, mon: 11, table: `01${'0'.repeat(29)}` }] }

describe('a device that names no more than so many files at once, and says nothing of the others', () => {
  it.each([100, 128, 255, 500])('%i is looked into until it names them all', async (most) => {
    const all = Array.from({ length: 1100 }, (_, at) => file(at * 78, at * 78 + 20))
    const { list, searched } = await sourceOf('camera', ({ from, to }) => {
      const within = all.filter((_, at) => at * 78 <= to && at * 78 + 20 >= from)
      return { ...marked, File: within.slice(0, most) }
    })
    const { ids } = await list()
    expect(ids).toHaveLength(1100)
    expect(new Set(ids).size).toBe(1100)
    expect(searched.length).toBeLessThan(80)
  })

  it('is looked into also where everything lies in one half of the day', async () => {
    const all = Array.from({ length: 250 }, (_, at) => file(at * 60, at * 60 + 20))
    const { list } = await sourceOf('camera', ({ from, to }) => ({
      ...{ ...marked, File: all.filter((_, at) => at * 60 <= to && at * 60 + 20 >= from).slice(0, 100) },
    }))
    expect((await list()).ids).toHaveLength(250)
  })

  it('and one that just happens to have a round number is asked a few times more', async () => {
    const all = Array.from({ length: 100 }, (_, at) => file(at * 800, at * 800 + 20))
    const { list, searched } = await sourceOf('camera', ({ from, to }) => ({
      ...{ ...marked, File: all.filter((_, at) => at * 800 <= to && at * 800 + 20 >= from) },
    }))
    expect((await list()).ids).toHaveLength(100)
    expect(searched).toHaveLength(3)
  })
})

describe('a day that the device marks as recorded and lists nothing of', () => {
  it('is looked at in halves, and then pending: nobody may take it for empty', async () => {
    const { list, searched } = await sourceOf('camera', () => marked)
    const { found } = await list()
    expect(found).toEqual([
      {
        ...{ cameraId: expect.any(String), view: 'main', outcome: 'pending', ...day },
        reason: expect.stringContaining('2026-11-02'),
      },
    ])
    expect(searched).toHaveLength(3)
  })

  it('is listed where the halves do', async () => {
    const { list } = await sourceOf('camera', ({ from }) =>
      from > 0 ? { ...marked, File: [file(50_000, 50_010)] } : marked,
    )
    expect((await list()).ids).toEqual(['Mp4Record/2026-11-02/RecM03_20261102_135320'])
  })
})

describe('entries', () => {
  it('that cannot be read make the list a failed one, after everything that can', async () => {
    const { list } = await sourceOf('camera', () => ({
      ...marked,
      File: [file(10, 20), { name: 'x.mp4', StartTime: { year: 2026 } }, 7, file(30, 40)],
    }))
    const { ids, error } = await list()
    expect(ids).toHaveLength(2)
    expect(error).toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('2 files') })
  })

  it('of the same second are both footage, and a file in two states is one', async () => {
    const open = { name: 'Mp4Record/2026-11-02/RecM03_20261102_000010_000000_6D28808_0.mp4', size: 0 }
    const { list } = await sourceOf('camera', () => ({
      ...marked,
      File: [file(10, 10, open), file(10, 20), file(10, 50), file(10, 20)],
    }))
    const { ids, found } = await list()
    expect(ids).toEqual([
      'Mp4Record/2026-11-02/RecM03_20261102_000010_000050_6D28808_186A0.mp4',
      'Mp4Record/2026-11-02/RecM03_20261102_000010_000020_6D28808_186A0.mp4',
    ])
    expect(found.map((item) => 'id' in item && item.window!.end - item.window!.start)).toEqual([40_000, 10_000])
  })

  it('of the same second are both new to whoever has one of them already, whichever that is', async () => {
    for (const lasts of [5, 90]) {
      let files = [file(10, 20)]
      const { list } = await sourceOf('camera', () => ({ ...marked, File: files }))
      const before = await list()
      expect(before.ids).toEqual(['Mp4Record/2026-11-02/RecM03_20261102_000010'])
      files = [...files, file(10, 10 + lasts)]
      const { found } = await list()
      const later = found.find((item) => 'id' in item && item.window!.end - item.window!.start === lasts * 1000)
      expect(later).toMatchObject({ id: expect.any(String) })
      expect(before.ids).not.toContain((later as Recording).id)
    }
  })

  it('on two disks are one', async () => {
    const name = '/mnt/sdb/95270000-Yard/Mp4Record/2026-11-02/RecM03_20261102_000010_000020_6D28808_186A0.mp4'
    const { list } = await sourceOf('camera', () => ({ ...marked, File: [file(10, 20), file(10, 20, { name })] }))
    expect((await list()).ids).toEqual(['Mp4Record/2026-11-02/RecM03_20261102_000010'])
  })

  it('without a name that lie within one whose end is wrong are listed, too', async () => {
    const unnamed = (from: number, to: number) => file(from, to, { name: undefined, size: '0' })
    const { list } = await sourceOf('nvr-classic', () => ({
      ...marked,
      File: [unnamed(0, 30_000), unnamed(3600, 7200), unnamed(7200, 10_800), unnamed(26_400, 30_000)],
    }))
    expect((await list()).ids).toEqual([
      '2026-11-01T23:00:00.000Z/2026-11-02T07:20:00.000Z',
      '2026-11-02T00:00:00.000Z/2026-11-02T01:00:00.000Z',
      '2026-11-02T01:00:00.000Z/2026-11-02T02:00:00.000Z',
    ])
  })

  it('without a name that are a part of another one are not listed twice', async () => {
    const unnamed = (from: number, to: number) => file(from, to, { name: undefined, size: '0' })
    const { list } = await sourceOf('nvr-classic', () => ({
      ...marked,
      File: [unnamed(0, 3600), unnamed(1800, 3600), unnamed(3600, 7200), unnamed(0, 3600)],
    }))
    expect((await list()).ids).toEqual([
      '2026-11-01T23:00:00.000Z/2026-11-02T00:00:00.000Z',
      '2026-11-02T00:00:00.000Z/2026-11-02T01:00:00.000Z',
    ])
  })

  it.each([
    ['disagree about the size', { size: 99_999 }, { approximateBytes: 99_999 }],
    ['round it to a mebibyte', { size: String(1024 * 1024), name: undefined }, { approximateBytes: 1024 * 1024 }],
  ])('that %s have no exact one', async (_, more, expected) => {
    const { list } = await sourceOf('camera', () => ({ ...marked, File: [file(10, 20, more)] }))
    const { found } = await list()
    expect(found).toMatchObject([expected])
    expect(found[0]).not.toHaveProperty('bytes')
  })
})
