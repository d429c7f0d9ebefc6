import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sideBySide } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { heard, makeClip, scratch, seen } from './media.ts'

const noon = Date.UTC(2025, 3, 16, 12)

describe.each(await ffmpegs())('%s', (_, ffmpeg) => {
  it('shows a long clip again, and lets it be heard, after a short one that lies within it', async () => {
    const folder = await scratch()
    const long = await makeClip(join(folder, 'long.mp4'), { seconds: 6, shade: 60, tone: 440 })
    const short = await makeClip(join(folder, 'short.mp4'), { seconds: 2, shade: 200 })
    const last = await makeClip(join(folder, 'last.mp4'), { seconds: 2, shade: 120, tone: 440 })
    const clips = [
      { path: long, start: noon },
      { path: short, start: noon + 2000 },
      { path: last, start: noon + 6500 },
    ]
    const into = join(folder, 'all.mp4')
    const { views } = await sideBySide({ views: [{ name: 'Road', clips }], into, ffmpeg, showTime: false })
    expect(views).toEqual([{ name: 'Road', clips: 3, black: [] }])
    const shades = (await seen(into)).map((picture) => picture.shades[0]!)
    const at = (from: number, to: number) => shades.slice(from, to).map((shade) => Math.round(shade / 20) * 20)
    expect(at(0, 20)).toEqual(Array(20).fill(60))
    expect(at(20, 40)).toEqual(Array(20).fill(200))
    expect(at(40, 65)).toEqual(Array(25).fill(60))
    expect(at(65, 85)).toEqual(Array(20).fill(120))
    const loud = (await heard(into)).map((loudness) => loudness > 0.02)
    for (const tenth of [5, 15, 45, 55, 70, 80]) expect([tenth, loud[tenth]]).toEqual([tenth, true])
    for (const tenth of [25, 35, 62]) expect([tenth, loud[tenth]]).toEqual([tenth, false])
  })

  it('lets the first angle be heard that has as much sound as any, so that a clip of it does not silence the rest', async () => {
    const folder = await scratch()
    const loud = await makeClip(join(folder, 'loud.mp4'), { seconds: 2, shade: 60, tone: 440 })
    const mute = await makeClip(join(folder, 'mute.mp4'), { seconds: 2, shade: 60 })
    const view = (name: string, ...paths: string[]) => ({
      name,
      clips: paths.map((path, index) => ({ path, start: noon + index * 2000 })),
    })
    const first = async (...views: ReturnType<typeof view>[]) =>
      (await sideBySide({ views, into: join(folder, 'all.mp4'), overwrite: true, ffmpeg, showTime: false })).heard
    const [most, all] = [view('Road', loud, mute, mute), view('Driver', loud, loud, loud)]
    expect(await first(most, all)).toEqual(['Driver'])
    expect(await first(view('Road', loud, loud, loud), all)).toEqual(['Road'])
  })
})
