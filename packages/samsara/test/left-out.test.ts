import { expect, it } from 'vitest'
import { isUnderstood, readStandings } from '../src/wire/media.ts'
import { begin, fleet, hour, minute, minutes, truck12, truck14 } from './pretend.ts'

const window = minutes(5, 7)
const patient = { window, pendingDeadlineMs: 6 * hour }

it('silent-loss 25: a view that an order does not list is waited for half an hour longer than the rest, and not for ever', async () => {
  const it = await fleet({ switches: { noCamera: 'omitted' } })
  const began = it.clock.monotonic()
  const { summary } = await it.run({ vehicles: [truck14] }, patient)
  const waited = it.clock.monotonic() - began
  expect(summary).toMatchObject({ planned: 6, kept: 4, failed: 2, absent: 0, pending: 0 })
  expect(waited).toBeGreaterThanOrEqual(30 * minute)
  expect(waited).toBeLessThan(40 * minute)
  for await (const { key, outcome } of it.ledger.rows({ outcomes: ['failed'] })) {
    const message = expect.stringContaining('Samsara says nothing about analog1')
    expect([key.view, outcome]).toMatchObject(['analog1', { code: 'UNAVAILABLE', retryable: false, message }])
  }
  // The next run knows, and orders it again only where it is asked to.
  const then = it.clock.monotonic()
  expect((await it.run({ vehicles: [truck14] }, patient)).summary).toMatchObject({ alreadyKept: 4, failed: 2 })
  expect(it.clock.monotonic() - then).toBeLessThan(minute)
  expect(it.cloud.orders).toHaveLength(2)
  await it.run({ vehicles: [truck14], askAgain: true }, { ...patient, pendingDeadlineMs: 0 })
  expect(it.ordered().slice(2)).toEqual(['18:35 analog1', '18:36 analog1'])
})

it('as long as anything of the order is on its way, so is what it does not list', async () => {
  const it = await fleet({ switches: { noCamera: 'omitted', offline: `${truck14}/driver` } })
  const { summary } = await it.run({ vehicles: [truck14] }, patient)
  expect(summary).toMatchObject({ kept: 2, failed: 0, pending: 4 })
})

it('concludes nothing beside an entry that it does not understand', () => {
  const [startTime, endTime] = [begin, begin + minute].map((at) => new Date(at).toISOString())
  const entry = { vehicleId: truck12, mediaType: 'videoHighRes', startTime, endTime, status: 'available' }
  const reply = (...inputs: string[]) => ({ data: { media: inputs.map((input) => ({ ...entry, input })) } })
  const read = (...inputs: string[]) => [
    readStandings(reply(...inputs), truck12)?.length,
    isUnderstood(reply(...inputs), truck12),
  ]
  expect(read('dashcamRoadFacing', 'analog1')).toEqual([2, true])
  expect(read('dashcamRoadFacing', 'auxiliary9')).toEqual([1, false])
})
