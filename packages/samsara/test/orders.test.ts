import { expect, it } from 'vitest'
import { quotaOf } from '../src/index.ts'
import { begin, calm, fleet, hour, minute, minutes, truck12, truck14 } from './pretend.ts'

const road = { views: ['road'] } as const
const two = { views: ['road', 'driver'] } as const

it('silent-loss 24: orders a window of five minutes as five orders, not six, and a second run asks for nothing', async () => {
  const it = await fleet()
  const { summary } = await it.run()
  expect(summary).toMatchObject({ planned: 15, kept: 15 })
  expect(it.ordered()).toEqual(['18:30', '18:31', '18:32', '18:33', '18:34'].map((at) => `${at} road+driver+analog1`))
  const media = it.asked('media')
  expect((await it.run()).summary).toMatchObject({ planned: 15, alreadyKept: 15 })
  expect(it.cloud.counters()).toMatchObject({ orders: 5, duplicates: 0, avoidable: 0 })
  expect(it.asked('media')).toBe(media)
  expect(it.cloud.violations).toEqual([])
})

it('orders the minutes that a crooked window touches, and pays for none of them in the next one', async () => {
  const it = await fleet()
  const crooked = { start: begin + 20_000, end: begin + 20_000 + 2 * minute }
  expect((await it.run(road, { window: crooked })).summary).toMatchObject({ planned: 3, kept: 3 })
  expect((await it.run(road, { window: minutes(0, 3) })).summary).toMatchObject({ alreadyKept: 3 })
  expect(it.cloud.orders).toHaveLength(3)
})

for (const failStatus of ['503', '500', '404', '400', '200-html', '200-empty', '200-cut', 'reset'] as const) {
  it(`silent-loss 25: a question about an order that gets ${failStatus} is no end`, async () => {
    const it = await fleet({ switches: { pollFailN: 1, failStatus } })
    const retry = { retries: 0 }
    const { summary } = await it.run({ ...road, retry }, { window: minutes(0, 2) })
    expect(summary).toMatchObject({ planned: 2, kept: 2 })
    expect(it.cloud.orders).toHaveLength(2)
  })
}

it('silent-loss 25: that one may not ask is no end either: it fails, and is collected once one may', async () => {
  const it = await fleet({ switches: { pollFailN: 9, failStatus: '403' } })
  const { summary } = await it.run(road, { window: minutes(0, 2) })
  expect(summary).toMatchObject({ planned: 2, failed: 2 })
  for await (const { outcome } of it.ledger.rows())
    expect(outcome).toMatchObject({ code: 'PERMISSION', retryable: true })
  it.cloud.set({ pollFailN: 0 })
  expect((await it.run(road, { window: minutes(0, 2) })).summary).toMatchObject({ kept: 2 })
  expect(it.cloud.orders).toHaveLength(2)
})

it('silent-loss 25: what failed ends, and is neither polled for ever nor ordered again unless one asks for it', async () => {
  const it = await fleet({ switches: { failed: `${truck12}/driver`, emptyPolls: 2 } })
  const window = minutes(0, 2)
  expect((await it.run(two, { window })).summary).toMatchObject({ planned: 4, kept: 2, failed: 2 })
  const polls = it.asked('poll')
  expect(it.cloud.counters().pollsAfterEnd).toBe(0)
  expect((await it.run(two, { window })).summary).toMatchObject({ alreadyKept: 2, failed: 2 })
  expect(it.asked('poll')).toBe(polls + 2)
  expect(it.cloud.orders).toHaveLength(2)
  it.cloud.set({ failed: 'none' })
  // Each was told to have failed: looks at it bring nothing more.
  for await (const { outcome } of it.ledger.rows({ outcomes: ['failed'] })) {
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
  }
  const again = await fleet({ switches: { failed: `${truck12}/driver` } })
  await again.run(two, { window })
  await again.run({ ...two, askAgain: true }, { window })
  expect(again.ordered().slice(2)).toEqual(['18:30 driver', '18:31 driver'])
})

it('goes on asking, ever more seldom, and is pending when the run has waited enough', async () => {
  const it = await fleet({ switches: { offline: 'all' } })
  const { summary } = await it.run(road, { window: minutes(0, 1), pendingDeadlineMs: 6 * 3_600_000 })
  expect(summary).toMatchObject({ pending: 1 })
  // 6 hours: a dozen questions in the first half, then one in three minutes.
  expect(it.asked('poll')).toBeGreaterThan(100)
  expect(it.asked('poll')).toBeLessThan(170)
  for await (const { outcome } of it.ledger.rows()) expect(outcome).toHaveProperty('deadline')
})

