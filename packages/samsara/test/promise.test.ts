import { type Clock, systemClock } from '@cam/download-core/source'
import type { SamsaraWorld } from '@cam/simulators/samsara'
import { expect, it } from 'vitest'
import { begin, fleet, minute, minutes, three, truck13 } from './pretend.ts'

/** Half an hour of three cameras: the eleventh minute was not recorded, and of the seventeenth the driver's film never comes. */
const world: SamsaraWorld = {
  ...{ orgId: '4001234', orgName: 'Example Freight', window: minutes(0, 30) },
  vehicles: [
    {
      ...{ id: truck13, name: 'Truck 13', recorded: [minutes(0, 11), minutes(12, 90)] },
      cameras: [
        { input: 'dashcamRoadFacing', fps: 1, audio: 16_000 },
        { input: 'dashcamDriverFacing', fps: 1, clips: [{ start: begin + 17 * minute, ends: 'failed' }] },
        { input: 'analog1', fps: 1, width: 256, height: 144 },
      ],
    },
  ],
}
const vehicles = ['Truck 13']
const halfAnHour = { window: minutes(0, 30) }

it('asks for 30 minutes of three cameras with 30 orders, each once, and says what became of every one', async () => {
  const faults = { postFailN: 1, postFailStatus: '429', pollFailN: 2, failStatus: '503', listFailN: 1 } as const
  const slow = {
    pollSpread: 9,
    emptyPolls: 1,
    truncateAt: 3000,
    truncate: 'destroy',
    faultTimes: 1,
    urlUses: 1,
  } as const
  const it = await fleet({ world, switches: { ...faults, ...slow } })
  const { summary, events } = await it.run({ vehicles }, halfAnHour)
  expect(summary).toMatchObject({ planned: 90, kept: 86, absent: 3, failed: 1, pending: 0 })
  const named = (await it.outcomes()).filter((row) => !row.endsWith('kept'))
  expect(named).toEqual(['analog1 18:41 absent', 'driver 18:41 absent', 'driver 18:47 failed', 'road 18:41 absent'])
  const orders = it.cloud.log.entries.filter(({ node, status }) => node === 'order' && status !== 429)
  expect(orders).toHaveLength(30)
  expect(new Set(it.ordered()).size).toBe(29)
  expect(it.cloud.counters()).toMatchObject({ orders: 29, duplicates: 0, pollsAfterEnd: 0 })
  // Hundreds of requests at the vendor's own pace. A clock that leaps may let one arrive late, and the next seem early.
  expect(it.cloud.counters().limited).toBeLessThanOrEqual(2)
  const readyAt = events.flatMap((event) => (event.type === 'recording-started' ? [event.recording.window!.start] : []))
  expect(readyAt).not.toEqual([...readyAt].sort((a, b) => a - b))
  const shas = new Map<string, string>()
  for await (const { key, file } of it.ledger.rows()) if (file) shas.set(`${key.view} ${key.recordingId}`, file.sha256)
  for (const { angle, start, outcome, film } of it.cloud.truth()) {
    const sha = shas.get(`${angle} highres/${new Date(start).toISOString().replace('.000', '')}`)
    expect([angle, start, sha]).toEqual([angle, start, outcome === 'kept' ? film?.sha256 : undefined])
  }
  expect(it.cloud.violations).toEqual([])
  const again = await it.run({ vehicles }, halfAnHour)
  expect(again.summary).toMatchObject({ planned: 90, alreadyKept: 86, absent: 3, failed: 1 })
  expect(it.cloud.counters().orders).toBe(29)
})

it('goes on where it was when an address expires in mid-download', async () => {
  const big = { input: 'dashcamRoadFacing', width: 1920, height: 1080, fps: 30, keyMs: 200, audio: 48_000 } as const
  const vehicle = { ...world.vehicles[0]!, cameras: [big] }
  const it = await fleet({ world: { ...world, vehicles: [vehicle] } })
  const film = it.cloud.film({ vehicle: truck13, angle: 'road', start: begin })!
  it.cloud.set({ truncateAt: film.bytes - 1000, truncate: 'destroy', faultTimes: 1, urlUses: 1 })
  const { summary, events } = await it.run({ vehicles, views: ['road'] }, { window: minutes(0, 1) })
  expect(summary).toMatchObject({ kept: 1 })
  expect(events.map(({ type }) => type)).toContain('resumed')
  const statuses = it.cloud.log.entries.filter(({ node }) => node === 'media').map(({ status }) => status)
  expect(statuses).toEqual([200, 403, 206])
  for await (const { file } of it.ledger.rows()) expect(file?.sha256).toBe(film.sha256)
  expect(it.cloud.violations).toEqual([])
})

