import { inspect } from 'node:util'
import { memoryLedger } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { asked, expectWhole, folder, run } from '../archiving.ts'
import { cameraIdOf } from '../worlds.ts'
import { clips, smallPair, window } from './small-world.ts'

const always = Number.POSITIVE_INFINITY

describe('a device that ends Download without a byte', () => {
  it('is asked for Playback, and after the second time for nothing else', async () => {
    const switches = { downloadFailN: always, downloadFailAs: 'closes', downloadFailOf: 'download' } as const
    const { device, source, clock } = await smallPair('camera', clips(6), switches)
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 6, failed: 0 })
    expect([asked(device, 'Download'), asked(device, 'Playback')]).toEqual([2, 6])
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('camera'))
  })

  it('now and then is gone on with', async () => {
    const switches = { downloadFailN: 1, downloadFailAs: 'closes', downloadFailOf: 'both' } as const
    const { device, source, clock } = await smallPair('nvr-365', clips(3), switches)
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 3, failed: 0 })
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('nvr-365'))
  })
})

describe('a device that ends everything without a byte', () => {
  it('is left alone after two tries, longer each time, until nobody waits for it any more', async () => {
    const switches = { downloadFailN: always, downloadFailAs: 'closes', playback: 'closes' } as const
    const { device, source, clock, again } = await smallPair('camera', clips(5), switches)
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary, outcomes } = await run({ source, into, ledger, window, clock, retry: { retries: 1 } })
    expect(summary).toMatchObject({ kept: 0, failed: 5 })
    expect([...outcomes.values()][0]).toMatchObject({ code: 'BUSY', retryable: true })
    const first = asked(device, 'Download') + asked(device, 'Playback')
    // Two tries, three times; then nobody waits any more.
    expect(first).toBe(6)
    expect([...outcomes.values()].at(-1)).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    expect(clock.skipped.filter((ms) => ms > 50_000).map((ms) => Math.round(ms / 10_000))).toEqual([6, 12])
    device.set({ downloadFailN: 0, playback: 'mp4' })
    const second = await run({ source: again(), into, ledger, window, clock })
    expect(second.summary).toMatchObject({ kept: 5, failed: 0 })
  })
})

describe('a recorder without names whose fragments cannot be fetched', () => {
  it('plays them to us, without anybody getting to see the password', async () => {
    const { device, source, clock } = await smallPair('nvr-classic', clips(3), { fragments: 'closes' })
    const [into, ledger] = [await folder(), memoryLedger()]
    const ran = await run({ source, into, ledger, window, clock })
    expect(ran.summary).toMatchObject({ kept: 3, failed: 0 })
    for (const outcome of ran.outcomes.values()) {
      expect(outcome).toMatchObject({ proof: { by: 'container', format: 'flv' } })
    }
    expect(asked(device, 'flv')).toBe(3)
    expect(inspect(ran, { depth: 12 })).not.toContain(device.password)
  })

  it('that makes none at all plays them, too', async () => {
    const { device, source, clock } = await smallPair('nvr-classic', clips(1), { fragments: 'none' })
    const { summary } = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect(summary).toMatchObject({ kept: 1 })
    expect([asked(device, 'Download'), asked(device, 'flv')]).toEqual([0, 1])
  })
})

describe('what a device says instead of a recording', () => {
  it.each([
    ['-6', 'renews the session'],
    ['-17', 'passes'],
    ['-220', 'is not said by Playback'],
    ['-221', 'passes: it was busy'],
    ['404', 'is said by a session that is over'],
    ['502', 'is said while it starts'],
    ['html', 'is a page'],
    ['empty', 'is nothing'],
    ['reset', 'is a connection that breaks'],
  ] as const)('once (%s) %s', async (downloadFailAs, _) => {
    const switches = { downloadFailN: 1, downloadFailAs, downloadFailOf: 'download' } as const
    const { device, source, clock } = await smallPair('camera', clips(2), switches)
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 2, failed: 0 })
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('camera'))
  })

  it('in FLV where the file itself was asked for is not taken for it', async () => {
    const switches = {
      downloadFailN: always,
      downloadFailAs: '-220',
      downloadFailOf: 'download',
      playback: 'flv',
    } as const
    const { source, clock, device } = await smallPair('camera', clips(1), switches)
    const { outcomes } = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect([...outcomes.values()]).toMatchObject([{ outcome: 'failed', message: expect.stringContaining('-220') }])
    expect(asked(device, 'flv')).toBe(0)
  })

  it('in FLV of a size that nobody knows is kept as what it is', async () => {
    const switches = {
      downloadFailN: always,
      downloadFailAs: 'closes',
      downloadFailOf: 'download',
      playback: 'flv',
    } as const
    const { source, clock } = await smallPair('nvr-365', clips(1), switches)
    const { outcomes } = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect([...outcomes.values()]).toMatchObject([
      { outcome: 'kept', proof: { by: 'container', format: 'flv' }, path: expect.stringMatching(/\.flv$/) },
    ])
  })

  it('always, is told in its words, and nothing is kept', async () => {
    const switches = { downloadFailN: always, downloadFailAs: '-222' } as const
    const { source, clock } = await smallPair('camera', clips(1), switches)
    const { outcomes } = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect([...outcomes.values()]).toMatchObject([
      { outcome: 'failed', code: 'NOT_FOUND', message: expect.stringContaining('-222') },
    ])
  })
})
