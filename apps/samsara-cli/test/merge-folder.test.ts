import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '@cam/ledger-sqlite'
import { describe, expect, it } from 'vitest'
import { readClipName } from '../src/merge/clip-names.ts'
import { type MergeFolderOptions, mergeFolder } from '../src/merge/merge-folder.ts'
import type { MergeEvent } from '../src/merge/types.ts'
import { clip, ffmpeg, half, minute, put, scratch, shown, timeZone, visible } from './merging.ts'

async function merge(folder: string, options: Partial<MergeFolderOptions> = {}) {
  const events: MergeEvent[] = []
  const onEvent = (event: MergeEvent) => events.push(event)
  const result = await mergeFolder({ folder, ffmpeg: await ffmpeg, onEvent, ...options })
  return { ...result, events }
}

const seconds = async (path: string) =>
  [...new Set((await shown(path)).flat())].map((one) => Number(one?.split(' ')[1]))
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

describe('mergeFolder', () => {
  it('reads the names that the seed gives, with and without a vehicle, in whatever order a folder lists them', async () => {
    const folder = await scratch()
    // By name, 09:59 stands behind 10:00 of the other offset.
    await put(join(folder, 'Videos/Road_VideoClip_Truck 12_2025-04-16T13_31_00-05_00.mp4'), clip('road', minute))
    await put(join(folder, 'Videos/Road_VideoClip_Truck 12_2025-04-16T14_30_00-04_00.mp4'), clip('road', 0))
    await put(join(folder, 'Videos/Analog_VideoClip_Truck 12_2025-04-16T13_30_00-05_00.mp4'), clip('analog1', 0))
    await put(join(folder, 'Videos/Analog_VideoClip_Van 7_2025-04-16T13_30_00-05_00.mp4'), clip('analog1', 0))
    await put(join(folder, 'old/2025-04-16T13_30_00-05_00_driver.mp4'), clip('driver', 0))
    await put(join(folder, 'old/2025-04-16T13_31_00-05_00_driver.mp4'), clip('driver', minute))
    await put(join(folder, 'old/party.mp4'), clip('driver', 0))
    const { complete, events } = await merge(folder)
    expect(complete).toBe(true)
    expect((await visible(folder)).filter((path) => path.includes('Merged'))).toEqual([
      'Videos/Analog_Merged_Truck 12_2025-04-16T13_30_00-05_00.mp4',
      'Videos/Analog_Merged_Van 7_2025-04-16T13_30_00-05_00.mp4',
      'Videos/Merged_Truck 12_2025-04-16T13_30_00-05_00_missing.txt',
      'Videos/Road_Merged_Truck 12_2025-04-16T13_30_00-05_00.mp4',
      'Videos/SideBySide_Merged_Truck 12_2025-04-16T13_30_00-05_00.mp4',
      'old/Driver_Merged_2025-04-16T13_30_00-05_00.mp4',
    ])
    const film = join(folder, 'Videos/Road_Merged_Truck 12_2025-04-16T13_30_00-05_00.mp4')
    expect(await seconds(film)).toEqual(upTo(0, 120))
    expect(await seconds(join(folder, 'old/Driver_Merged_2025-04-16T13_30_00-05_00.mp4'))).toEqual(upTo(0, 120))
    expect(events.filter(({ type }) => type === 'info')).toEqual([
      { type: 'info', text: expect.stringMatching(/^1 other video\(s\) .*party\.mp4/) },
    ])
    const again = await merge(folder)
    expect(again.films.map(({ how }) => how)).toEqual(Array(5).fill('kept'))
    expect(again.events.filter(({ type }) => type === 'info')).toHaveLength(1)
  })

  it('reads our own names, from the archive as well as from one vehicle or day of it, and only what was asked for', async () => {
    const root = await scratch()
    const path = (at: number) => join(root, `Truck 12/2025-04-16/13-${30 + at}-00-0500_road.mp4`)
    for (const at of [0, 1, 2]) await put(path(at), clip('road', at * minute))
    // Without a zone from the user, that of the clips' own names.
    const film = join(root, 'Truck 12/merged/2025-04-16_13-30-00-0500_road.mp4')
    const window = { start: half, end: half + 2 * minute }
    await merge(join(root, 'Truck 12/2025-04-16'), { window })
    expect(await seconds(film)).toEqual(upTo(0, 120))
    expect((await merge(join(root, 'Truck 12'), { window })).films.map(({ how }) => how)).toEqual(['kept'])
    const all = await merge(root, { vehicles: ['truck 12'] })
    expect(all.films.map(({ how, window }) => [how, (window.start - half) / minute])).toEqual([
      ['kept', 0],
      ['copied', 2],
    ])
    const none = await merge(root, { vehicles: ['Truck 13'] })
    expect(none.films).toEqual([])
    expect(none.events).toEqual([{ type: 'warning', text: expect.stringContaining('"Truck 13"') }])
  })

  it('believes the ledger of an archive rather than names, and changes nothing in it', async () => {
    const root = await scratch()
    const bytes = clip('road', 0)
    await put(join(root, 'any name.mp4'), bytes)
    await put(join(root, 'Videos/Road_VideoClip_Truck 12_2025-04-16T13_35_00-05_00.mp4'), clip('road', 5 * minute))
    const window = { start: half, end: half + minute }
    const key = { sourceId: 'org', cameraId: '712', view: 'road', recordingId: 'highres/2025-04-16T18:30:00Z' }
    const camera = { id: '712', name: 'Truck 12', timeZone: 'UTC' }
    {
      await using ledger = await openLedger(root)
      await ledger.beginRun({ id: 'run', sourceId: 'org', sourceName: 'Org', vendor: 'samsara', startedAt: 1 })
      await ledger.plan('run', 1, [{ key, kind: 'recording', camera, window }])
      await ledger.record('run', 1, [
        {
          key,
          outcome: {
            ...{ outcome: 'kept', path: 'any name.mp4', bytes: bytes.length, sha256: '00', covers: [window] },
            ...{ proof: { by: 'container', format: 'mp4' }, facts: {}, fidelity: 'full' },
          },
        },
      ])
    }
    const { films } = await mergeFolder({ folder: root, ffmpeg: await ffmpeg })
    expect(films.map(({ path }) => path)).toEqual([join(root, 'Truck 12/merged/2025-04-16_18-30-00+0000_road.mp4')])
    expect(await seconds(films[0]!.path)).toEqual(upTo(0, 60))
  })

  it('follows no links out of the folder, and is done with an empty one', async () => {
    const [folder, other] = [await scratch(), await scratch()]
    await put(join(other, '2025-04-16T13_30_00-05_00_driver.mp4'), clip('driver', 0))
    await mkdir(join(folder, 'empty'))
    await symlink(other, join(folder, 'link'))
    expect(await merge(folder)).toMatchObject({ films: [], complete: true, events: [] })
  })
})

