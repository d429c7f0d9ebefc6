import assert from 'node:assert/strict'
import { bench, calm, collect, count, listAll } from './running.ts'
import type { ConformanceCase } from './target.ts'

/** When a vendor package speaks to its vendor, and when it is silent. */
export const contactCases: readonly ConformanceCase[] = [
  {
    name: 'nothing is contacted before the first call, nor by disposing of a source that was never used',
    async run(target) {
      const before = target.requests().length
      {
        await using source = target.makeSource()
        assert.ok(source.vendor.length > 0)
        for (let turn = 0; turn < 20; turn++) await turnOfEvents()
      }
      assert.equal(target.requests().length, before)
      assert.equal(await target.openConnections(), 0, 'connections were opened')
    },
  },
  {
    name: 'it logs in once, however many calls come at the same time',
    async run(target) {
      await using source = target.makeSource()
      await Promise.all([
        source.identify(calm()),
        source.identify(calm()),
        collect(source.cameras(calm())),
        collect(source.cameras(calm())),
      ])
      await listAll(source, target.window)
      assert.ok(count(target, 'login') <= 1, `${count(target, 'login')} logins`)
    },
  },
  {
    name: 'it logs in once for a whole run',
    async run(target) {
      const { run, assertWhole } = await bench(target)
      await using source = target.makeSource()
      await run(source)
      await assertWhole()
      assert.ok(count(target, 'login') <= 1, `${count(target, 'login')} logins`)
    },
  },
  {
    name: 'disposing closes its connections',
    async run(target) {
      const { run } = await bench(target)
      {
        await using source = target.makeSource()
        await run(source)
      }
      for (let turn = 0; turn < 200 && (await target.openConnections()) > 0; turn++) await turnOfEvents()
      assert.equal(await target.openConnections(), 0, 'connections are still open')
    },
  },
  {
    name: 'it says who it is: the same for every source of this device, and more than an empty word',
    async run(target) {
      await using one = target.makeSource()
      await using other = target.makeSource()
      const first = await one.identify(calm())
      assert.ok(first.id.length > 0, 'the id is empty')
      assert.deepEqual(await one.identify(calm()), first)
      assert.equal((await other.identify(calm())).id, first.id)
    },
  },
  {
    name: 'its ceilings are whole numbers from 1, and the device bears them',
    async run(target) {
      const { run, assertWhole } = await bench(target)
      await using source = target.makeSource()
      const { transfers, transfersPerCamera } = source.limits
      for (const limit of [transfers, transfersPerCamera])
        assert.ok(Number.isInteger(limit) && limit >= 1, String(limit))
      await run(source)
      await assertWhole()
      assert.ok(
        target.mostTransfersAtOnce() <= Math.min(transfers, target.bears.transfers),
        `${target.mostTransfersAtOnce()} transfers at once; the device bears ${target.bears.transfers}`,
      )
    },
  },
]

/** Lets I/O that is under way have its turn. */
function turnOfEvents(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
