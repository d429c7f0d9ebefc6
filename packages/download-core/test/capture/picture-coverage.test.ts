import { expect, test } from 'vitest'
import { coverage } from '../../src/archive/coverage.ts'
import { pictureCoverage } from '../../src/capture/picture-coverage.ts'
import { ServerError } from '../../src/footage/errors.ts'
import { bench, freshPicture, iso, minute, noon, start } from './fixture.ts'

test('says of each camera how many pictures are there, and from when to when they are not', async () => {
  const b = bench(noon - 1000)
  b.device.answer = async (_, number) => {
    const slot = Math.floor((b.clock.now() - noon) / minute)
    if (slot === 2 || slot === 3) throw new ServerError('The camera does not feel like it.')
    return freshPicture(number)
  }
  const run = await start(b)
  await b.clock.advance(6 * minute)
  await run.end()
  const lines = []
  for await (const line of pictureCoverage({ ledger: b.ledger })) lines.push(line)
  expect(lines).toMatchObject([
    {
      camera: { name: 'Yard' },
      from: noon,
      kept: 4,
      missing: 2,
      gaps: [{ from: noon + 2 * minute, to: noon + 3 * minute, count: 2 }],
    },
  ])
  expect(iso(lines[0]!.to)).toBe(iso(noon + 5 * minute))
  const none = []
  for await (const line of pictureCoverage({ ledger: b.ledger, cameras: ['Gate'] })) none.push(line)
  expect(none).toEqual([])
  expect((await coverage({ ledger: b.ledger })).lines).toEqual([])
})