it('understands every way an order ends', async () => {
  const it = await fleet()
  const how = { vehicles: ['Truck 14'], ...two }
  await it.run(how, { window: minutes(0, 6) })
  const said = (await it.outcomes()).filter((row) => !row.endsWith('kept'))
  expect(said).toEqual([
    ...['driver 18:33 absent', 'driver 18:34 absent'],
    ...['road 18:30 absent', 'road 18:31 absent', 'road 18:32 pending'],
  ])
  for await (const { key, outcome } of it.ledger.rows({ outcomes: ['absent'] })) {
    expect([key, outcome]).toMatchObject([{ cameraId: truck14 }, { reason: expect.stringMatching(/no such footage/) }])
  }
  expect(it.cloud.counters()).toMatchObject({ duplicates: 0, pollsAfterEnd: 0 })
})

it('keeps what is whole, with the time that it covers, and nothing that is not', async () => {
  const it = await fleet()
  await it.run({ vehicles: ['Van 7'], ...road }, { window: minutes(0, 10) })
  const covered: string[] = []
  for await (const { recording, file } of it.ledger.rows({ outcomes: ['kept'] })) {
    const offset = ({ start, end }: { start: number; end: number }) =>
      `${(start - recording!.window!.start) / 1000}-${(end - recording!.window!.start) / 1000}`
    covered.push(`${new Date(recording!.window!.start).toISOString().slice(11, 16)} ${file!.covers.map(offset)}`)
  }
  expect(covered).toEqual([
    ...['18:30 20-60', '18:31 0-60', '18:32 0-60', '18:33 0-57', '18:34 0.8-60.8', '18:35 0-60'],
    ...['18:38 0-60', '18:39 0-40'],
  ])
  expect((await it.outcomes()).filter((row) => row.endsWith('failed'))).toEqual([
    'road 18:36 failed',
    'road 18:37 failed',
  ])
})

it('does not take the film of another minute for the one that was ordered, and orders it no more', async () => {
  const world = {
    ...{ orgId: '4001234', orgName: 'Example Freight', window: minutes(0, 3) },
    vehicles: [
      {
        ...{ id: truck12, name: 'Truck 12', recorded: [minutes(0, 30)] },
        cameras: [{ input: 'dashcamRoadFacing' as const, clips: [{ start: begin + minute, shiftMs: minute }] }],
      },
    ],
  }
  const it = await fleet({ world, switches: { world: 'custom' } })
  const window = minutes(0, 3)
  expect((await it.run(road, { window })).summary).toMatchObject({ planned: 3, kept: 2, failed: 1 })
  for await (const { outcome } of it.ledger.rows({ outcomes: ['failed'] })) {
    expect(outcome).toMatchObject({
      retryable: false,
      message: expect.stringContaining('delivered 2025-04-16T18:32:00Z to 2025-04-16T18:33:00Z in place of road'),
    })
  }
  expect((await it.run({ ...road, askAgain: true }, { window })).summary).toMatchObject({ alreadyKept: 2, failed: 1 })
  expect(it.cloud.orders).toHaveLength(3)
})

it('takes what is uploaded, and orders the rest', async () => {
  const it = await fleet()
  const { summary } = await it.run({ vehicles: ['Uploaded 31'], ...two }, { window: minutes(0, 6) })
  expect(summary).toMatchObject({ planned: 12, kept: 12 })
  // Half a minute of the driver is uploaded, too, and is not the minute.
  expect(it.ordered()).toEqual(['18:30', '18:31', '18:32', '18:33', '18:35'].map((at) => `${at} driver`))
  expect(it.cloud.counters()).toMatchObject({ avoidable: 0, duplicates: 0 })
  expect(it.cloud.violations).toEqual([])
})

it('orders it all the same where the user wants that, and lists nothing before', async () => {
  const it = await fleet()
  await it.run({ vehicles: ['Uploaded 31'], ...road, reuseUploaded: false }, { window: minutes(0, 1) })
  expect(it.ordered()).toEqual(['18:30 road'])
  expect(it.asked('list')).toBe(0)
})

it('orders nothing for a vehicle of which nobody knows what is uploaded', async () => {
  const it = await fleet({ switches: { listFailN: 20 } })
  const first = await it.run(road, { window: minutes(0, 2) })
  expect(first.summary).toMatchObject({ planned: 1, failed: 1 })
  expect(it.cloud.orders).toEqual([])
  it.cloud.set({ listFailN: 0 })
  expect((await it.run(road, { window: minutes(0, 2) })).summary).toMatchObject({ kept: 2 })
})

