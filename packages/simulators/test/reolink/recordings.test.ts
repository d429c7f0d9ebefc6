import { describe, expect, it } from 'vitest'
import { startReolink } from '../../src/reolink/index.ts'
import { flagsOf } from '../../src/reolink/names.ts'
import { TestClock } from '../test-clock.ts'
import { local, reolink, sha256 } from './client.ts'

const mebibyte = 1024 * 1024

describe('a search of a camera', () => {
  it('names the files of one day in the device’s own time, with their exact size', async () => {
    await using one = await reolink()
    const token = await one.login()
    const reply = await one.searchAll(token, local(2026, 3, 2), local(2026, 3, 2, 23, 59, 59))
    const { Status, File, channel } = reply.value.SearchResult
    expect(channel).toBe(0)
    expect(Status).toEqual([{ mon: 3, table: `${'01111'}${'0'.repeat(26)}`, year: 2026 }])
    const rows = one.device.truth({ stream: 'main', end: Date.UTC(2026, 2, 2, 23) }).recordings
    expect(File.length).toBe(rows.length)
    expect(File.map(({ name }: { name: string }) => name)).toEqual(rows.map(({ name }) => name))
    expect(File[0]).toEqual({
      ...{ EndTime: local(2026, 3, 2, 0, 0, 9), StartTime: local(2026, 3, 2), frameRate: 0, height: 0, width: 0 },
      ...{ name: rows[0]!.name, size: rows[0]!.bytes, type: 'main' },
    })
    const size = rows[0]!.bytes.toString(16).toUpperCase()
    expect(File[0].name).toBe(`Mp4Record/2026-03-02/RecM03_20260302_000000_000009_6D28808_${size}.mp4`)
    expect(one.device.violations).toEqual([])
  })

  it('over more than a day answers as if nobody had asked for files', async () => {
    await using one = await reolink()
    const token = await one.login()
    const { SearchResult } = (await one.searchAll(token, local(2026, 3, 2), local(2026, 3, 3))).value
    expect(Object.keys(SearchResult)).toEqual(['Status', 'channel'])
    expect(one.device.violations).toEqual(['Search: the files of more than one day'])
    const status = await one.searchAll(token, local(2026, 2, 1), local(2026, 3, 31), { onlyStatus: 1 })
    expect(Object.keys(status.value.SearchResult)).toEqual(['Status', 'channel'])
    expect(one.device.violations.length).toBe(1)
  })

  it('leaves out what it has not got', async () => {
    await using one = await reolink()
    const token = await one.login()
    const march = await one.searchAll(token, local(2026, 3, 20), local(2026, 3, 20, 23, 59, 59))
    expect(Object.keys(march.value.SearchResult)).toEqual(['Status', 'channel'])
    const may = await one.searchAll(token, local(2026, 5, 2), local(2026, 5, 2, 23, 59, 59))
    expect(may.value.SearchResult).toEqual({ channel: 0 })
    for (const wrong of [{ channel: 3 }, { streamType: 'ext' }, { StartTime: local(2026, 5, 2, 25) }])
      expect((await one.searchAll(token, local(2026, 5, 2), local(2026, 5, 2, 1), wrong)).error.rspCode).toBe(-4)
  })

  it('shows a file that straddles midnight on both days', async () => {
    await using one = await reolink()
    const token = await one.login()
    const [first, second] = [await one.files(token, 2026, 3, 2), await one.files(token, 2026, 3, 3)]
    expect(first.at(-1)).toEqual(second[0])
    expect(second[0]!.name).toMatch(/_20260302_235940_000015_/)
  })

  it('shows a file that is still being written, which has no end in its name', async () => {
    const start = Date.UTC(2026, 3, 1)
    const clock = new TestClock()
    const world = {
      ...{ name: 'Yard', zone: { timeZone: 0 } },
      channels: [{ channel: 0, name: 'Yard', recordings: [{ start, end: start + 60_000 }] }],
    }
    await using one = await reolink({ clock, world })
    const token = await one.login()
    expect(await one.files(token, 2026, 4, 1)).toEqual([])
    clock.advance(20_500)
    const [growing] = await one.files(token, 2026, 4, 1)
    expect(growing).toMatchObject({ EndTime: local(2026, 4, 1, 0, 0, 20) })
    expect(growing!.name).toMatch(/_20260401_000000_000000_6D28808_0\.mp4$/)
    expect(one.device.truth({ stream: 'main' }).recordings).toMatchObject([{ growing: true, end: start + 20_000 }])
    clock.advance(60_000)
    const [closed] = await one.files(token, 2026, 4, 1)
    expect(closed!.name).toMatch(/_20260401_000000_000100_6D28808_[0-9A-F]+\.mp4$/)
    expect((await one.download(token, growing!.name!)).json[0].error.rspCode).toBe(-222)
  })

  it('tells the two hours of an autumn night apart by their names alone', async () => {
    await using one = await reolink({ switches: { world: 'dst' } })
    const token = await one.login()
    const twice = (await one.files(token, 2025, 10, 26)).filter(({ StartTime }) => StartTime.hour === 2)
    expect(twice.length).toBe(24)
    expect(twice.filter(({ name }) => /_DST20251026_02/.test(name!)).length).toBe(12)
    expect(new Set(twice.map(({ name }) => name)).size).toBe(24)
  })

  it('may be of 620 files a day, too many at once, in any order, or fail', async () => {
    await using one = await reolink({ switches: { world: 'busy', searchMost: 400 } })
    const token = await one.login()
    const part = (from: number, to: number) =>
      one.searchAll(token, local(2026, 3, 2, from), local(2026, 3, 2, to, 59, 59))
    expect((await part(0, 23)).error).toEqual({ detail: 'timeout', rspCode: -8 })
    expect((await part(0, 11)).value.SearchResult.File.length).toBe(311)
    one.device.set({ searchMost: Number.POSITIVE_INFINITY, searchOrder: 'mixed' })
    const mixed = (await part(0, 23)).value.SearchResult.File
    expect(mixed.length).toBe(620)
    const starts = mixed.map(
      ({ StartTime: { hour, min, sec } }: { StartTime: ReturnType<typeof local> }) => hour * 3600 + min * 60 + sec,
    )
    expect(starts.toSorted((a: number, b: number) => a - b)).not.toEqual(starts)
    one.device.set({ searchFault: '-17', searchFaultTimes: 1 })
    expect((await part(0, 1)).error.rspCode).toBe(-17)
    expect((await part(0, 1)).code).toBe(0)
  })
})

