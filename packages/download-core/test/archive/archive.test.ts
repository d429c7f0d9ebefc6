import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sumOf, toy } from './fixture.ts'

it('archives what is listed, and a second run fetches nothing', async () => {
  const { run, server, into, files, rows, clip } = await toy()
  for (const id of ['a', 'b', 'c']) clip(id)
  const first = await run()
  expect(first.error).toBeUndefined()
  expect(first.summary).toMatchObject({ planned: 3, kept: 3, failed: 0 })
  expect(await files()).toEqual([
    'Yard/2026/03/01/12-00-00+0000.mp4',
    'Yard/2026/03/01/12-01-00+0000.mp4',
    'Yard/2026/03/01/12-02-00+0000.mp4',
  ])
  expect(await readFile(join(into, 'Yard/2026/03/01/12-01-00+0000.mp4'))).toEqual(Buffer.from(server.clips[1]!.bytes))
  const requests = server.media().length
  const second = await run()
  expect(second.summary).toMatchObject({ planned: 3, kept: 0, alreadyKept: 3, bytes: 0 })
  expect(server.media().length).toBe(requests)
  expect((await rows()).map((row) => row.outcome?.outcome)).toEqual(['kept', 'kept', 'kept'])
  expect(sumOf(second.summary)).toBe(second.summary.planned)
})
