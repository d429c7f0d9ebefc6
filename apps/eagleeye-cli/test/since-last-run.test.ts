import { join } from 'node:path'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { place, runHere, windowFlags } from './run.ts'
import {
  cameraA,
  day,
  filesOf,
  hour,
  hurriedClock,
  minute,
  outcomesIn,
  second,
  seedName,
  sha256,
  stampOf,
  worldEnd,
  worldOf,
} from './world.ts'

const noon = worldEnd - 12 * hour

describe('runs without --start, one after the other', () => {
  it.each(['v3', 'classic'] as const)(
    'leave a clip that grows for the next one, and fetch nothing twice (%s)',
    async (api) => {
      const clock = hurriedClock(noon)
      const goesOn = { start: noon - 7 * minute, end: noon + 20 * minute }
      const old = { start: noon - 20 * hour, end: noon - 20 * hour + 30 * second }
      const older = { start: noon - 3 * day, end: noon - 3 * day + 30 * second }
      const later = { start: noon + 40 * minute, end: noon + 41 * minute }
      const world = worldOf([older, old, goesOn], [later])
      await using cloud = await startEagleEye({ world, clock, switches: { api } })
      const { dest, env, line } = await place(cloud, { clock })
      const films = () => cloud.log.ofNode('media').length
      const run = async () => {
        const { code, json } = await runHere([...line, '--json'], env, clock)
        const told = outcomesIn(json()).filter(({ start }) => start >= noon - hour)
        return { code, sum: json().at(-1), told: told.map(({ outcome }) => outcome).sort() }
      }
      // v3 has one file of it, in the end; classic one for each five minutes that are over.
      const first = await run()
      expect([first.code, first.told]).toEqual([0, api === 'v3' ? ['pending'] : ['pending', 'pending']])
      expect(first.sum).toMatchObject({ kept: 1, failed: 0 })
      clock.advance(10 * minute)
      const following = await run()
      expect(following.code).toBe(0)
      expect(following.told).toEqual(api === 'v3' ? ['pending'] : ['kept', 'kept', 'pending', 'pending'])
      clock.advance(50 * minute)
      const third = await run()
      expect(third.code).toBe(0)
      expect(third.told).toEqual(Array(api === 'v3' ? 2 : 7).fill('kept'))

      const truth = cloud.truth({ start: noon - day, end: clock.now() })
      expect(truth.map(({ outcome }) => outcome)).toEqual(['kept', 'kept', 'kept'])
      const names = truth.flatMap(({ cameraId, start, end }) => {
        if (api === 'v3') return [seedName({ cameraId, end }, 'mp4')]
        const pieces = Math.ceil((end - start) / (5 * minute))
        return Array.from({ length: pieces }, (_, at) => ({
          cameraId,
          end: Math.min(end, start + (at + 1) * 5 * minute),
        })).map((piece) => seedName(piece, 'flv'))
      })
      expect(filesOf(dest)).toEqual(names.sort())
      expect(films()).toBe(names.length)
      expect((await run()).sum).toMatchObject({ kept: 0, alreadyKept: names.length, failed: 0, pending: 0 })
      expect(films()).toBe(names.length)
    },
  )

  it.each(['v3', 'classic'] as const)(
    'bring what came behind a clip that was kept, and only that (%s)',
    async (api) => {
      const clock = hurriedClock(noon)
      const clip = { start: noon - 2 * hour, end: noon - 2 * hour + minute }
      await using cloud = await startEagleEye({ world: worldOf([clip], []), clock, switches: { api } })
      const { dest, env, line } = await place(cloud, { clock })
      const run = async () => {
        const { code, json } = await runHere([...line, '--json'], env, clock)
        return [code, json().at(-1)]
      }
      expect(await run()).toEqual([0, expect.objectContaining({ kept: 1 })])
      clock.advance(hour)
      cloud.extend(cameraA, clip.start, 90 * second)
      expect(await run()).toEqual([0, expect.objectContaining({ kept: 1, alreadyKept: 1, failed: 0 })])
      const [form, exported] = api === 'v3' ? (['mp4', 'export'] as const) : (['flv', 'flv'] as const)
      const [first, rest] = [clip.end, clip.end + 90 * second].map((end) => seedName({ cameraId: cameraA, end }, form))
      expect(filesOf(dest)).toEqual([first, rest])
      const film = cloud.film(cameraA, { start: clip.end, end: clip.end + 90 * second }, exported)!
      expect(sha256(join(dest, rest!))).toBe(film.sha256)
      clock.advance(hour)
      expect(await run()).toEqual([0, expect.objectContaining({ kept: 0, alreadyKept: 2, failed: 0 })])
      expect(cloud.log.ofNode('media')).toHaveLength(2)
    },
  )

  it('take up what failed long ago', async () => {
    const clock = hurriedClock(noon)
    const clip = { start: noon - 2 * hour, end: noon - 2 * hour + minute }
    await using cloud = await startEagleEye({ world: worldOf([clip], []), clock, switches: { api: 'classic' } })
    const { env, line } = await place(cloud, { clock })
    cloud.set({ bridgeOffline: 'all' })
    expect((await runHere(line, env, clock)).code).toBe(1)
    clock.advance(9 * day)
    expect((await runHere(line, env, clock)).code).toBe(1)
    cloud.set({ bridgeOffline: 'none' })
    clock.advance(9 * day)
    const { code, json } = await runHere([...line, '--json'], env, clock)
    expect([code, json().at(-1)]).toEqual([0, expect.objectContaining({ kept: 1, failed: 0 })])
  })
})

