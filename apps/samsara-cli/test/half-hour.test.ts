import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ordered, outcomes, place, run } from './run.ts'

it('half an hour of three cameras: 30 orders for 30 minutes, each once, and every minute accounted for', async () => {
  const faults = { postFailN: 1, postFailStatus: '429', pollFailN: 2, failStatus: '503', listFailN: 1 } as const
  const slow = {
    emptyPolls: 1,
    pollSpread: 2,
    truncateAt: 3000,
    truncate: 'destroy',
    faultTimes: 1,
    urlUses: 1,
  } as const
  const { cloud, dest, env, line } = await place({ ...faults, ...slow })
  // Within the minute, as somebody reads it off a tachograph.
  const asked = [
    '--vehicle',
    'truck 13',
    '--start',
    '04/16/2025 01:30:40 PM',
    '--duration',
    '30',
    '--json',
    '--no-progress',
  ]
  const { code, json, stderr } = await run([...line, ...asked], env)
  expect([code, stderr]).toEqual([1, ''])
  expect(json().at(-1)).toMatchObject({
    type: 'archive-ended',
    planned: 90,
    kept: 86,
    absent: 3,
    failed: 1,
    pending: 0,
  })
  const missing = (await outcomes(dest)).filter((row) => !row.endsWith('kept'))
  expect(missing).toEqual(['analog1 18:41 absent', 'driver 18:41 absent', 'driver 18:47 failed', 'road 18:41 absent'])

  const orders = cloud.log.entries.filter(({ node, status }) => node === 'order' && status !== 429)
  expect(orders).toHaveLength(30)
  expect(new Set(ordered(cloud)).size).toBe(29)
  expect(cloud.counters()).toMatchObject({ orders: 29, duplicates: 0, pollsAfterEnd: 0 })
  expect(cloud.violations).toEqual([])
  for (const { angle, start, film } of cloud.truth({ vehicle: 'Truck 13' })) {
    if (!film) continue
    const minute = new Date(start - 5 * 3_600_000).toISOString().slice(11, 16).replace(':', '-')
    const bytes = readFileSync(join(dest, 'Truck 13', '2025-04-16', `${minute}-00-0500_${angle}.mp4`))
    expect([angle, minute, createHash('sha256').update(bytes).digest('hex')]).toEqual([angle, minute, film.sha256])
  }

  const again = await run([...line, ...asked], env)
  expect(again.json().at(-1)).toMatchObject({ planned: 90, alreadyKept: 86, kept: 0, absent: 3, failed: 1 })
  expect(cloud.counters()).toMatchObject({ orders: 29, pollsAfterEnd: 0 })
})
