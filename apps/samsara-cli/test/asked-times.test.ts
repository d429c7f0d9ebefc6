import { expect, it } from 'vitest'
import { filesOf, paragraph, place, runHere } from './run.ts'

const one = ['--vehicle', 'Truck 12', '--duration', '1']

it.each([
  [[...one, '--start', '16/04/2025 13:30'], /--start: "16\/04\/2025 13:30" has no month 16.* 04\/16\/2025 13:30/],
  [[...one, '--start', '04/16/2025'], /"04\/16\/2025" is not a time\. Write MM\/DD\/YYYY HH:MM, such as 04\/16\/2025 /],
  [[...one, '--start', '04/16/25 13:30'], /"04\/16\/25 13:30" is not a time\. Write MM\/DD\/YYYY HH:MM/],
  [[...one, '--start', '02/30/2025 13:30'], /--start: "02\/30\/2025 13:30" names a day or a time of day that does not/],
  [
    ['--vehicle', 'x', '--start', '04/16/2025 13:30', '--end', '04/16/2025 13:00'],
    /--end: "04\/16\/2025 13:00" is not after --start, 2025-04-16T18:30:00\.000Z/,
  ],
  [
    ['--vehicle', 'x', '--start', '04/16/2025 13:30', '--duration', '44641'],
    /44,641 minutes.* 31 days.*ask for a part of it/,
  ],
  [['--vehicle', 'x', '--start', '01/01/2020 00:00', '--end', 'now'], /[\d,]+ minutes.* 31 days.*ask for a part of it/],
])('a time that is not meant so is refused in the words that were written: %j', async (args, message) => {
  const { cloud, dest, env, line } = await place()
  const { code, stderr } = await runHere([...line, ...args], env)
  expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(message)])
  expect([cloud.log.entries.length, filesOf(dest)]).toEqual([0, []])
})
