import assert from 'node:assert/strict'
import type { Ledger } from '../archive/ledger.ts'
import type { Note } from '../footage/source.ts'
import { summaryAddsUp } from './adds-up.ts'
import { bench } from './running.ts'
import type { ConformanceCase, ConformanceOrders, ConformanceTarget } from './target.ts'

const neverOrdered = 'footage of this vendor need not be ordered'
const askOnce = { pendingDeadlineMs: 0 } as const

function orderCase(
  name: string,
  run: (target: ConformanceTarget, orders: ConformanceOrders) => Promise<void>,
): ConformanceCase {
  return {
    name,
    notApplicable: ({ orders }) => (orders ? undefined : neverOrdered),
    async run(target) {
      if (target.orders) await run(target, target.orders)
    },
  }
}

/** Footage that is ordered and paid for: no order is placed twice, whatever happens in between. */
export const orderCases: readonly ConformanceCase[] = [
  orderCase('what is ordered is ordered once, and a second run orders nothing', async (target, orders) => {
    const { run, assertWhole } = await bench(target)
    {
      await using source = target.makeSource()
      summaryAddsUp((await run(source)).summary)
    }
    await assertWhole()
    const accepted = orders.accepted()
    assert.ok(accepted > 0, 'nothing was ordered')
    await using again = target.makeSource()
    await run(again)
    assert.equal(orders.accepted(), accepted, 'it was ordered again')
  }),
  orderCase('each order is noted before it is placed, one at a time', async (target, orders) => {
    const { run, ledger, assertWhole } = await bench(target)
    const before: number[] = []
    const watched = noting(ledger, (note) => {
      if (note.state === 'asking') before.push(orders.accepted())
    })
    await using source = target.makeSource()
    await run(source, { ledger: watched })
    await assertWhole()
    assert.ok(before.length >= orders.accepted(), `${orders.accepted()} orders, ${before.length} notes`)
    for (const [index, accepted] of before.entries()) {
      assert.equal(accepted, index, `${accepted} orders were placed when the note of number ${index + 1} was written`)
    }
  }),
  orderCase(
    'what is not ready is pending, and the next run collects it without a new order',
    async (target, orders) => {
      const { run, assertWhole } = await bench(target)
      orders.holdBack(true)
      {
        await using source = target.makeSource()
        const { summary } = await run(source, askOnce)
        summaryAddsUp(summary)
        assert.equal(summary?.pending, target.truth().length)
      }
      const accepted = orders.accepted()
      assert.ok(accepted > 0, 'nothing was ordered')
      orders.holdBack(false)
      await using later = target.makeSource()
      await run(later)
      await assertWhole()
      assert.equal(orders.accepted(), accepted, 'it was ordered again')
    },
  ),
  orderCase('an order whose reply was lost is never placed a second time', async (target, orders) => {
    const { run, rows } = await bench(target)
    orders.loseReplies(true)
    {
      await using source = target.makeSource()
      summaryAddsUp((await run(source, askOnce)).summary)
    }
    const accepted = orders.accepted()
    assert.ok(accepted > 0, 'nothing was ordered')
    orders.loseReplies(false)
    await using later = target.makeSource()
    const { summary } = await run(later)
    summaryAddsUp(summary)
    assert.equal(orders.accepted(), accepted, 'it was ordered again')
    for (const { outcome, key } of await rows()) {
      const fair = outcome?.outcome === 'kept' || outcome?.outcome === 'pending'
      assert.ok(fair, `${key.recordingId}: ${JSON.stringify(outcome)}`)
    }
  }),
  orderCase('an order that was placed and could not be noted is never placed a second time', async (target, orders) => {
    const { run, ledger } = await bench(target)
    let left = 1
    const failing = noting(ledger, (note) => {
      if (note.state === 'asked' && left-- > 0) throw new Error('the process ended here')
    })
    {
      await using source = target.makeSource()
      await run(source, { ...askOnce, ledger: failing })
    }
    assert.equal(orders.accepted(), 1, `${orders.accepted()} orders were placed after one could not be noted`)
    await using later = target.makeSource()
    await run(later)
    assert.equal(orders.accepted(), new Set(target.truth().map(orders.orderOf)).size)
  }),
  orderCase('an order that was refused is not taken for one, and is placed later', async (target, orders) => {
    const { run, assertWhole } = await bench(target)
    orders.refuse(true)
    {
      await using source = target.makeSource()
      const { summary } = await run(source, { ...askOnce, retry: { retries: 0 } })
      summaryAddsUp(summary)
      assert.equal(orders.accepted(), 0)
      assert.equal(summary?.kept, 0)
    }
    orders.refuse(false)
    await using later = target.makeSource()
    await run(later)
    await assertWhole()
  }),
]

/** The same ledger, seen whenever a note is saved: before it is. */
function noting(ledger: Ledger, see: (note: Note) => void): Ledger {
  return new Proxy(ledger, {
    get(object, property) {
      if (property !== 'saveNote') return Reflect.get(object, property, object)
      return async (sourceId: string, note: Note) => {
        see(note)
        await object.saveNote(sourceId, note)
      }
    },
  })
}
