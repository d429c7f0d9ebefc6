import { expect, it } from 'vitest'
import { fleet } from './pretend.ts'

it('orders a window of five minutes as five orders, each once, and a second run asks for nothing', async () => {
  const it = await fleet()
  const { summary } = await it.run()
  expect(await it.outcomes()).toHaveLength(15)
  expect(summary).toMatchObject({ planned: 15, kept: 15 })
  expect(it.ordered()).toEqual(['18:30', '18:31', '18:32', '18:33', '18:34'].map((at) => `${at} road+driver+analog1`))
  const media = it.asked('media')
  expect((await it.run()).summary).toMatchObject({ planned: 15, alreadyKept: 15 })
  expect(it.cloud.counters()).toMatchObject({ orders: 5, duplicates: 0, avoidable: 0, limited: 0 })
  expect(it.asked('media')).toBe(media)
  expect(it.cloud.violations).toEqual([])
})