describe('flags in names', () => {
  it.each([
    [['person', 'motion'], '6D28C08'],
    [['motion'], '6D28808'],
    [['person', 'motion', 'schedule'], '6D28C18'],
    [['vehicle'], '6D28900'],
  ] as const)('%j are %s', (triggers, flags) => {
    expect(flagsOf(triggers, 7)).toBe(flags)
  })
})

describe('a search of others', () => {
  it('by a classic recorder has no names, times of UTC beside, and sizes in whole MiB', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-classic' } })
    const token = await one.login()
    const files = await one.files(token, 2026, 3, 3)
    const rows = one.device.truth({ channel: 0, stream: 'main' }).recordings
    expect(files.length).toBe(9)
    expect(Object.keys(files[0]!).includes('name')).toBe(false)
    expect(files[1]).toMatchObject({ StartTime: local(2026, 3, 3), PlaybackTime: local(2026, 3, 2, 23) })
    for (const [at, { size }] of files.entries()) {
      expect(typeof size).toBe('string')
      expect(Number(size) % mebibyte).toBe(0)
      expect(Number(size)).not.toBe(rows[at + 7]!.bytes)
    }
  })

  it('by a newer one has names that say nothing', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-365' } })
    const token = await one.login()
    const [, file] = await one.files(token, 2026, 3, 3, { channel: 2 })
    expect(file!.name).toBe('0-2-0-01260302230000-00000')
    expect(file!.size).toMatch(/^\d+$/)
  })

  it('by a hub has paths with spaces', async () => {
    await using one = await reolink({ switches: { profile: 'hub' } })
    const token = await one.login()
    const [file] = await one.files(token, 2026, 3, 2)
    expect(file!.name).toMatch(
      /^\/mnt\/sda\/95270[0-9A-F]{11}-Front Door\/Mp4Record\/2026-03-02\/RecM02_20260302_000000_000009_0_800_800_[0-9A-F]{10}_[0-9A-F]+\.mp4$/,
    )
    const status = (await one.command(token, 'GetChannelstatus')).value
    expect(status).toMatchObject({ count: 2, status: [{ channel: 0, name: 'Front Door', online: 1 }, {}] })
    expect(status.status[0].typeInfo).toBeUndefined()
  })
})

describe('the truth', () => {
  it.each(['camera', 'nvr-classic', 'nvr-365', 'hub'] as const)('of a %s fits what it serves', async (profile) => {
    await using one = await reolink({ switches: { profile } })
    const token = await one.login()
    const rows = one.device.truth({ end: Date.UTC(2026, 2, 2, 22, 15), channel: 0 }).recordings
    for (const row of [rows[0]!, rows.at(-1)!]) {
      let name = row.name
      if (profile === 'nvr-classic') {
        const day = local(2026, 3, 2, new Date(row.start).getUTCHours() + 1)
        const window = {
          channel: 0,
          iLogicChannel: 0,
          streamType: row.stream,
          StartTime: day,
          EndTime: { ...day, min: 15 },
        }
        const made = (await one.command(token, 'NvrDownload', { NvrDownload: window }, 1)).value
        expect(made.fileList[0].fileSize).toBe(String(row.bytes))
        name = made.fileList[0].fileName
      }
      const { body, headers } = await one.download(token, name!)
      expect(headers.get('content-type')).toBe('apolication/octet-stream')
      expect([body.length, sha256(body)]).toEqual([row.bytes, row.sha256])
      expect(body.subarray(4, 8).toString()).toBe('ftyp')
    }
    expect(one.device.violations).toEqual([])
  })

  it('is the same everywhere, and no two films are alike', async () => {
    await using one = await startReolink()
    await using other = await startReolink({ switches: { ranges: 'ignore' } })
    const sums = (device: typeof one) => device.truth().recordings.map(({ sha256: sum }) => sum)
    expect(sums(one)).toEqual(sums(other))
    expect(new Set(sums(one)).size).toBe(sums(one).length)
  })
})
