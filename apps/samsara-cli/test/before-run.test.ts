import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyboard } from '../../../packages/cli-kit/test/streams.ts'
import { ffmpegPath } from './merging.ts'
import { filesOf, halfPastOne, ordered, place, runHere } from './run.ts'

const truck12 = ['--vehicle', 'Truck 12', ...halfPastOne]
const road = [...truck12, '--views', 'road', '--duration']

it('says what it costs with the time as it was understood, which nobody can mistake for another; with --json as an object', async () => {
  const { env, line } = await place()
  const { stdout } = await runHere([...line, ...road, '2'], env)
  expect(stdout).toMatch(
    /^INFO +2025-04-16 13:30-05:00 to 2025-04-16 13:32-05:00, 2 minutes of road: at most 120 s of the month's quota\./m,
  )
  const { json } = await runHere(['plan', ...line, ...road, '2', '--max-quota-seconds', '60', '--json'], env)
  expect(json().find(({ type }) => type === 'cost')).toEqual({
    ...{ type: 'cost', start: '2025-04-16T18:30:00.000Z', end: '2025-04-16T18:32:00.000Z' },
    ...{ minutes: 2, views: ['road'], vehicles: 1, seconds: 120, mostSeconds: 60 },
  })
})

it('retry says what it orders, and what that costs at most, before it does', async () => {
  const { cloud, env, line } = await place()
  await runHere([...line, ...road, '3', '--max-quota-seconds', '60'], env)
  expect(cloud.orders).toHaveLength(1)
  // A run that is not retry says it as well, of what it really orders.
  const plain = await runHere(['retry', ...line, '--max-quota-seconds', '60'], env)
  expect(plain.stdout).toMatch(
    /^INFO +Ordering 2 clips, by 2 orders: at most 120 s of the month's quota; no more than 60 s are ordered\.$/m,
  )
  expect(plain.stdout.indexOf('Ordering 2')).toBeLessThan(plain.stdout.indexOf('SAVE'))
  const { json } = await runHere(['retry', ...line, '--json'], env)
  const types = json().map(({ type }) => type)
  const forecast = { type: 'forecast', uploaded: 0, ordered: 0, missing: 1, orders: 1, seconds: 60 }
  expect(json().find(({ type }) => type === 'forecast')).toEqual(forecast)
  expect(types.indexOf('forecast')).toBeLessThan(types.indexOf('recording-started'))
  expect(cloud.counters()).toMatchObject({ orders: 3, duplicates: 0 })
})

it('asks at a terminal before it orders more than three hours, and orders nothing unless it is told to', async () => {
  const { cloud, dest, env, line } = await place()
  const answered = async (answer: string, ...args: string[]) => {
    const stdin = keyboard()
    if (answer !== '') stdin.write(`${answer}\r`)
    return await runHere([...line, ...args], env, { stdin, terminal: true })
  }
  for (const no of ['n', 'nobody', ' ']) {
    const { code, stderr } = await answered(no, ...road, '181')
    expect([code, stderr]).toEqual([
      64,
      expect.stringMatching(/^That is 3\.0 hours of each angle\. [^\n]* \(y\/N\) .*Nothing was ordered/),
    ])
  }
  expect([cloud.log.entries, filesOf(dest)]).toEqual([[], []])
  const limit = ['--max-quota-seconds', '60', '--no-wait']
  expect((await answered('', ...road, '180', ...limit)).stderr).not.toContain('(y/N)')
  expect(cloud.orders).toHaveLength(1)
  const yes = await answered('y', ...road, '181', ...limit)
  expect(yes.stderr).toContain('(y/N)')
  expect(cloud.orders).toHaveLength(2)
  expect((await answered('', ...road, '181', ...limit, '--yes')).stderr).not.toContain('(y/N)')
  // Nobody is there to be asked.
  expect((await runHere([...line, ...road, '181', ...limit], env)).stderr).not.toContain('(y/N)')
  expect(cloud.orders).toHaveLength(4)
})

it('says at once that there is no ffmpeg, fetches all the same, and says nothing where no film is wanted', async () => {
  const { dest, env, line } = await place()
  const withFilms = line.filter((word) => word !== '--no-merge')
  const missing = ['--ffmpeg', join(dest, 'none')]
  const warning = /^WARN +.*none \(as asked\) cannot be run as ffmpeg.* Later: samsara-cli merge .*archive$/m
  const { code, stdout, json } = await runHere([...withFilms, ...road, '1', ...missing, '--json'], env)
  expect([code, json().at(-1)]).toMatchObject([1, { kept: 1 }])
  const types = stdout.split('\n').map((text) => /"type":"([^"]+)"/.exec(text)?.[1])
  expect(types.indexOf('warning')).toBeLessThan(types.indexOf('archive-started'))
  expect((await runHere([...withFilms, ...road, '1', ...missing], env)).stderr).toMatch(warning)
  expect((await runHere([...line, ...road, '1', ...missing], env)).stderr).toBe('')
  expect((await runHere(['plan', ...withFilms, ...road, '1', ...missing], env)).stderr).toBe('')
  expect((await runHere([...withFilms, ...road, '1', '--ffmpeg', ffmpegPath], env)).stderr).toBe('')
})

it('refuses an angle that there is not, by the name of its flag and before it says what it would cost', async () => {
  const { cloud, env, line } = await place()
  const wrong = await runHere([...line, ...truck12, '--duration', '1', '--views', 'road,raod'], env)
  expect([wrong.code, wrong.stdout]).toEqual([64, ''])
  expect(wrong.stderr).toMatch(/^ERROR: --views: "raod" is none of road, driver, analog1/)
  const merge = await runHere(['merge', '.', '--views', 'raod'])
  expect([merge.code, merge.stderr]).toEqual([64, expect.stringMatching(/^ERROR: --views: "raod" is none of road/)])
  expect([cloud.log.entries, ordered(cloud)]).toEqual([[], []])
})
