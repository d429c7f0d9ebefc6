import type { FootageSource, Recording } from '@cam/download-core/source'
import { expect, it } from 'vitest'
import { eagleEye } from '../../src/index.ts'
import { recordingId } from '../../src/wire/recording-id.ts'
import { logIn, optionsFor as v3OptionsFor } from '../v3/pretend-cloud.ts'
import { call, camerasOf, clip, day, listed, memoryStore, minute, pair, today, worldOf } from './pretend.ts'

it('account, cameras and clips have the same ids through both interfaces', async () => {
  await using both = await pair({ switches: { world: 'week' } })
  const { cloud, clock } = both
  const sessions = memoryStore()
  await logIn(cloud, sessions, clock)
  await using v3 = eagleEye(v3OptionsFor(cloud, sessions, clock))
  const classic = both.again({ pieceMs: 60 * minute })
  const account = await classic.identify(call)
  expect((await v3.identify(call)).id).toBe(account.id)
  const cameras = (await camerasOf(classic)).filter(({ facts }) => facts?.attached === true)
  const idsOf = (all: readonly { id: string }[]) => all.map(({ id }) => id).sort()
  expect(idsOf(await camerasOf(v3))).toEqual(idsOf(cameras))
  const window = { start: today - 8 * day, end: today - day }
  for (const { id } of cameras.slice(0, 9)) {
    const clipsOf = async (source: FootageSource) =>
      (await listed(source, window, id))
        .map(({ id, window }: Recording) => [id, window])
        .sort((a, b) => String(a[0]).localeCompare(String(b[0])))
    expect(await clipsOf(v3)).toEqual(await clipsOf(classic))
  }
})

it('asked for all there is, both list it from the first clip to the last one', async () => {
  const clips = [-100, -40, 0, 1].map((days) => clip(days * day, minute))
  await using both = await pair({ world: worldOf(clips) })
  const { cloud, clock } = both
  const sessions = memoryStore()
  await logIn(cloud, sessions, clock)
  await using v3 = eagleEye(v3OptionsFor(cloud, sessions, clock))
  const ids = clips.map(recordingId)
  expect((await listed(v3)).map(({ id }) => id)).toEqual(ids)
  expect((await listed(both.source)).map(({ id }) => id)).toEqual(ids)
})