it('takes what is uploaded, whatever is said of its order', async () => {
  const it = await fleet()
  await it.run(road, { window: minutes(0, 2), pendingDeadlineMs: 0 })
  it.cloud.set({ pollFailN: 1_000_000 })
  expect((await it.run(road, { window: minutes(0, 2), pendingDeadlineMs: 0 })).summary).toMatchObject({ pending: 2 })
  expect((await it.run(road, { window: minutes(0, 2), pendingDeadlineMs: 0 })).summary).toMatchObject({ kept: 2 })
  expect(it.cloud.orders).toHaveLength(2)
})

it('finds an order whose id the vendor no longer knows, and otherwise says that it is paid', async () => {
  const it = await fleet({ switches: { offline: 'all' } })
  const window = minutes(0, 1)
  await it.run(road, { window, pendingDeadlineMs: 0 })
  it.cloud.set({ retrievalTtl: 1 })
  const { summary } = await it.run(road, { window })
  expect(summary).toMatchObject({ pending: 1 })
  for await (const { outcome } of it.ledger.rows()) {
    expect(outcome).toMatchObject({ reason: expect.stringContaining('Paid: Samsara no longer knows the order') })
  }
  it.cloud.set({ offline: 'none' })
  expect((await it.run(road, { window })).summary).toMatchObject({ kept: 1 })
  expect(it.cloud.orders).toHaveLength(1)
})

for (const postFailStatus of ['lost', 'lost-500', 'lost-504', 'lost-garbage'] as const) {
  it(`does not order again what was accepted and answered with ${postFailStatus}, and fetches it in the same run`, async () => {
    const it = await fleet({ switches: { postFailN: 1, postFailStatus, listLag: 2 } })
    expect((await it.run(two, { window: minutes(0, 2) })).summary).toMatchObject({ planned: 4, kept: 4 })
    expect(it.cloud.counters()).toMatchObject({ orders: 2, lost: 2, duplicates: 0 })
  })
}

for (const postFailStatus of ['503', '500', '504', 'reset'] as const) {
  it(`does not order again what may have been accepted (${postFailStatus}), unless one asks for it in a later run`, async () => {
    const it = await fleet({ switches: { postFailN: 1, postFailStatus } })
    const posts = () => it.asked('order')
    for (const askAgain of [true, false]) {
      const { summary } = await it.run({ ...two, askAgain }, { window: minutes(0, 1) })
      expect([summary, posts()]).toMatchObject([{ planned: 2, pending: 2 }, 1])
    }
    expect((await it.run({ ...two, askAgain: true }, { window: minutes(0, 1) })).summary).toMatchObject({ kept: 2 })
    expect(posts()).toBe(2)
  })
}

it('tries an order again that was refused for the moment, after exactly the pause that was asked for', async () => {
  const it = await fleet({ switches: { postFailN: 2, postFailStatus: '429' } })
  const retry = { ...calm.retry, delayMs: 1 }
  expect((await it.run({ ...road, retry }, { window: minutes(0, 1) })).summary).toMatchObject({ kept: 1 })
  expect(it.clock.skipped.filter((ms) => ms === 402)).toHaveLength(2)
  expect(it.asked('order')).toBe(3)
})

it('orders no more than it is allowed to, and what is over that may be ordered later', async () => {
  const it = await fleet()
  const { summary } = await it.run({ ...two, maxQuotaSeconds: 300 })
  expect(summary).toMatchObject({ planned: 10, kept: 4, failed: 6 })
  expect(it.cloud.counters()).toMatchObject({ orders: 2, seconds: 240 })
  for await (const { outcome } of it.ledger.rows({ outcomes: ['failed'] })) {
    const message = 'Not ordered: 120 s of quota on top of 240 s ordered by this run is more than the 300 s allowed.'
    expect(outcome).toMatchObject({ code: 'QUOTA', retryable: true, attempts: 0, message })
  }
  expect((await it.run(two)).summary).toMatchObject({ alreadyKept: 4, kept: 6 })
})

