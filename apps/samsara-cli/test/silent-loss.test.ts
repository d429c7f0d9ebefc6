import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { filesOf, halfPastOne, ordered, place, runHere } from './run.ts'

const shuttles = ['--vehicle', '281474976710741', '--vehicle', '281474976710742']

it.each([
  ['seed', /^Videos\/Road_VideoClip_Shuttle.*2025-04-16T13_30_00-05_00/],
  ['{camera}_{start:HH-mm}_{view}.{ext}', /^Shuttle.*13-30_road/],
])('silent-loss 27: two vehicles of one name each have their clip under --layout %s', async (layout, name) => {
  const { cloud, dest, env, line } = await place()
  const args = [...shuttles, ...halfPastOne, '--duration', '1', '--views', 'road', '--layout', layout]
  expect((await runHere([...line, ...args], env)).code).toBe(0)
  const films = filesOf(dest).filter((path) => path.endsWith('.mp4'))
  expect(films).toEqual([expect.stringMatching(name), expect.stringMatching(name)])
  const [one, other] = films.map((path) => readFileSync(join(dest, path)))
  expect(one!.equals(other!)).toBe(false)
  expect([cloud.counters().orders, cloud.violations]).toEqual([2, []])
})

it.each([
  ['Asia/Kolkata', '04/17/2025 00:00', '2025-04-17/00-00-00+0530_road.mp4'],
  ['Europe/Berlin', '04/16/2025 08:30 PM', '2025-04-16/20-30-00+0200_road.mp4'],
])('silent-loss 28: a time in %s is read and written there', async (zone, start, file) => {
  const { cloud, dest, env, line } = await place()
  const here = line.map((word) => (word === 'America/Chicago' ? zone : word))
  const args = ['--vehicle', 'Truck 12', '--start', start, '--duration', '1', '--views', 'road']
  expect((await runHere([...here, ...args], env)).code).toBe(0)
  expect(ordered(cloud)).toEqual(['18:30 road'])
  expect(filesOf(dest)).toEqual([`Truck 12/${file}`])
})

it('silent-loss 28: a zone that nobody knows is refused, and nothing is ordered', async () => {
  const { cloud, env, line } = await place()
  const here = line.map((word) => (word === 'America/Chicago' ? 'America/Atlantis' : word))
  const { code, stderr } = await runHere([...here, '--vehicle', 'Truck 12', ...halfPastOne, '--duration', '1'], env)
  expect([code, stderr]).toEqual([64, expect.stringContaining('America/Atlantis')])
  expect(cloud.log.entries).toEqual([])
})