describe('from noon to noon', () => {
  it('each clip is kept once: one that ends at noon, one that begins there, and one over it', async () => {
    const clock = hurriedClock(noon + 2 * day)
    const world = worldOf(
      [
        { start: noon - minute, end: noon },
        { start: noon, end: noon + minute },
      ],
      [{ start: noon - 30 * second, end: noon + 30 * second }],
    )
    await using cloud = await startEagleEye({ world, clock, switches: { api: 'classic' } })
    const { dest, env, line } = await place(cloud, { clock })
    const at = (moment: number) => new Date(moment).toISOString().replace(/:00\.000Z$/, 'Z')
    const run = async (from: number) => {
      const flags = ['--start', at(from), '--end', at(from + day), '--json']
      return (await runHere([...line, ...flags], env, clock)).json().at(-1)
    }
    expect(await run(noon - day)).toMatchObject({ planned: 2, kept: 2 })
    expect(await run(noon)).toMatchObject({ planned: 2, kept: 1, alreadyKept: 1 })
    expect(filesOf(dest)).toHaveLength(3)
    expect(cloud.log.ofNode('media')).toHaveLength(3)
  })
})

describe('two clips of one camera that end in the same millisecond', () => {
  it.each(['v3', 'classic'] as const)('are both kept, under two names, and both are known again (%s)', async (api) => {
    const end = noon - hour
    const world = worldOf(
      [
        { start: end - 40 * second, end },
        { start: end - 20 * second, end },
      ],
      [],
    )
    const clock = hurriedClock(noon)
    await using cloud = await startEagleEye({ world, clock, switches: { api } })
    const { dest, env, line } = await place(cloud, { clock })
    const flags = [...line, ...windowFlags({ start: end - hour, end: noon }), '--json']
    const { code, json } = await runHere(flags, env, clock)
    expect([code, json().at(-1)]).toEqual([0, expect.objectContaining({ planned: 2, kept: 2 })])
    const form = api === 'v3' ? 'mp4' : 'flv'
    const stem = `${cameraA}-${stampOf(end)}`
    expect(filesOf(dest)).toEqual([
      expect.stringMatching(new RegExp(`^${stem}-[0-9a-f]{8}\\.${form}$`)),
      `${stem}.${form}`,
    ])
    const sums = outcomesIn(json()).map(({ sha256 }) => sha256)
    expect(sums).toEqual(
      [40, 20].map((seconds) => cloud.film(cameraA, { start: end - seconds * second, end }, form)!.sha256),
    )
    expect((await runHere(flags, env, clock)).json().at(-1)).toMatchObject({ kept: 0, alreadyKept: 2 })
    expect(cloud.log.ofNode('media')).toHaveLength(2)
  })
})
