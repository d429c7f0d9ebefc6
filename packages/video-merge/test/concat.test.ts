import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { surveillanceMp4 } from '@cam/simulators/media'
import { afterAll, describe, expect, it } from 'vitest'
import { concat, probe } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import {
  type ClipMaking,
  ffmpegTool,
  heard,
  makeClip,
  packetsOfEach,
  pictures,
  picturesOfEach,
  scratch,
  seen,
  shadesOf,
} from './media.ts'

const minute = 60_000
const noon = Date.UTC(2026, 3, 16, 12)

const hourFolder = mkdtemp(join(tmpdir(), 'cam-hour-'))
afterAll(async () => rm(await hourFolder, { recursive: true, force: true }))
let made: ReturnType<typeof makeHour> | undefined
const hour = () => (made ??= makeHour())

/** 60 one-minute clips of 1080p, and the sums of all their pictures. */
async function makeHour() {
  const clips: { path: string; start: number }[] = []
  for (let index = 0; index < 60; index++) {
    const start = noon + index * minute
    const groups = [0, 59_000].map((at) => ({ at, shows: start + at, lasts: 1000 }))
    const path = join(await hourFolder, `clip ${index}.mp4`)
    await writeFile(path, surveillanceMp4({ seed: 7, width: 1920, height: 1080, groups, createdAt: start }).bytes())
    clips.push({ path, start })
  }
  const paths = clips.map(({ path }) => path)
  return {
    clips,
    sources: (await picturesOfEach(paths)).flat(),
    stored: (await packetsOfEach(paths)).flat(),
  }
}

/** The brightness of every picture, runs of the same as one. */
const order = async (path: string) => shadesOf(await seen(path))

