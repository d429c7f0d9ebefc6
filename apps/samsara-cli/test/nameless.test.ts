import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clip, ffmpegPath, minute, put, scratch } from './merging.ts'
import { runHere } from './run.ts'

it('clips whose names hold no vehicle are spoken of without one', async () => {
  const dest = await scratch()
  for (const at of [0, 2]) await put(join(dest, `2025-04-16T13_3${at}_00-05_00_road.mp4`), clip('road', at * minute))
  const { code, stdout } = await runHere(['merge', dest, '--ffmpeg', ffmpegPath])
  expect([code, stdout.split('\n').slice(0, 2)]).toEqual([
    0,
    [expect.stringMatching(/^GAP {3}road: nothing from 2025-04-16T13:31:00/), 'MERGE road: 2 clips'],
  ])
})
