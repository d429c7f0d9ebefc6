import type { Ledger } from '@cam/download-core'
import { isGap } from '@cam/download-core/source'
import { expect, it } from 'vitest'
import { createOrderBook } from '../src/client/orders.ts'
import { begin, call, fleet, minutes, truck12 } from './pretend.ts'

const road = { views: ['road'] } as const

it('does not pay for a minute again in recordings of another length, unless one asks for that', async () => {
  const it = await fleet()
  const low = (pieceMinutes: number, askAgain = false) =>
    ({ ...road, media: 'lowres', pieceMinutes, askAgain }) as const
  const window = minutes(0, 10)
  expect((await it.run(low(10), { window })).summary).toMatchObject({ planned: 1, kept: 1 })
  expect((await it.run(low(5), { window: minutes(0, 15) })).summary).toMatchObject({ planned: 3, kept: 1, failed: 2 })
  for await (const { outcome } of it.ledger.rows({ outcomes: ['failed'] })) {
    expect(outcome).toMatchObject({
      attempts: 0,
      message: expect.stringContaining('paid for in a recording of 10 min'),
    })
  }
  expect(it.ordered()).toEqual(['18:30 road', '18:40 road'])
  expect((await it.run(low(5, true), { window })).summary).toMatchObject({ planned: 2, kept: 2 })
  expect(it.cloud.orders).toHaveLength(4)
})

it('orders nothing that could not be written down, and later orders it all the same', async () => {
  const it = await fleet()
  const saveNote = it.ledger.saveNote
  let broken = true
  const ledger: Ledger = {
    ...it.ledger,
    async saveNote(...note) {
      if (broken) throw new Error('attempt to write a readonly database')
      return saveNote.apply(it.ledger, note)
    },
  }
  const source = it.source(road)
  const options = { source, ledger, window: minutes(0, 2) }
  await it.run(road, options).catch(() => undefined)
  expect(it.asked('order')).toBe(0)
  broken = false
  expect((await it.run(road, options)).summary).toMatchObject({ kept: 2 })
})

it('writes the id of an order down before anything else that its reply says', async () => {
  const it = await fleet()
  const source = it.source(road)
  const noted: string[] = []
  for await (const camera of source.cameras(call)) {
    for await (const one of source.recordings(camera, minutes(0, 1), call)) {
      if (isGap(one)) continue
      for await (const { note } of source.prepare([one], [], call)) {
        noted.push(note?.order === 'quota' ? 'quota' : `${note?.state}${note?.vendorId ? ' with id' : ''}`)
      }
    }
  }
  expect(noted.slice(0, 3)).toEqual(['asking', 'asked with id', 'quota'])
})

it('what may be paid for stays so where a second order, asked for, was refused', async () => {
  const it = await fleet({ switches: { postFailN: 1, postFailStatus: 'lost', offline: 'all' } })
  const window = minutes(0, 1)
  expect((await it.run(road, { window })).summary).toMatchObject({ pending: 1 })
  it.cloud.set({ postFailN: 9, postFailStatus: '429' })
  expect((await it.run({ ...road, askAgain: true }, { window })).summary).toMatchObject({ failed: 1 })
  it.cloud.set({ postFailN: 0 })
  expect((await it.run(road, { window })).summary).toMatchObject({ pending: 1 })
  expect(it.ordered()).toEqual(['18:30 road'])
  expect(it.cloud.violations).toEqual([])
  it.cloud.set({ offline: 'none' })
  expect((await it.run(road, { window })).summary).toMatchObject({ kept: 1 })
})

it('goes by the newest of several orders for the same, also where nobody knows what became of it', () => {
  const order = (views: string) => `${truck12}/highres/2025-04-16T18:30:00Z/${views}`
  const older = { order: order('road+driver'), state: 'ready', vendorId: 'older', at: 1 } as const
  const newer = { order: order('driver'), state: 'asking', at: 2 } as const
  for (const notes of [
    [older, newer],
    [newer, older],
  ]) {
    const book = createOrderBook()
    book.learn(notes, 0)
    const piece = { media: 'highres', start: begin, minutes: 1 } as const
    expect(book.of(truck12, piece, 'driver')?.id).toBe(newer.order)
    expect(book.of(truck12, piece, 'road')?.id).toBe(older.order)
  }
})

it('orders no more where nobody knows what became of the last five, and the rest in a run that finds all well', async () => {
  const it = await fleet({ switches: { postFailN: 1, postFailStatus: '503' } })
  const window = minutes(0, 10)
  expect((await it.run(road, { window })).summary).toMatchObject({ planned: 10, pending: 5, failed: 5 })
  expect(it.asked('order')).toBe(5)
  for await (const { outcome } of it.ledger.rows({ outcomes: ['failed'] })) {
    expect(outcome).toMatchObject({ attempts: 0, retryable: true, message: expect.stringContaining('HTTP 503') })
  }
  it.cloud.set({ postFailN: 0 })
  expect((await it.run(road, { window })).summary).toMatchObject({ pending: 5, kept: 5 })
  expect(it.cloud.orders).toHaveLength(5)
})
