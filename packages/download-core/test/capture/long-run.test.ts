import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { bench, day, hour, minute, noon, start } from './fixture.ts'

it('ten days leave no more listeners, timers and parts than the first hour', async () => {
  const b = bench(noon)
  // A ledger that forgets, as one on a disk holds nothing in memory.
  const { plan, record, find: _, ...rest } = b.ledger
  const ledger = { ...rest, plan, record, find: async () => undefined, ownerOf: async () => undefined }
  const forget = memoryLedger()
  Object.assign(ledger, { plan: async () => {}, record: async () => {}, saveNote: forget.saveNote })
  const run = await start({ ...b, ledger }, { timetable: '30m' })
  const measure = () => ({
    listeners: getEventListeners(run.abort.signal, 'abort').length + getEventListeners(run.stop.signal, 'abort').length,
    waits: b.clock.waiting,
    files: [...b.disk.files.keys()].filter((path) => path.includes('/.cam/')).length,
  })
  await b.clock.advance(hour)
  const first = measure()
  for (let passed = hour; passed < 10 * day; passed += 6 * hour) {
    await b.clock.advance(6 * hour)
    for (const path of [...b.disk.files.keys()].filter((name) => name.endsWith('.jpg'))) await b.disk.remove(path)
    b.disk.log.length = 0
    run.events.length = 0
  }
  expect(measure()).toEqual(first)
  const summary = await run.end()
  expect(summary.failed).toBe(0)
  expect(summary.kept).toBe(summary.planned)
  expect(summary.planned).toBeGreaterThan((10 * day) / (30 * minute) - 10)
  expect(b.clock.waiting).toBe(0)
})
