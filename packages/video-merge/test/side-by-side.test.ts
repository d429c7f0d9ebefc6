import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { surveillanceMp4 } from '@cam/simulators/media'
import { describe, expect, it } from 'vitest'
import { clockText } from '../src/clock-strip.ts'
import { concat, probe, type SideBySideOptions, sideBySide } from '../src/index.ts'
import { planPieces } from '../src/timeline.ts'
import { ffmpegs } from './ffmpegs.ts'
import { ffmpegTool, heard, makeClip, pictures, rawPictures, scratch, seen, shadesOf } from './media.ts'

const minute = 60_000
const half = Date.UTC(2025, 3, 16, 18, 30)
const cell = { width: 64, height: 48 }

/** What each view shows in the middle of each second; black is 0. */
async function eachSecond(path: string, views: number) {
  const shown = await seen(path, views)
  const rate = Math.round(1 / (shown[1]!.at - shown[0]!.at))
  return shown.filter((_, index) => index % rate === Math.floor(rate / 2)).map(({ shades }) => shades)
}

describe.each(await ffmpegs())('sideBySide with %s', (_name, ffmpeg) => {
  it('shows each angle at its own moment, black where a minute is missing', async () => {
    const folder = await scratch()
    const clip = async (name: string, at: number, shade: number, seconds = 60) => ({
      path: await makeClip(join(folder, `${name} ${at}.mp4`), { seconds, shade, rate: 2, size: '64x48' }),
      start: half + at,
    })
    const road = [await clip('road', 2 * minute, 90), await clip('road', 0, 50), await clip('road', minute, 70, 57)]
    const driver = [await clip('driver', minute, 150, 59.5), await clip('driver', 2 * minute, 170, 60.5)]
    const views = [
      { name: 'Road', clips: road },
      { name: 'Driver', clips: driver },
      { name: 'Analog', clips: [] },
    ]
    const into = join(folder, 'all.mp4')
    const result = await sideBySide({ views, into, ffmpeg, cell, frameRate: 2, encoder: 'libx264' })
    expect(result.output).toMatchObject({ width: 192, height: 48, durationMs: 181_000, frames: 362, audio: false })
    expect(result).toMatchObject({ timeShown: true, chunks: 4, reusedChunks: 0, heard: [], encoder: 'libx264' })
    expect(result.views.map(({ black }) => black)).toEqual([
      [{ start: half + 117_000, end: half + 120_000 }],
      [{ start: half, end: half + minute }],
      [{ start: half, end: half + 181_000 }],
    ])
    const shown = await eachSecond(into, 3)
    const expected = (second: number) => [
      second < 60 ? 50 : second < 117 ? 70 : second < 120 ? 0 : 90,
      second < 60 ? 0 : second < 120 ? 150 : 170,
      0,
    ]
    shown.slice(0, 180).forEach((shades, second) => {
      for (const view of [0, 1, 2])
        expect(Math.abs(shades[view]! - expected(second)[view]!), `${second} s, view ${view}`).toBeLessThan(4)
    })
  })

  it('keeps the sound of one angle where it was, or of all, however late it begins', async () => {
    const folder = await scratch()
    const road = { path: await makeClip(join(folder, 'r.mp4'), { seconds: 4, shade: 60, rate: 4 }), start: half }
    const plain = await makeClip(join(folder, 'd0.mp4'), { seconds: 2, shade: 90, rate: 4, tone: 440 })
    const late = join(folder, 'd.mp4')
    await ffmpegTool('-i', plain, '-itsoffset', '0.5', '-i', plain, '-map', '0:v', '-map', '1:a', '-c', 'copy', late)
    const analog = await makeClip(join(folder, 'a.mp4'), { seconds: 1, shade: 90, rate: 4, tone: 2000 })
    const views = [
      { name: 'Road', clips: [road] },
      { name: 'Driver', clips: [{ path: late, start: half + 1000 }] },
      { name: 'Analog', clips: [{ path: analog, start: half }] },
    ]
    const options = { views, ffmpeg, cell, frameRate: 4, chunkMs: 2000, showTime: false }
    const loud = async (audio: SideBySideOptions['audio']) => {
      const into = join(folder, `${JSON.stringify(audio)?.replace(/\W/g, '')}.mp4`)
      const { output, heard: names } = await sideBySide({ ...options, into, ...(audio ? { audio } : {}) })
      expect(output).toMatchObject({ frames: 16, durationMs: 4000, audio: names.length > 0 })
      if (names.length === 0) return { names, tenths: '' }
      const tenths = (await heard(into)).slice(0, 40).map((loudness) => (loudness > 0.04 ? '#' : '.'))
      return { names, tenths: tenths.join('') }
    }
    const silence = '.'.repeat(10)
    const driver = `${silence}.....${'#'.repeat(20)}.....`
    const near = (tenths: string, expected: string) =>
      expect([...tenths].filter((tenth, index) => tenth !== expected[index]).length, tenths).toBeLessThanOrEqual(2)
    const first = await loud(undefined)
    expect(first.names).toEqual(['Driver'])
    near(first.tenths, driver)
    const named = await loud({ view: 'Analog' })
    near(named.tenths, `${'#'.repeat(10)}${'.'.repeat(30)}`)
    const mixed = await loud('mix')
    expect(mixed.names).toEqual(['Driver', 'Analog'])
    near(mixed.tenths, `${'#'.repeat(10)}${driver.slice(10)}`)
    expect((await loud('none')).names).toEqual([])
  })

  it('puts more than three into a grid, each in its own proportions', async () => {
    const folder = await scratch()
    const sizes = ['64x48', '32x48', '96x32', '64x48']
    const views = await Promise.all(
      sizes.map(async (size, index) => ({
        name: `${index}`,
        clips: [
          {
            path: await makeClip(join(folder, `${index}.mp4`), {
              seconds: 1,
              size,
              shade: 80 + index * 40,
              rate: 2,
              turned: index === 3,
            }),
            start: half,
          },
        ],
      })),
    )
    const into = join(folder, 'grid.mp4')
    const { output } = await sideBySide({
      views,
      into,
      ffmpeg,
      cell: { width: 96, height: 96 },
      frameRate: 2,
      showTime: false,
    })
    expect(output).toMatchObject({ width: 192, height: 192, frames: 2 })
    // Sixteen columns and rows of the whole: cells are eight wide, and a picture is black beside or above what it fills.
    const at = await grid(into, 16)
    expect([at(4, 4), at(4, 0)]).toEqual([near(80), near(0)])
    expect([at(12, 4), at(8, 4), at(15, 4)]).toEqual([near(120), near(0), near(0)])
    expect([at(4, 12), at(4, 8)]).toEqual([near(160), near(0)])
    expect([at(12, 12), at(12, 8), at(8, 12), at(15, 12)]).toEqual([near(200), near(200), near(0), near(0)])
  })

  it('places clips by their own time lines: late pictures, uneven rates, beginnings before the window', async () => {
    const folder = await scratch()
    const plain = await makeClip(join(folder, 'plain.mp4'), { seconds: 4, shade: 100, rate: 4 })
    const late = join(folder, 'late.mp4')
    await ffmpegTool('-itsoffset', '1.5', '-i', plain, '-c', 'copy', late)
    const group = (at: number, shows: number) => ({ at, shows, lasts: 1000 })
    const slow = join(folder, 'slow.mp4')
    const film = surveillanceMp4({ seed: 3, width: 64, height: 48, groups: [group(0, 1), group(3000, 9)] })
    await writeFile(slow, film.bytes())
    const views = [
      { name: 'late', clips: [{ path: late, start: half }] },
      { name: 'slow', clips: [{ path: slow, start: half }] },
      { name: 'before', clips: [{ path: plain, start: half - 2500 }] },
    ]
    const into = join(folder, 'all.mp4')
    const window = { start: half, end: half + 7000 }
    await sideBySide({ views, into, ffmpeg, cell, frameRate: 4, showTime: false, chunkMs: 2000, window })
    const shown = await seen(into, 3)
    expect(shown.length).toBe(28)
    const changes = (view: number) =>
      shown.flatMap(({ shades }, index) =>
        Math.abs(shades[view]! - (shown[index - 1]?.shades[view] ?? 0)) > 8 ? [index / 4] : [],
      )
    expect(changes(0)).toEqual([1.5, 5.5])
    expect(changes(1)).toEqual([0, 3, 4])
    expect(changes(2)).toEqual([0, 1.5])
  })

  it('shows a single picture of black, or of a clip, like any other', async () => {
    const folder = await scratch()
    const at = async (name: string, start: number, shade: number, seconds: number) => ({
      path: await makeClip(join(folder, `${name}.mp4`), { seconds, shade, rate: 2 }),
      start: half + start,
    })
    const late = [await at('late', 500, 100, 3.5)]
    const short = [await at('one', 0, 150, 0.5), await at('two', 500, 180, 0.5), await at('rest', 1000, 210, 3)]
    const views = Object.entries({ late, short }).map(([name, clips]) => ({ name, clips }))
    const into = join(folder, 'all.mp4')
    const window = { start: half, end: half + 4000 }
    await sideBySide({ views, into, ffmpeg, cell, frameRate: 2, showTime: false, window, chunkMs: 4000 })
    const shown = await seen(into, 2)
    const rounded = (view: number) => shown.map(({ shades }) => Math.round(shades[view]! / 10) * 10)
    expect(rounded(0)).toEqual([0, ...Array(7).fill(100)])
    expect(rounded(1)).toEqual([150, 180, ...Array(6).fill(210)])
  })

  it('goes on where it was ended, and trusts no piece that has changed', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 6, shade: 60, rate: 2, tone: 300 })
    const views = [{ name: 'Road', clips: [{ path, start: half }] }]
    const into = join(folder, "it's 100%d.mp4")
    const work = join(folder, `.it's 100%d.mp4.merge`)
    const options = { views, into, ffmpeg, cell, frameRate: 2, chunkMs: 1000 }
    const ended = new AbortController()
    const first = sideBySide({
      ...{ ...options, signal: ended.signal },
      onEvent: (event) => event.type === 'chunk' && event.index === 3 && ended.abort(new Error('enough')),
    })
    await expect(first).rejects.toThrow('enough')
    const movies = (await readdir(work)).filter((name) => name.endsWith('.mov') && name.startsWith('piece-'))
    expect(movies.length).toBe(4)
    expect(await readdir(folder)).not.toContain("it's 100%d.mp4")
    // One is cut off, and one never got its note.
    await truncate(join(work, movies[0]!), 500)
    await rm(join(work, movies[1]!.replace('.mov', '.json')))
    const { reusedChunks, chunks, output } = await sideBySide(options)
    expect({ reusedChunks, chunks }).toEqual({ reusedChunks: 2, chunks: 6 })
    expect(output).toMatchObject({ frames: 12, durationMs: 6000, audio: true })
    expect((await readdir(folder)).sort()).toEqual(['a.mp4', "it's 100%d.mp4"])
  })

  it('takes over from an earlier film what has not changed, and encodes the rest', async () => {
    const folder = await scratch()
    const at = (name: string, second: number, shade: number) =>
      makeClip(join(folder, `${name}.mp4`), { seconds: 2, shade, rate: 4, tone: 200 + second * 100 }).then((path) => ({
        path,
        start: half + second * 1000,
      }))
    const road = [await at('r0', 0, 60), await at('r2', 2, 80), await at('r4', 4, 100)]
    const driver = [await at('d0', 0, 150), await at('d4', 4, 190)]
    const late = await at('d2', 2, 170)
    const views = (clips: typeof driver) => [
      { name: 'Road', clips: road },
      { name: 'Driver', clips },
    ]
    const window = { start: half, end: half + 6000 }
    const options = { window, ffmpeg, cell, frameRate: 4, chunkMs: 2000, audio: 'mix' } as const
    const before = await sideBySide({ ...options, views: views(driver), into: join(folder, 'before.mp4') })
    const { path } = before.output
    const earlier = { path, pieces: before.pieces }
    expect(before.pieces.map(({ pictures }) => pictures)).toEqual([8, 8, 8])

    const all = views([...driver, late])
    const anew = await sideBySide({ ...options, views: all, into: join(folder, 'anew.mp4') })
    const events: string[] = []
    const result = await sideBySide({
      ...{ ...options, views: all, into: path, overwrite: true, earlier },
      onEvent: (event) => event.type === 'chunk' && events.push(`${event.index} ${event.reused}`),
    })
    expect([result.reusedChunks, result.chunks, events]).toEqual([2, 3, ['0 true', '1 false', '2 true']])
    expect(result.pieces).toEqual(anew.pieces)
    expect(result.output).toEqual({ ...anew.output, path, bytes: expect.closeTo(anew.output.bytes, -3) })
    expect(await pictures(path)).toEqual(await pictures(anew.output.path))
    expect(await heard(path)).toEqual(await heard(anew.output.path))
    expect(shadesOf(await seen(path, 2))).toEqual(shadesOf(await seen(anew.output.path, 2)))
    expect((await readdir(folder)).filter((name) => name.includes('merge'))).toEqual([])

    // Longer at both ends, and out of a film that was itself put together so.
    const longer = { start: half - 2000, end: half + 8000 }
    const twice = { ...options, views: all, window: longer, earlier: { path, pieces: result.pieces } }
    expect((await sideBySide({ ...twice, into: join(folder, 'longer.mp4') })).reusedChunks).toBe(3)
    const shown = await seen(join(folder, 'longer.mp4'), 2)
    expect(shown.slice(8, 32).map(({ shades }) => shades)).toEqual((await seen(path, 2)).map(({ shades }) => shades))

    // Pictures that were encoded otherwise than the new ones do not go with them.
    const into = join(folder, 'other.mp4')
    await sideBySide({ ...options, views: views(driver), into, encoderOptions: ['-qp', '0'] })
    const other = { path: into, pieces: before.pieces }
    const fourth = await sideBySide({ ...options, views: all, into: join(folder, 'fourth.mp4'), earlier: other })
    expect(fourth.reusedChunks).toBe(0)
    expect(await pictures(fourth.output.path)).toEqual(await pictures(anew.output.path))

    // Of a film that is not what it was nothing is taken.
    await truncate(path, 3000)
    const third = await sideBySide({ ...options, views: all, into: join(folder, 'third.mp4'), earlier })
    expect(third.reusedChunks).toBe(0)
    expect(await pictures(third.output.path)).toEqual(await pictures(anew.output.path))
  })

  it('shows the time, each second another', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 3, shade: 60, rate: 2, size: '320x180' })
    const into = join(folder, 'all.mp4')
    const views = [{ name: 'Road', clips: [{ path, start: half }] }]
    const { timeShown } = await sideBySide({
      views,
      into,
      ffmpeg,
      frameRate: 2,
      timeZone: 'America/Chicago',
      encoderOptions: ['-qp', '0'],
    })
    expect(timeShown).toBe(true)
    const corners = await corner(into, 320, 20)
    expect(corners.length).toBe(6)
    expect(new Set(corners).size).toBe(3)
    expect(corners[0]).toBe(corners[1])
  })

  it('goes without the time where ffmpeg cannot draw, and says so', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 1, shade: 60, rate: 2 })
    const poor = { ...ffmpeg, filters: new Set([...ffmpeg.filters].filter((name) => name !== 'overlay')) }
    const warnings: string[] = []
    const { timeShown } = await sideBySide({
      ...{ views: [{ name: 'Road', clips: [{ path, start: half }] }], into: join(folder, 'all.mp4'), ffmpeg: poor },
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    })
    expect(timeShown).toBe(false)
    expect(warnings).toEqual([expect.stringContaining('lacks the overlay filter')])
  })

  it('says before it begins that an encoder is not there, or does not start', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 1, shade: 60, rate: 2 })
    const views = [{ name: 'Road', clips: [{ path, start: half }] }]
    for (const encoder of ['h264_vaapi', 'h264_none'])
      await expect(sideBySide({ views, into: join(folder, 'a2.mp4'), ffmpeg, encoder })).rejects.toMatchObject({
        ...{ code: 'NO_ENCODER', message: expect.stringContaining(encoder) },
      })
    const { output, encoder } = await sideBySide({
      views,
      into: join(folder, 'x.mp4'),
      ffmpeg,
      cell,
      encoder: 'libx265',
    })
    expect(encoder).toBe('libx265')
    expect((await probe(output.path)).video).toMatchObject({ codec: 'hevc', tag: 'hvc1' })
  })

  it('says what a build of ffmpeg lacks, before it begins', async () => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 1, shade: 60, rate: 2 })
    const poor = { ...ffmpeg, filters: new Set([...ffmpeg.filters].filter((name) => !/^(color|hstack)$/.test(name))) }
    const views = [{ name: 'Road', clips: [{ path, start: half }] }]
    await expect(sideBySide({ views, into: join(folder, 'all.mp4'), ffmpeg: poor })).rejects.toMatchObject({
      ...{ code: 'NO_FFMPEG', problem: expect.stringMatching(/was built without .*: color, hstack\.$/) },
    })
    expect(await readdir(folder)).toEqual(['a.mp4'])
    // Joining needs no filters.
    const { outputs } = await concat({ clips: [path, path], into: join(folder, 'both.mp4'), ffmpeg: poor })
    expect(outputs[0]!.how).toBe('copied')
  })

  it('encodes clips that differ into one file, in the order of time, where that is allowed', async () => {
    const folder = await scratch()
    const clips = [
      { path: await makeClip(join(folder, 'a.mp4'), { seconds: 1, shade: 60, tone: 440 }), start: half + 2000 },
      { path: await makeClip(join(folder, 'b.mp4'), { seconds: 1, shade: 120, size: '96x72', rate: 5 }), start: half },
    ]
    const into = join(folder, 'one.mp4')
    const { outputs, differences } = await concat({ clips, into, ffmpeg, whenDifferent: 'encode' })
    expect(outputs).toMatchObject([
      { how: 'encoded', path: into, width: 96, height: 72, audio: true, durationMs: 2000 },
    ])
    expect(differences.length).toBe(1)
    expect(shadesOf(await seen(into)).map((shade) => Math.round(shade / 10))).toEqual([12, 6])
    expect((await heard(into)).map((loudness) => loudness > 0.04).indexOf(true)).toBe(10)
  })
})

