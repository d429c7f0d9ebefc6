import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLedger } from '@cam/ledger-sqlite'
import type { SamsaraSimulator } from '@cam/simulators/samsara'
import { expect, it } from 'vitest'
import { begin, halfPastOne, ordered, outcomes, place, run, runHere, spawnSamsara, until } from './run.ts'

const truck12 = '281474976710712'
const fiveMinutes = ['--vehicle', 'Truck 12', ...halfPastOne, '--duration', '5', '--json', '--no-progress']
const twoMinutes = [...fiveMinutes, '--views', 'road,driver'].map((word) => (word === '5' ? '2' : word))
const five = ['18:30', '18:31', '18:32', '18:33', '18:34'].map((minute) => `${minute} road+driver+analog1`)

it('Ctrl-C once everything is ordered, and the same line again: nothing is ordered anew', async () => {
  const { cloud, dest, env, line } = await place({ offline: truck12 })
  const first = spawnSamsara([...line, ...fiveMinutes], env)
  await until(() => cloud.orders.length === 5, first.ended)
  expect(ordered(cloud)).toEqual(five)
  first.child.kill('SIGINT')
  const { code, json } = await first.ended
  expect([code, json().at(-1)]).toEqual([130, expect.objectContaining({ planned: 15, pending: 15, failed: 0 })])
  cloud.set({ offline: 'none' })
  const second = await run([...line, ...fiveMinutes], env)
  expect([second.code, second.json().at(-1)]).toEqual([0, expect.objectContaining({ planned: 15, kept: 15 })])
  expect(ordered(cloud)).toEqual(five)
  expect(await outcomes(dest)).toHaveLength(15)
  expect([posts(cloud), cloud.violations]).toEqual([5, []])
})

it('killed between acceptance and reply: no second order, possibly paid until the clip is uploaded, and then kept', async () => {
  const { cloud, dest, env, line } = await place({ postMs: 60_000, uploadMs: 3_600_000 })
  const first = spawnSamsara([...line, ...twoMinutes], env, { slowly: true })
  await until(() => cloud.orders.length > 0, first.ended)
  first.child.kill('SIGKILL')
  expect((await first.ended).signal).toBe('SIGKILL')

  cloud.set({ postMs: 0 })
  const second = await run([...line, ...twoMinutes, '--wait', '5m'], env)
  expect([second.code, second.json().at(-1)]).toEqual([1, expect.objectContaining({ planned: 4, pending: 4 })])
  expect(ordered(cloud)).toEqual(['18:30 road+driver', '18:31 road+driver'])
  expect(await reasonOf(dest, begin)).toMatch(/^Possibly paid: .* not ordered again unless you ask/)
  const quota = await run(['quota', '--dest', dest, '--json'], {})
  expect(quota.json()[0]).toMatchObject({ ordered: { [month()]: { orders: 2, uncertain: 1, seconds: 240 } } })

  cloud.set({ uploadMs: 0 })
  const third = await run([...line, ...twoMinutes], env)
  expect([third.code, third.json().at(-1)]).toEqual([0, expect.objectContaining({ planned: 4, kept: 4 })])
  expect([posts(cloud), cloud.counters()]).toMatchObject([2, { orders: 2, lost: 1, duplicates: 0 }])
  const film = cloud.film({ vehicle: truck12, angle: 'road', start: begin })!
  const bytes = readFileSync(join(dest, 'Truck 12/2025-04-16/13-30-00-0500_road.mp4'))
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(film.sha256)
})

it('--no-wait orders and ends with 0; the same line collects; one more angle later orders that angle alone', async () => {
  const { cloud, dest, env, line } = await place({ pendingPolls: 2 })
  const placed = await runHere([...line, ...twoMinutes, '--no-wait'], env)
  expect([placed.code, placed.json().at(-1)]).toEqual([0, expect.objectContaining({ planned: 4, pending: 4 })])
  expect(cloud.log.entries.filter(({ node }) => node === 'poll')).toEqual([])
  const collected = await runHere([...line, ...twoMinutes], env)
  expect([collected.code, collected.json().at(-1)]).toEqual([0, expect.objectContaining({ kept: 4, pending: 0 })])
  expect(ordered(cloud)).toEqual(['18:30 road+driver', '18:31 road+driver'])

  const more = await runHere([...line, ...twoMinutes, '--views', 'analog1'], env)
  expect([more.code, more.json().at(-1)]).toEqual([0, expect.objectContaining({ planned: 6, alreadyKept: 4, kept: 2 })])
  expect(ordered(cloud).slice(2)).toEqual(['18:30 analog1', '18:31 analog1'])
  expect(await outcomes(dest)).toHaveLength(6)
})

it('--max-quota-seconds ends the ordering there, and says so; the rest is ordered by a run that may', async () => {
  const { cloud, env, line } = await place()
  const limited = await runHere([...line, ...twoMinutes, '--max-quota-seconds', '120'], env)
  expect([limited.code, limited.json().at(-1)]).toEqual([1, expect.objectContaining({ kept: 2, failed: 2 })])
  expect(limited.stdout).toMatch(/Not ordered: 120 s of quota on top of 120 s .* more than the 120 s allowed/)
  expect(cloud.counters()).toMatchObject({ orders: 1, seconds: 120 })
  const free = await runHere([...line, ...twoMinutes], env)
  expect([free.code, ordered(cloud)]).toEqual([0, ['18:30 road+driver', '18:31 road+driver']])
})

it('says before what it can cost, and after what Samsara says; quota repeats that and asks nobody', async () => {
  const { cloud, dest, env, line } = await place()
  const asked = [...line, ...twoMinutes].filter((word) => word !== '--json')
  const shown = await runHere(['plan', ...asked], env)
  expect([shown.code, shown.stdout]).toEqual([
    0,
    expect.stringMatching(/2 minutes of road, driver: at most 240 s of the month's quota\.[\s\S]*Would fetch 4 of 4/),
  ])
  expect(cloud.counters().orders).toBe(0)
  const { stdout } = await runHere(asked, env)
  expect(stdout).toMatch(/used 360 s of 900,000 s \(0\.0 %\), 899,640 s left/)
  const requests = cloud.log.entries.length
  const quota = await runHere(['quota', '--dest', dest, ...['--timezone', 'America/Chicago']], {})
  expect([quota.code, quota.stderr]).toEqual([0, ''])
  expect(quota.stdout).toMatch(
    /^Example Freight \(4001234\)\n {2}Samsara at \d{4}-.*-0[56]:00: Current monthly usage is 360\.0 s/,
  )
  expect(quota.stdout).toMatch(/ordered through this archive in \d{4}-\d\d: 2 orders, 240 s at most/)
  expect(cloud.log.entries).toHaveLength(requests)
  const nowhere = await runHere(['quota', '--dest', join(dest, 'nowhere')], {})
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringMatching(/^ERROR: /)])
})

/** Requests to order something, whatever came of them. */
function posts({ log }: SamsaraSimulator): number {
  return log.entries.filter(({ node }) => node === 'order').length
}

async function reasonOf(dest: string, start: number): Promise<string | undefined> {
  await using ledger = await openLedger(dest, { readOnly: true })
  for await (const { window, outcome } of ledger.rows({ outcomes: ['pending'] })) {
    if (window?.start === start && outcome?.outcome === 'pending') return outcome.reason
  }
  return undefined
}

function month(): string {
  return new Date().toISOString().slice(0, 7)
}
