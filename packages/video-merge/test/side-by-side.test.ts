import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sideBySide } from '../src/index.ts'
import { ffmpegs } from './ffmpegs.ts'
import { makeClip, scratch, seen } from './media.ts'

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
})
