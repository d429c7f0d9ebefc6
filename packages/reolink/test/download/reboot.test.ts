import { memoryLedger } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { expectWhole, folder, minute, run } from '../archiving.ts'
import { cameraIdOf } from '../worlds.ts'
import { clips, smallPair, window } from './small-world.ts'

describe('a device that restarts in the middle of a run', () => {
  it.each(['404', '502'] as const)('and then answers %s for a while leaves nothing out', async (bootStatus) => {
    const both = await smallPair('camera', clips(6), { bootStatus, bootTimes: 2, bootMs: 20 * minute })
    const { device, clock } = both
    const [into, ledger] = [await folder(), memoryLedger()]
    let opened = 0
    const restarting = new Proxy(both.source, {
      get(object, name) {
        if (name !== 'open') return Reflect.get(object, name, object)
        return (...asked: Parameters<typeof object.open>) => {
          if (++opened === 4) device.reboot()
          return object.open(...asked)
        }
      },
    })
    // Tried once each: five failures in a row would be a pause.
    const first = await run({ source: restarting, into, ledger, window, clock, retry: { retries: 0 } })
    expect(first.summary).toMatchObject({ kept: 3, failed: 3 })
    clock.advance(30 * minute)
    const second = await run({ source: both.source, into, ledger, window, clock })
    expect(second.summary).toMatchObject({ kept: 3, alreadyKept: 3, failed: 0 })
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('camera'))
  })
})

describe('a session that ends in the middle of a run', () => {
  it('is renewed once, and the run goes on', async () => {
    const both = await smallPair('camera', clips(6), { expireAfterRequests: 6 })
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source: both.source, into, ledger, window, clock: both.clock })
    expect(summary).toMatchObject({ kept: 6, failed: 0 })
    const { opened, maximum } = both.device.truth().sessions
    expect(opened).toBeGreaterThan(1)
    expect(maximum).toBe(1)
    await both.source[Symbol.asyncDispose]()
    expect(both.device.truth().sessions.open).toBe(0)
  })
})
