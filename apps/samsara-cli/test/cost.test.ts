import { expect, it } from 'vitest'
import { halfPastOne, ordered, outcomes, place, runHere, spawnSamsara, until } from './run.ts'

const truck12 = '281474976710712'
const lasting = (minutes: number, views: string) => [
  ...['--vehicle', 'Truck 12', ...halfPastOne, '--duration', String(minutes), '--views', views, '--json'],
]

it('plan tells what is uploaded, what is ordered and what would be ordered; it writes nothing and orders nothing', async () => {
  const { cloud, dest, env, line } = await place({ offline: `${truck12}@2025-04-16T18:32:00Z` })
  const four = [...line, ...lasting(4, 'road,driver')]
  const plan = async () => {
    const { code, json } = await runHere(['plan', ...four], env)
    return [code, json().find(({ type }) => type === 'forecast')]
  }
  const nothing = { type: 'forecast', uploaded: 0, ordered: 0, missing: 8, orders: 4, seconds: 480 }
  expect(await plan()).toEqual([0, nothing])
  // Into another archive: this one knows nothing of it, and the vendor has it uploaded.
  const elsewhere = line.map((word) => (word === dest ? `${dest}-of-others` : word))
  expect((await runHere([...elsewhere, ...lasting(2, 'road')], env)).code).toBe(0)
  const later = lasting(1, 'road').map((word) => word.replace('13:30', '13:32'))
  expect((await runHere([...line, ...later, '--no-wait'], env)).code).toBe(0)
  expect(ordered(cloud)).toEqual(['18:30 road', '18:31 road', '18:32 road'])
  expect(await plan()).toEqual([0, { ...nothing, uploaded: 2, ordered: 1, missing: 5, orders: 4, seconds: 300 }])
  const { stdout } = await runHere(
    [...four, '--dry-run'].filter((word) => word !== '--json'),
    env,
  )
  expect(stdout).toMatch(
    /^ *(INFO +)?2 clips uploaded already and free, 1 clip ordered before; 5 clips would be ordered, by 4 orders: at most 300 s of the month's quota\.$/m,
  )
  expect(cloud.counters().orders).toBe(3)
})

it('a token gets its last scope later: nothing is ordered before, and nothing twice after', async () => {
  const { cloud, env, line } = await place({ scopes: 'vehicles media-read media-write', offline: truck12 })
  const args = [...line, ...lasting(2, 'road'), '--no-wait']
  const without = await runHere(args, env)
  expect([without.code, without.stdout]).toEqual([2, expect.stringContaining('the scope \\"Read Org Information')])
  expect(cloud.counters().orders).toBe(0)
  cloud.set({ scopes: 'vehicles media-read media-write org' })
  expect((await runHere(args, env)).code).toBe(0)
  cloud.set({ scopes: 'vehicles media-read media-write' })
  expect((await runHere(args, env)).code).toBe(2)
  cloud.set({ scopes: 'vehicles media-read media-write org' })
  expect((await runHere(args, env)).code).toBe(0)
  expect(ordered(cloud)).toEqual(['18:30 road', '18:31 road'])
})

it('says while many orders are placed how many are', async () => {
  const { cloud, env, line } = await place({ offline: truck12 })
  const args = [...line, ...lasting(40, 'road'), '--no-wait'].filter((word) => word !== '--json')
  const { code, stdout } = await runHere(args, env)
  expect([code, cloud.orders.length]).toEqual([0, 40])
  const told = [...stdout.matchAll(/(\d+) of 40 orders are placed/g)].map(([, count]) => Number(count))
  expect(told.length).toBeGreaterThan(0)
  expect(told).toEqual(told.toSorted((a, b) => a - b).filter((count) => count > 0 && count <= 40))
})

it('--every takes up what earlier runs were not allowed to order, and says so before', async () => {
  const { cloud, dest, env, line } = await place()
  const [two, one] = [lasting(2, 'road'), lasting(1, 'road').map((word) => word.replace('13:30', '13:40'))]
  await runHere([...line, ...two, '--max-quota-seconds', '60'], env)
  const args = [...line, ...one, '--every', '1h'].filter((word) => word !== '--json')
  const running = spawnSamsara(args, env, { slowly: true })
  await until(() => cloud.orders.length === 3, running.ended)
  running.child.kill('SIGINT')
  expect((await running.ended).stdout).toContain('What earlier runs were to order, and did not, comes on top.')
  expect(ordered(cloud)).toEqual(['18:30 road', '18:40 road', '18:31 road'])
  expect(await outcomes(dest)).toHaveLength(3)
})