for (const kind of ['first Ctrl-C', 'second Ctrl-C'] as const) {
  it(`ended by the ${kind} once everything is ordered, and run again: no new order`, async () => {
    const it = await fleet({ world, switches: { offline: 'all' } })
    const end = new AbortController()
    const clock = {
      ...it.clock,
      wait(ms: number, signal?: AbortSignal) {
        if (it.cloud.orders.length === 5 && ms >= 10_000) end.abort(new Error('Ctrl-C'))
        return it.clock.wait(ms, signal)
      },
    }
    const how = kind === 'first Ctrl-C' ? { stop: end.signal } : { signal: end.signal }
    const { summary, error } = await it.run({ vehicles }, { clock, ...how })
    expect(summary).toMatchObject({ planned: 15, pending: 15 })
    expect(error).toBe(kind === 'first Ctrl-C' ? undefined : end.signal.reason)
    it.cloud.set({ offline: 'none' })
    expect((await it.run({ vehicles })).summary).toMatchObject({ planned: 15, kept: 15 })
    expect(it.cloud.counters()).toMatchObject({ orders: 5, duplicates: 0 })
  })

  it(`ended by the ${kind} while an order is under way: its reply is waited for, and nothing else is ordered`, async () => {
    const it = await fleet({ world, switches: { postMs: 300 } })
    const end = new AbortController()
    const how = kind === 'first Ctrl-C' ? { stop: end.signal } : { signal: end.signal }
    const grace = { ...it.clock, wait: (ms: number, signal?: AbortSignal) => waitFor(it.clock, ms, signal) }
    const running = it.run({ vehicles, clock: grace }, how)
    while (it.asked('order') === 0) await new Promise((resolve) => setImmediate(resolve))
    end.abort(new Error('Ctrl-C'))
    const { summary } = await running
    expect(summary).toMatchObject({ planned: 15, pending: 3, failed: 12 })
    expect(it.cloud.orders.map(({ lost }) => lost)).toEqual([false])
    it.cloud.set({ postMs: 0 })
    expect((await it.run({ vehicles })).summary).toMatchObject({ kept: 15 })
    expect(it.cloud.counters()).toMatchObject({ orders: 5, duplicates: 0 })
  })
}

/** The grace that an order is given to finish is not to be skipped. */
function waitFor(hurried: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return ms === 5000 ? systemClock.wait(ms, signal) : hurried.wait(ms, signal)
}

it('orders one more camera later by itself', async () => {
  const it = await fleet({ world })
  const window = minutes(0, 2)
  await it.run({ vehicles, views: ['road', 'driver'] }, { window })
  expect((await it.run({ vehicles, views: three }, { window })).summary).toMatchObject({ alreadyKept: 4, kept: 2 })
  expect(it.ordered()).toEqual(['18:30 road+driver', '18:31 road+driver', '18:30 analog1', '18:31 analog1'])
})

it('orders everything at once and collects it later, where nobody wants to wait', async () => {
  const it = await fleet({ world, switches: { pendingPolls: 2 } })
  const once = { pendingDeadlineMs: 0 }
  const first = await it.run({ vehicles }, once)
  expect(first.summary).toMatchObject({ planned: 15, pending: 15 })
  for await (const { outcome } of it.ledger.rows()) {
    expect(outcome).toMatchObject({ reason: expect.stringContaining('has not uploaded it yet') })
    expect(outcome).not.toHaveProperty('deadline')
  }
  expect(it.asked('poll')).toBe(0)
  while ((await it.run({ vehicles }, once)).summary.pending > 0) expect(it.asked('poll')).toBeLessThan(50)
  expect((await it.outcomes()).filter((row) => row.endsWith('kept'))).toHaveLength(15)
  expect(it.cloud.counters()).toMatchObject({ orders: 5, duplicates: 0 })
})
