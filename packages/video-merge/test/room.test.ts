import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type Ffmpeg, sideBySide } from '../src/index.ts'
import { leastBytes, sampleRate } from '../src/picture-plan.ts'
import { ffmpegs } from './ffmpegs.ts'
import { makeClip, scratch } from './media.ts'

const [[, real]] = (await ffmpegs()) as [[string, Ffmpeg]]
const start = Date.UTC(2026, 3, 16, 12)

it('the room that a composite needs follows its pixels, its length and its sound', () => {
  const shape = { cell: { width: 320, height: 240 }, columns: 3, rows: 1, frameRate: 15 }
  const [small, loud] = [leastBytes(shape, 720, false), leastBytes(shape, 720, true)]
  expect(small).toBeLessThan(20_000_000)
  expect(loud - small).toBe(720 * 4 * sampleRate)
  expect(leastBytes({ ...shape, rows: 2 }, 720, false)).toBe(2 * small)
  const large = { cell: { width: 1920, height: 1080 }, columns: 3, rows: 1, frameRate: 30 }
  expect(leastBytes(large, 60, false)).toBeGreaterThan(60_000_000)
})

it('small pictures are made where there is room for small pictures', async (context) => {
  const folder = await scratch()
  const small = join(folder, 'small')
  await mkdir(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'pipe' })
  } catch {
    console.info('skipped: a disk of 1 MiB can be made only by root, on Linux')
    return context.skip()
  }
  onTestFinished(() => void execFileSync('umount', [small]))
  const path = await makeClip(join(folder, 'a.mp4'), { seconds: 10, rate: 5, size: '64x48' })
  const views = [{ name: 'Road', clips: [{ path, start }] }]
  const { output } = await sideBySide({ views, into: join(small, 'a.mp4'), ffmpeg: real })
  expect(output.durationMs).toBe(10_000)
})
