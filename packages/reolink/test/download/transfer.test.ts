import { memoryLedger } from '@cam/download-core'
import type { ReolinkSwitches } from '@cam/simulators/reolink'
import { describe, expect, it } from 'vitest'
import { asked, expectWhole, folder, run } from '../archiving.ts'
import { cameraIdOf } from '../worlds.ts'
import { bytesOf, calm, clips, listAll, smallPair, window } from './small-world.ts'

describe('a transfer that breaks', () => {
  const broken: Partial<ReolinkSwitches> = { truncateAt: 900_000, truncate: 'destroy', faultTimes: 1 }

  it.each(['camera', 'hub', 'nvr-365', 'nvr-classic'] as const)(
    'goes on where it broke, for the device’s ETag vouches for it (%s)',
    async (profile) => {
      const { device, source, clock } = await smallPair(profile, clips(1, 1_500_000), broken)
      const [into, ledger] = [await folder(), memoryLedger()]
      const { summary, events } = await run({ source, into, ledger, window, clock })
      expect(summary).toMatchObject({ kept: 1, failed: 0 })
      await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf(profile))
      expect(events.filter(({ type }) => type === 'resumed')).toHaveLength(1)
      expect(events.filter(({ type }) => type === 'restarted')).toEqual([])
      const ranges = device.requests.flatMap(({ headers }) => headers.range ?? [])
      expect(ranges).toEqual([expect.stringMatching(/^bytes=[4-9]\d{5}-$/)])
      expect(device.requests.find(({ headers }) => headers.range)?.headers['if-range']).toMatch(/^"[\da-f]+-[\da-f]+"$/)
    },
  )

  it.each([
    ['ignores ranges', { ranges: 'ignore' }],
    ['refuses ranges', { ranges: '416' }],
    ['has no ETag', { etag: false }],
    ['states no length', { contentLength: false }],
  ] as const)('comes whole from a device that %s', async (_, switches) => {
    const { device, source, clock } = await smallPair('camera', clips(2, 1_500_000), { ...broken, ...switches })
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 2, failed: 0 })
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('camera'))
  })

  it('of a file that is another one by then begins anew', async () => {
    const { device, source, clock } = await smallPair('camera', clips(1, 1_500_000), { ...broken, faultTimes: 100 })
    const [into, ledger] = [await folder(), memoryLedger()]
    await run({ source, into, ledger, window, clock, retry: { retries: 0 } })
    device.set({ truncateAt: undefined, replaced: true })
    const { summary, events } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 1, failed: 0 })
    expect(events.filter(({ type }) => type === 'resumed')).toEqual([])
    expect(events.filter(({ type }) => type === 'restarted')).toHaveLength(1)
  })
})

describe('what arrives', () => {
  it('under a head with a line that has no name is read, and asked for once', async () => {
    const { device, source, clock } = await smallPair('camera', clips(3), { emptyHeader: true })
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 3, failed: 0 })
    expect(asked(device, 'Download')).toBe(3)
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('camera'))
  })

  it('is never kept where it is not as long as its name says', async () => {
    const { source, clock } = await smallPair('camera', clips(1), { sizeOff: true })
    const ledger = memoryLedger()
    const { outcomes } = await run({ source, into: await folder(), ledger, window, clock })
    expect([...outcomes.values()]).toMatchObject([{ outcome: 'failed', code: 'WRONG_LENGTH' }])
  })

  it('shortened and stated as short is never kept either', async () => {
    const { source, clock } = await smallPair('camera', clips(1), { truncateAt: 50_000, truncate: 'short' })
    const { outcomes } = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect([...outcomes.values()]).toMatchObject([{ outcome: 'failed', code: 'WRONG_LENGTH' }])
  })
})

describe('two recordings asked for at once', () => {
  it('come one after the other: the device plays one at a time', async () => {
    const both = await smallPair('camera', clips(3, 8_000_000))
    const recordings = await listAll(both)
    const sizes = await Promise.all(
      recordings.map(async (recording) => {
        const opened = await both.source.open(recording, { byte: 0 }, calm)
        return 'body' in opened ? (await bytesOf(opened.body)).byteLength : 0
      }),
    )
    expect(sizes).toEqual(recordings.map(({ bytes }) => bytes))
    expect(both.device.maximumDownloads).toBe(1)
  })

  it('the second waits no longer than its signal', async () => {
    const both = await smallPair('camera', clips(2))
    const [first, second] = await listAll(both)
    const opened = await both.source.open(first!, { byte: 0 }, calm)
    const abort = new AbortController()
    const waiting = both.source.open(second!, { byte: 0 }, { signal: abort.signal })
    const reason = new Error('enough')
    setImmediate(() => abort.abort(reason))
    await expect(waiting).rejects.toBe(reason)
    if ('body' in opened) await opened.body[Symbol.asyncIterator]().return?.()
    const again = await both.source.open(second!, { byte: 0 }, calm)
    expect('body' in again && (await bytesOf(again.body)).byteLength).toBe(second!.bytes)
  })
})

describe('the names of a hub', () => {
  it('go out with slashes and %20, as it wants them', async () => {
    const { device, source, clock } = await smallPair('hub', clips(1))
    await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    const [request] = device.requests.filter(({ node }) => node === 'Download')
    expect(request?.target).toContain('&source=/mnt/sda/95270005ABCDEFG0-Front%20Door/Mp4Record/2026-11-02/RecM02_')
    expect(request?.target).not.toMatch(/%2F|\+/i)
  })

  it('also in an encrypted session, where the device is asked first whether it keeps them encrypted', async () => {
    const { device, source, clock } = await smallPair('hub', clips(2), { encryptedLogin: 'required' })
    const [into, ledger] = [await folder(), memoryLedger()]
    const { summary } = await run({ source, into, ledger, window, clock })
    expect(summary).toMatchObject({ kept: 2, failed: 0 })
    await expectWhole(into, ledger, device.truth({ stream: 'main' }).recordings, cameraIdOf('hub'))
    device.set({ fileEncryption: true })
    const second = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect([...second.outcomes.values()]).toMatchObject([
      { outcome: 'failed', code: 'UNAVAILABLE', message: expect.stringContaining('encrypted on its disk') },
      { outcome: 'failed', code: 'UNAVAILABLE' },
    ])
  })

  it('what is encrypted on the disk is never kept in a session of the other kind', async () => {
    const { source, clock } = await smallPair('hub', clips(1), { fileEncryption: true }, { login: 'token' })
    const { outcomes } = await run({ source, into: await folder(), ledger: memoryLedger(), window, clock })
    expect([...outcomes.values()]).toMatchObject([
      { outcome: 'failed', code: 'PROTOCOL', message: expect.stringContaining('encrypted') },
    ])
  })
})
