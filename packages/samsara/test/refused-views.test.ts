import { expect, it } from 'vitest'
import { begin, fleet, minutes, truck14 } from './pretend.ts'

const window = minutes(5, 7)

it('a camera that the vehicle has not got does not cost the minute of those it has', async () => {
  const it = await fleet({ switches: { noCamera: '400' } })
  const { summary } = await it.run({ vehicles: [truck14] }, { window })
  expect(summary).toMatchObject({ planned: 6, kept: 4, failed: 2 })
  for await (const { key, outcome } of it.ledger.rows({ outcomes: ['failed'] }))
    expect([key.view, outcome]).toMatchObject(['analog1', { code: 'REQUEST', retryable: false }])
  expect(it.ordered()).toEqual(['18:35 road', '18:35 driver', '18:36 road', '18:36 driver'])
  expect((await it.run({ vehicles: [truck14] }, { window })).summary).toMatchObject({ alreadyKept: 4, failed: 2 })
  expect(it.cloud.counters()).toMatchObject({ orders: 4, duplicates: 0 })
  expect(it.cloud.violations).toEqual([])
})

it('what is refused in whatever company is asked for alone once, and no more', async () => {
  const it = await fleet({ switches: { noCamera: '400' } })
  const views = ['analog3', 'analog4'] as const
  const { summary } = await it.run({ vehicles: [truck14], views: [...views] }, { window: minutes(5, 6) })
  expect(summary).toMatchObject({ planned: 2, failed: 2 })
  expect([it.asked('order'), it.cloud.orders.length]).toEqual([3, 0])
})

it('a minute in which nothing was recorded is asked for once', async () => {
  const it = await fleet()
  const before = { start: begin - 60_000, end: begin }
  expect((await it.run({ vehicles: [truck14] }, { window: before })).summary).toMatchObject({ planned: 3, absent: 3 })
  expect(it.asked('order')).toBe(1)
})
