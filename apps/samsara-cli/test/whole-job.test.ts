import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { filesOf, halfPastOne, place, run } from './run.ts'

const { path: ffmpeg } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }
const twoMinutes = ['--vehicle', 'Truck 12', ...halfPastOne, '--duration', '2', '--layout', 'seed']

it('one line orders, waits, fetches, joins each angle and puts them side by side; the same line again does nothing anew', async () => {
  const { cloud, dest, env, line } = await place({ pollSpread: 2 })
  const all = line.filter((word) => word !== '--no-merge')
  const first = await run([...all, ...twoMinutes, '--ffmpeg', ffmpeg], env)
  expect([first.code, first.stderr]).toEqual([0, ''])
  expect(first.stdout).toMatch(/Done\. downloaded=6 skipped=0 failed=0\n$/)
  const films = filesOf(dest).filter((path) => path.includes('_Merged_'))
  expect(films).toEqual(
    ['Analog', 'Driver', 'Road', 'SideBySide'].map(
      (word) => `Videos/${word}_Merged_Truck 12_2025-04-16T13_30_00-05_00.mp4`,
    ),
  )
  const again = await run([...all, ...twoMinutes, '--ffmpeg', ffmpeg], env)
  expect([again.code, again.stdout.match(/nothing of it has changed/g)?.length]).toEqual([0, 4])
  expect(cloud.counters()).toMatchObject({ orders: 2, duplicates: 0 })
}, 120_000)

it('without ffmpeg the clips are kept, what is missing is said before and after, and the exit code is 1', async () => {
  const { dest, env, line } = await place()
  const all = line.filter((word) => word !== '--no-merge')
  const { code, stderr } = await run([...all, ...twoMinutes, '--ffmpeg', '/nowhere/ffmpeg'], env)
  expect([code, stderr.match(/\/nowhere\/ffmpeg/g)?.length]).toEqual([1, 2])
  expect(filesOf(dest).filter((path) => path.startsWith('Videos'))).toHaveLength(6)
})
