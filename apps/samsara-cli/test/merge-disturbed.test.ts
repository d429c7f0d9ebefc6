import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mergeFolder } from '../src/merge/merge-folder.ts'
import type { MergeEvent } from '../src/merge/types.ts'
import { archiveOf, clip, ffmpeg, half, minute, put, scratch, shown } from './merging.ts'

it('a clip that cannot be read for a while is in the film that the next call makes', async () => {
  const archive = await archiveOf()
  await archive.keep('road', 0)
  const path = await archive.keep('road', 1)
  const bytes = readFileSync(path)
  const window = { start: half, end: half + 2 * minute }
  const first = await archive.merge({
    window,
    onEvent: ({ type }) => {
      if (type === 'merging') truncateSync(path, 1000)
    },
  })
  expect(first).toMatchObject({ complete: false, unusable: [{ path }] })
  writeFileSync(path, bytes)
  const { complete, films } = await archive.merge({ window })
  expect([complete, films.map(({ how }) => how)]).toEqual([true, ['copied']])
  expect(await shown(films[0]!.path)).toHaveLength(2 * 120)
})

it('says so where clips may lie in folders that were not looked into', async () => {
  const folder = await scratch()
  const name = '2025-04-16T13_30_00-05_00_road.mp4'
  const deep = 'a/b/c/d/e/f/g/h'
  for (const path of [deep, `${deep}/i`]) await put(join(folder, path, name), clip('road', 0))
  const events: MergeEvent[] = []
  const onEvent = (event: MergeEvent) => events.push(event)
  const { films } = await mergeFolder({ folder, ffmpeg: await ffmpeg, onEvent })
  expect(films).toHaveLength(1)
  expect(events).toContainEqual({
    type: 'warning',
    text: `1 folder(s) were not looked into: too deep, too many, or not readable (${join(folder, deep, 'i')}).`,
  })
})
