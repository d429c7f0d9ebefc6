import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { archiveOf, half, minute, shown } from './merging.ts'

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