describe.each(await ffmpegs())('concat with %s', (_name, ffmpeg) => {
  it('copies 60 one-minute clips of 1080p: every picture as it was, in the order of time, nothing decoded', async () => {
    const folder = await scratch()
    const { clips, sources, stored } = await hour()
    const shuffled = clips.map((clip, index) => ({ clip, key: (index * 37) % 60 })).sort((a, b) => a.key - b.key)
    const into = join(folder, 'hour.mp4')
    const { outputs, gaps, differences } = await concat({ clips: shuffled.map(({ clip }) => clip), into, ffmpeg })
    expect({ gaps, differences, files: outputs.length }).toEqual({ gaps: [], differences: [], files: 1 })
    expect(outputs[0]).toMatchObject({ how: 'copied', path: into, frames: 120, durationMs: 3_600_000, width: 1920 })
    expect(outputs[0]!.clips).toEqual(clips.map(({ path }) => path))
    expect(sources.length).toBe(120)
    expect(await pictures(into)).toEqual(sources)
    // Each clip's first picture has bytes of its own, and nothing that decodes could write the very same ones again.
    expect(new Set(stored).size).toBeGreaterThanOrEqual(60)
    expect((await packetsOfEach([into]))[0]).toEqual(stored)
    // 120 large pictures are looked at twice, on whatever machine.
  }, 120_000)

  it('joins clips whose names are as bad as names can be', async () => {
    const folder = await scratch()
    const names = ["it's.mp4", 'a\nb.mp4', '-y.mp4', '100%d.mp4', 'a "b" $(c) \\d.mp4', 'file:x|y.mp4', '#hash; é.mp4']
    const clips = await Promise.all(
      names.map((name, index) => makeClip(join(folder, name), { seconds: 0.5, shade: 40 + index * 30 })),
    )
    const into = join(folder, "-out 'of' %03d.mp4")
    const { outputs } = await concat({ clips, into, ffmpeg })
    expect(outputs[0]).toMatchObject({ how: 'copied', frames: 5 * names.length })
    expect(await order(into)).toEqual(names.map((_, index) => 40 + index * 30))
  })

  it('does not let clips drift that have sound, whatever encoders put in front of it', async () => {
    const folder = await scratch()
    const clips: string[] = []
    for (let index = 0; index < 8; index++)
      clips.push(await makeClip(join(folder, `${index}.mp4`), { seconds: 1, shade: 30 + index * 25, tone: 440 }))
    const into = join(folder, 'all.mp4')
    const { outputs } = await concat({ clips, into, ffmpeg })
    expect(outputs[0]).toMatchObject({ how: 'copied', audio: true, frames: 80 })
    const shown = await seen(into)
    shown.forEach(({ at, shades }, index) => {
      expect(at).toBeCloseTo(index / 10, 3)
      expect(shades[0]).toBe(30 + Math.floor(index / 10) * 25)
    })
  })

  it('repairs a clip that counts time in other units', async () => {
    const folder = await scratch()
    const clips = [
      await makeClip(join(folder, 'a.mp4'), { shade: 50 }),
      await makeClip(join(folder, 'b.mp4'), { shade: 100, more: ['-video_track_timescale', '90000'] }),
      await makeClip(join(folder, 'c.mp4'), { shade: 150 }),
    ]
    const into = join(folder, 'all.mp4')
    const { outputs } = await concat({ clips, into, ffmpeg })
    expect(outputs[0]).toMatchObject({ how: 'repaired', frames: 60, durationMs: 6000 })
    expect(outputs[0]!.repaired).toEqual([expect.stringContaining('b.mp4: its clock ticks 90000 times a second')])
    expect(await pictures(into)).toEqual((await picturesOfEach(clips)).flat())
  })

  it('does not mistake sound for pictures where streams stand in another order', async () => {
    const folder = await scratch()
    const clips: string[] = []
    for (const shade of [50, 150]) clips.push(await makeClip(join(folder, `${shade}.mp4`), { shade, tone: 440 }))
    const turned = join(folder, 'sound first.mp4')
    await ffmpegTool('-i', clips[1]!, '-map', '0:a', '-map', '0:v', '-c', 'copy', turned)
    for (const order of [
      [clips[0]!, turned],
      [turned, clips[0]!],
    ]) {
      const into = join(folder, `${order.indexOf(turned)}.mp4`)
      const { outputs } = await concat({ clips: order, into, ffmpeg })
      expect(outputs[0]!.repaired).toEqual([`${turned}: its streams stand in another order`])
      expect(await pictures(into)).toEqual((await picturesOfEach(order)).flat())
    }
    const same = await concat({ clips: [turned, turned], into: join(folder, 'same.mp4'), ffmpeg })
    expect(same.outputs[0]).toMatchObject({ how: 'copied', frames: 40, audio: true })
  })

  it.each([0, 1])('keeps all sound where clip %i of three has none', async (silent) => {
    const folder = await scratch()
    const clips: string[] = []
    for (let index = 0; index < 3; index++) {
      const sound = index === silent ? {} : { tone: 880 }
      clips.push(await makeClip(join(folder, `${index}.mp4`), { seconds: 1, shade: 60 + index * 60, ...sound }))
    }
    const into = join(folder, 'all.mp4')
    const { outputs } = await concat({ clips, into, ffmpeg })
    expect(outputs[0]).toMatchObject({ how: 'repaired', audio: true, frames: 30 })
    const loud = (await heard(into)).map((loudness) => loudness > 0.04)
    for (const index of [0, 1, 2]) expect(loud[index * 10 + 5]).toBe(index !== silent)
    expect(loud.length).toBeGreaterThanOrEqual(29)
    expect(await pictures(into)).toEqual((await picturesOfEach(clips)).flat())
  })

  it.each([
    ['another size', { size: '96x64' }, '96×64 after 64×48'],
    ['another rate', { rate: 20 }, '20.00 pictures a second after 10.00'],
    ['another profile', { more: ['-profile:v', 'baseline', '-bf', '0'] }, 'profile 66 after'],
    ['another codec', { more: ['-c:v', 'libx265', '-x265-params', 'log-level=none'] }, 'hevc after h264'],
    ['a turned picture', { turned: true }, /turned by (90|270) degrees after 0/],
    ['pixels of another shape', { more: ['-vf', 'setsar=4/3'] }, 'pixels of another shape'],
    ['another kind of colours', { more: ['-pix_fmt', 'yuv444p'] }, /profile 244 after|other settings/],
    ['sound at another rate', { tone: 440, more: ['-ar', '16000'] }, 'sound at 16000 Hz after 48000'],
    ['sound of another kind', { tone: 440, more: ['-c:a', 'mp3'] }, 'mp3 sound after aac'],
    ['more channels of sound', { tone: 440, more: ['-ac', '2'] }, '2 channels of sound after 1'],
  ])('does not copy %s behind what it does not follow', async (_what, making: ClipMaking, why) => {
    const folder = await scratch()
    const sound = making.tone === undefined ? {} : { tone: making.tone }
    const clips = [
      await makeClip(join(folder, 'a.mp4'), { ...sound, seconds: 1, shade: 50 }),
      await makeClip(join(folder, 'b.mp4'), { ...sound, seconds: 1, shade: 100 }),
      await makeClip(join(folder, 'c.mp4'), { seconds: 1, shade: 150, ...making }),
    ]
    const into = join(folder, 'all.mp4')
    await expect(concat({ clips, into, ffmpeg, whenDifferent: 'refuse' })).rejects.toMatchObject({
      code: 'CLIPS_DIFFER',
    })
    const { outputs, differences } = await concat({ clips, into, ffmpeg })
    expect(outputs.map(({ path, how }) => [path, how])).toEqual([
      [join(folder, 'all-1.mp4'), 'copied'],
      [join(folder, 'all-2.mp4'), 'copied'],
    ])
    expect(differences).toEqual([expect.stringMatching(why)])
    expect(await order(outputs[0]!.path)).toEqual([50, 100])
    expect(await order(outputs[1]!.path)).toEqual([150])
    await expect(probe(into)).rejects.toMatchObject({ code: 'CLIP_UNREADABLE' })
  })

  it('refuses a clip that is cut off or empty, or leaves it out and says so', async () => {
    const folder = await scratch()
    const good = await makeClip(join(folder, 'good.mp4'), { seconds: 1, shade: 50 })
    const cut = join(folder, 'cut.mp4')
    await writeFile(cut, (await readFile(good)).subarray(0, -200))
    const empty = join(folder, 'empty.mp4')
    await writeFile(empty, '')
    const last = await makeClip(join(folder, 'last.mp4'), { seconds: 1, shade: 150 })
    const into = join(folder, 'all.mp4')
    for (const bad of [cut, empty])
      await expect(concat({ clips: [good, bad, last], into, ffmpeg })).rejects.toMatchObject({
        ...{ code: 'CLIP_UNREADABLE', path: bad },
      })
    const { leftOut, outputs } = await concat({
      clips: [good, cut, empty, last],
      into,
      ffmpeg,
      unreadable: 'leave-out',
    })
    expect(leftOut.map(({ path }) => path)).toEqual([cut, empty])
    expect(outputs[0]!.clips).toEqual([good, last])
    expect(await order(into)).toEqual([50, 150])
  })

  it('keeps a missing minute as a pause where that is asked for, and names it in any case', async () => {
    const folder = await scratch()
    const clips = [
      { path: await makeClip(join(folder, 'a.mp4'), { seconds: 1, shade: 50, tone: 440 }), start: noon },
      { path: await makeClip(join(folder, 'b.mp4'), { seconds: 1, shade: 150, tone: 440 }), start: noon + 5000 },
    ]
    const closed = await concat({ clips, into: join(folder, 'closed.mp4'), ffmpeg })
    const held = await concat({ clips, into: join(folder, 'held.mp4'), ffmpeg, gaps: 'hold' })
    for (const { gaps } of [closed, held]) expect(gaps).toEqual([{ start: noon + 1000, end: noon + 5000 }])
    expect(closed.outputs[0]!.durationMs).toBe(2000)
    const shown = await seen(held.outputs[0]!.path)
    expect(shown.find(({ shades }) => shades[0] === 150)!.at).toBeCloseTo(5, 2)
    expect(shown.length).toBe(20)
  })

  it('tells of time that two clips show', async () => {
    const folder = await scratch()
    const clips = [
      { path: await makeClip(join(folder, 'a.mp4'), { seconds: 4, shade: 50 }), start: noon },
      { path: await makeClip(join(folder, 'b.mp4'), { seconds: 2, shade: 150 }), start: noon + 2500 },
    ]
    const warnings: string[] = []
    const { overlaps } = await concat({
      ...{ clips, into: join(folder, 'all.mp4'), ffmpeg },
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    })
    expect(overlaps).toEqual([{ start: noon + 2500, end: noon + 4000 }])
    expect(warnings).toEqual([expect.stringContaining('it is there twice')])
  })

  it('copies turned pictures, uneven rates, late beginnings and late sound as they are', async () => {
    const folder = await scratch()
    const plain = await makeClip(join(folder, 'plain.mp4'), { seconds: 2, shade: 80, tone: 440 })
    const make = async (name: string, ...args: string[]) => {
      await ffmpegTool(...args, join(folder, name))
      return join(folder, name)
    }
    const turned = await make('turned.mp4', '-i', plain, '-c', 'copy', '-metadata:s:v', 'rotate=90')
    const late = await make('late.mp4', '-itsoffset', '0.7', '-i', plain, '-c', 'copy', '-map', '0:v')
    const lateSound = await make(
      'late-sound.mp4',
      ...['-i', plain, '-itsoffset', '0.5', '-i', plain, '-map', '0:v', '-map', '1:a', '-c', 'copy'],
    )
    const uneven = await make(
      'uneven.mp4',
      ...['-i', plain, '-map', '0', '-vf', 'select=not(eq(mod(n\\,7)\\,3))', '-vsync', '0', '-c:v', 'libx264'],
      ...['-preset', 'ultrafast', '-c:a', 'copy'],
    )
    for (const path of [turned, late, lateSound, uneven]) {
      const alone = (await probe(path)).video!
      const { outputs } = await concat({ clips: [path, path], into: `${path}.twice.mp4`, ffmpeg })
      expect(outputs[0]).toMatchObject({ how: 'copied', frames: alone.packets * 2 })
      const joined = (await probe(outputs[0]!.path)).video!
      expect(joined.rotation).toBe(alone.rotation)
      expect(await pictures(outputs[0]!.path)).toEqual((await picturesOfEach([path, path])).flat())
    }
    expect((await probe(turned)).video!.rotation).not.toBe(0)
    expect((await probe(uneven)).video!.variable).toBe(true)
    const sound = await heard(`${lateSound}.twice.mp4`)
    const shown = await seen(`${lateSound}.twice.mp4`)
    // Sound outlasts the pictures there by half a second, so the second clip begins with it.
    expect(shown[20]!.at).toBeCloseTo(2.5, 1)
    expect(sound.length).toBeGreaterThanOrEqual(44)
  })

  it('puts the index in front, so that a player can begin at once', async () => {
    const folder = await scratch()
    const clips = [50, 100].map((shade) => makeClip(join(folder, `${shade}.mp4`), { seconds: 1, shade }))
    const into = join(folder, 'all.mp4')
    await concat({ clips: await Promise.all(clips), into, ffmpeg })
    const bytes = await readFile(into)
    const [index, data] = ['moov', 'mdat'].map((box) => bytes.indexOf(box))
    expect(index).toBeGreaterThan(0)
    expect(index).toBeLessThan(data!)
  })

  it('writes a chapter for each clip, and when recording began', async () => {
    const folder = await scratch()
    const clips = [noon, noon + 1000].map(async (start, index) => ({
      path: await makeClip(join(folder, `${index}.mp4`), { seconds: 1, shade: 50 + index }),
      start,
    }))
    const into = join(folder, 'all.mp4')
    await concat({ clips: await Promise.all(clips), into, ffmpeg })
    const told = await ffmpegTool('-i', into, '-f', 'ffmetadata', '-')
    expect(told.match(/START=\d+|title=.*/g)).toEqual([
      ...['START=0', 'title=2026-04-16T12:00:00.000Z', 'START=1000', 'title=2026-04-16T12:00:01.000Z'],
    ])
    expect((await probe(into)).createdAt).toBe(noon)
  })
})