for (const quotaAnswer of ['429', '429-long', '400', '403'] as const) {
  it(`stops ordering when the quota is used up (${quotaAnswer}), and still collects what is ordered`, async () => {
    const it = await fleet({ switches: { quotaTotal: 500, quotaAnswer } })
    const { summary } = await it.run(two)
    expect(summary).toMatchObject({ planned: 10, kept: 6, failed: 4 })
    expect(it.asked('order')).toBe(4)
    const codes = new Set<string>()
    for await (const { outcome } of it.ledger.rows({ outcomes: ['failed'] }))
      if (outcome?.outcome === 'failed') codes.add(outcome.code)
    expect([...codes]).toEqual([quotaAnswer === '403' ? 'PERMISSION' : 'QUOTA'])
    it.cloud.set({ quotaTotal: 5000 })
    expect((await it.run(two)).summary).toMatchObject({ alreadyKept: 6, kept: 4 })
  })
}

it('tells what is known of the quota from the ledger alone', async () => {
  const it = await fleet()
  await it.run(two, { window: minutes(0, 2) })
  const id = '4001234'
  expect(quotaOf(await it.ledger.notes(id))).toEqual({
    told: {
      at: expect.any(Number),
      said: 'Current monthly usage is 360.0 seconds of high-res video out of 900000.0 available.',
      ...{ usedSeconds: 360, ofSeconds: 900_000 },
    },
    ordered: { '2025-04': { orders: 2, uncertain: 0, seconds: 240 } },
  })
  expect(quotaOf([])).toEqual({ ordered: {} })
})

it('says what is no longer on the card to be expired, for good', async () => {
  const it = await fleet()
  const how = [{ vehicles: ['Old 51'], ...road }, { window: minutes(0, 12) }] as const
  expect((await it.run(...how)).summary).toMatchObject({ planned: 12, expired: 9, kept: 3 })
  const orders = it.asked('order')
  expect((await it.run(...how)).summary).toMatchObject({ planned: 12, expired: 9, alreadyKept: 3 })
  expect(it.asked('order')).toBe(orders)
})

it('asks for cameras by their role, beside those of the windshield', async () => {
  const it = await fleet()
  const how = { vehicles: ['Refuse 21'], views: ['road', 'rearHigh', 'hopper'] } as const
  expect((await it.run(how, { window: minutes(0, 1) })).summary).toMatchObject({ planned: 3, kept: 3 })
  expect(it.ordered()).toEqual(['18:30 road+analog2+analog1'])
  expect((await it.run(how, { window: minutes(0, 1) })).summary).toMatchObject({ alreadyKept: 3 })
})

it('fetches pictures, low-resolution film and hyperlapses, each with rows of its own', async () => {
  const it = await fleet()
  const window = minutes(0, 20)
  const ran = async (more: Parameters<typeof it.run>[0]) => (await it.run({ ...road, ...more }, { window })).summary
  expect(await ran({ media: 'image', pieceMinutes: 5 })).toMatchObject({ planned: 4, kept: 4 })
  expect(await ran({ media: 'lowres', pieceMinutes: 10 })).toMatchObject({ planned: 2, kept: 2 })
  expect(await ran({ media: 'hyperlapse', pieceMinutes: 20 })).toMatchObject({ planned: 2, kept: 2 })
  const rows: string[] = []
  for await (const { key } of it.ledger.rows()) rows.push(`${key.sourceId} ${key.recordingId}`)
  expect(rows).toEqual([
    ...['30', '40'].map((at) => `4001234/hyperlapse hyperlapse/2025-04-16T18:${at === '30' ? '20' : at}:00Z+20m`),
    ...['30', '35', '40', '45'].map((at) => `4001234/image image/2025-04-16T18:${at}:00Z`),
    ...['30', '40'].map((at) => `4001234/lowres lowres/2025-04-16T18:${at}:00Z+10m`),
  ])
  expect(it.cloud.violations).toEqual([])
})

it('leaves the last minutes for the next run, and says that the future has not happened', async () => {
  const it = await fleet()
  const window = { start: it.clock.now() - 8 * minute, end: it.clock.now() + 60 * minute }
  const { events, summary } = await it.run(road, { window })
  expect(summary.pending).toBe(summary.planned - summary.absent)
  expect(events.filter(({ type }) => type === 'gap')).toHaveLength(1)
  expect(it.cloud.orders).toEqual([])
})

it('asks again by its id about an order that the vendor once did not know', async () => {
  const it = await fleet({ switches: { pollFailN: 1, failStatus: '404', uploadMs: hour } })
  const { summary } = await it.run(road, { window: minutes(0, 2), pendingDeadlineMs: 3 * hour })
  expect(summary).toMatchObject({ planned: 2, kept: 2 })
  expect(it.cloud.orders).toHaveLength(2)
})
