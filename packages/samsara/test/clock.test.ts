import { systemClock } from '@cam/download-core/source'
import { expect, it } from 'vitest'
import { fleet, hour, hurriedClock, minute } from './pretend.ts'

it("what has not happened by the vendor's clock is not ordered, and is left to the next run", async () => {
  const it = await fleet()
  // Replies have the real time; this machine is two days ahead of it.
  const now = systemClock.now()
  const clock = hurriedClock(now + 48 * hour)
  const start = Math.ceil((now + 24 * hour) / minute) * minute
  const window = { start, end: start + 2 * minute }
  const { summary } = await it.run({ clock, views: ['road'] }, { clock, window })
  expect(summary).toMatchObject({ planned: 2, failed: 2 })
  expect(it.asked('order')).toBe(0)
  for await (const { outcome } of it.ledger.rows()) {
    const message = expect.stringMatching(/^Not ordered: at Samsara it is .* Set the clock of this machine right/)
    expect(outcome).toMatchObject({ code: 'REQUEST', retryable: true, message })
  }
})
