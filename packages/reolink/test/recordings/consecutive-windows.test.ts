import { startReolink } from '@cam/simulators/reolink'
import { describe, expect, it, onTestFinished } from 'vitest'
import { reolink } from '../../src/index.ts'
import { channelsOf, collect, hour, hurriedClock, minute, type ProfileName } from '../archiving.ts'
import { calm } from '../download/small-world.ts'
import { forward, portOf } from '../forwarder.ts'

type Fields = Readonly<Record<string, number>>

const begin = Date.UTC(2026, 10, 6)
/** One in each hour of two days. */
const starts = Array.from({ length: 48 }, (_, at) => begin + at * hour + 10 * minute)

const timeOf = (wall: number): Fields => {
  const at = new Date(wall)
  return {
    ...{ year: at.getUTCFullYear(), mon: at.getUTCMonth() + 1, day: at.getUTCDate() },
    ...{ hour: at.getUTCHours(), min: at.getUTCMinutes(), sec: at.getUTCSeconds() },
  }
}
const wallOf = ({ year = 0, mon = 0, day, hour: hours, min, sec }: Fields) =>
  Date.UTC(year, mon - 1, day, hours, min, sec)
const digits = (wall: number) => new Date(wall).toISOString().slice(0, 19).replace(/\D/g, '')

interface Firmware {
  readonly profile: ProfileName
  /** Hours east of UTC, by its settings. */
  readonly says: number
  /** By which its clock was set when it recorded. */
  readonly was: number
  entry(wall: number, start: number): Readonly<Record<string, unknown>>
}

/** Everything that windows of six hours, one after the other, find of it; and when that began. */
async function found({ profile, says, was, entry }: Firmware): Promise<number[]> {
  const clock = hurriedClock()
  const zone = { timeZone: says * -3600 }
  const device = await startReolink({
    ...{ clock, switches: { profile }, world: { name: 'Farm', zone, channels: channelsOf([[]]) } },
  })
  const entrance = await forward(device, (_, body) => {
    if (!body.includes('"Search"')) return undefined
    const [command] = JSON.parse(body) as { param: { Search: Record<string, Fields> } }[]
    const { StartTime, EndTime } = command!.param.Search
    const walls = starts.map((start) => ({ start, wall: start + was * hour }))
    const within = walls.filter(({ wall }) => wall >= wallOf(StartTime!) && wall <= wallOf(EndTime!))
    const File = within.map(({ wall, start }) => ({
      ...{ StartTime: timeOf(wall), EndTime: timeOf(wall + minute), size: '1048576', type: 'main' },
      ...entry(wall, start),
    }))
    const value = { SearchResult: { channel: 0, ...(File.length > 0 && { File }) } }
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
  const moments = new Set<number>()
  for (let start = begin - 24 * hour; start < begin + 72 * hour; start += 6 * hour) {
    for await (const item of source.recordings(camera!, { start, end: start + 6 * hour }, calm)) {
      if ('id' in item) moments.add(item.window!.start)
    }
  }
  return [...moments]
}

describe('windows one after the other find everything, by its own time', () => {
  it.each([-5, -3.5, 0, 1, 5.75, 10])('of a recorder %f hours from UTC that states starts in UTC', async (east) => {
    const entry = (_: number, start: number) => ({ PlaybackTime: timeOf(start) })
    expect(await found({ profile: 'nvr-classic', says: east, was: east, entry })).toEqual(starts)
  })

  it.each([-5, -3.5, 0, 1, 5.75, 10])('of one %f hours from UTC that states them by its own clock', async (east) => {
    const entry = (wall: number) => ({ PlaybackTime: timeOf(wall) })
    expect(await found({ profile: 'nvr-classic', says: east, was: east, entry })).toEqual(starts)
  })

  it('of a camera whose summer time was switched off since', async () => {
    const entry = (wall: number) => {
      const [day, from, to] = [digits(wall).slice(0, 8), digits(wall).slice(8), digits(wall + minute).slice(8)]
      return { name: `Mp4Record/2026-11-06/RecM03_DST${day}_${from}_${to}_6D28808_100000.mp4` }
    }
    expect(await found({ profile: 'camera', says: 1, was: 2, entry })).toEqual(starts)
  })
})