describe('readClipName', () => {
  it.each([
    ['Videos/Road_VideoClip_Truck 12_2025-04-16T13_30_00-05_00.mp4', 'Truck 12', 'road', 'highres', half],
    ['Videos/Analog2_VideoClip_A_B_2025-04-16T13_30_00.mp4', 'A_B', 'analog2', 'highres', half],
    ['Videos/RearHigh_VideoClip_V_2025-04-16T18_30_00+00_00_lowres.mp4', 'V', 'rearHigh', 'lowres', half],
    ['2025-04-16T13_30_00-05_00_analog1.mp4', '', 'analog1', 'highres', half],
    ['/a/Van 7/2025-04-16/13-30-00-0500_driver.mp4', 'Van 7', 'driver', 'highres', half],
    ['/a/Van 7/2025-04-16/18-30-00+0000_rearHigh.mp4', 'Van 7', 'rearHigh', 'highres', half],
  ])('reads %s', (path, vehicle, view, media, start) => {
    expect(readClipName(path, timeZone)).toMatchObject({ vehicle, view, media, start })
  })

  it.each([
    'Videos/Road_Merged_Truck 12_2025-04-16T13_30_00-05_00.mp4',
    'Videos/Road_VideoClip_Truck 12_2025-04-31T13_30_00-05_00.mp4',
    'Videos/Road_VideoClip_Truck 12_2025-04-16T13_30_00-05_00_thumbnail.mp4',
    '/a/Van 7/yesterday/13-30-00-0500_driver.mp4',
    '/a/Van 7/merged/2025-04-16_13-30-00-0500_road.mp4',
    'film.mp4',
  ])('makes nothing of %s', (path) => {
    expect(readClipName(path, timeZone)).toBeUndefined()
  })
})