describe('sideBySide', () => {
  it('writes the time with its offset, because in autumn an hour comes twice', () => {
    const zone = 'America/Chicago'
    expect(clockText(half, zone)).toBe('2025-04-16 13:30:00 -05:00')
    expect(clockText(Date.UTC(2025, 10, 2, 6, 59, 59), zone)).toBe('2025-11-02 01:59:59 -05:00')
    expect(clockText(Date.UTC(2025, 10, 2, 7, 0, 0), zone)).toBe('2025-11-02 01:00:00 -06:00')
    expect(clockText(0, 'UTC')).toBe('1970-01-01 00:00:00 +00:00')
  })

  it('cuts at whole minutes of the clock, and counts every picture and sample', () => {
    const window = { start: half - 10_000, end: half + 75_000 }
    const pieces = planPieces({
      ...{ window, views: [[]], heard: [0], frameRate: 30 },
      chunkMs: minute,
      clockZone: 'UTC',
    })
    expect(pieces.map(({ pictures, clock }) => [pictures, clock!.length, clock![0]])).toEqual([
      [300, 10, '2025-04-16 18:29:50 +00:00'],
      [1800, 60, '2025-04-16 18:30:00 +00:00'],
      [450, 15, '2025-04-16 18:31:00 +00:00'],
    ])
    expect(pieces.map(({ sounds }) => sounds[0])).toEqual([10, 60, 15].map((s) => [{ from: 0, count: s * 48_000 }]))
  })

  it.each([
    [{ views: [] }, 'views'],
    [{ timeZone: 'Mars/Olympus' }, 'Mars/Olympus'],
    [{ chunkMs: 1500 }, 'chunkMs'],
    [{ audio: { view: 'Rear' } }, 'Rear'],
    [{ cell: { width: 65, height: 48 } }, 'cell.width'],
    [{ frameRate: 29.97 }, 'frameRate'],
    [{ window: { start: half + 1, end: half } }, 'window'],
  ])('refuses %j', async (wrong, why) => {
    const folder = await scratch()
    const path = await makeClip(join(folder, 'a.mp4'), { seconds: 1 })
    const views = [{ name: 'Road', clips: [{ path, start: half }] }]
    await expect(sideBySide({ views, into: join(folder, 'x.mp4'), ...wrong } as SideBySideOptions)).rejects.toThrow(why)
  })
})

const near = (shade: number) => expect.closeTo(shade, -1)

/** Brightness of the first picture at a place in a grid of `parts` by `parts`. */
async function grid(path: string, parts: number) {
  const bytes = await rawPictures(path, `scale=${parts}:${parts}:flags=area`)
  return (column: number, row: number) => bytes[row * parts + column]!
}

/** The upper left corner of each picture, as text. */
async function corner(path: string, width: number, height: number): Promise<string[]> {
  const bytes = await rawPictures(path, `crop=${width}:${height}:0:0`)
  return Array.from({ length: bytes.length / (width * height) }, (_, index) =>
    bytes.subarray(index * width * height, (index + 1) * width * height).toString('hex'),
  )
}
