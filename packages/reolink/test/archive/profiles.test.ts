import { memoryLedger } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { describe, expect, it } from 'vitest'
import { asked, expectWhole, folder, hour, pair, profileNames, run, uidOfChannel } from '../archiving.ts'
import { autumn, autumnOf, cameraIdOf, firstTwo, secondTwo } from '../worlds.ts'

/** What no recorder without names can be asked for. */
const isInRepeatedHour = ({ start }: { start: number }) => start === firstTwo || start === secondTwo

describe.each(profileNames)('48 hours over the end of summer time of a %s', (profile) => {
  it('are archived completely, with the device’s bytes, and a second run asks for nothing', async () => {
    const { device, source, clock, again } = await pair(autumnOf(profile))
    const into = await folder()
    await using ledger = await openLedger(into)
    const first = await run({ source, into, ledger, window: autumn, clock })
    const { recordings } = device.truth({ stream: 'main', ...autumn })
    expect(first.summary).toMatchObject({ kept: recordings.length, failed: 0, pending: 0, absent: 0 })
    expect(recordings.length).toBeGreaterThan(20)
    expect(new Set([...first.outcomes.keys()]).size).toBe(recordings.length)
    expect(device.maximumDownloads).toBe(1)
    expect(asked(device, 'Login')).toBe(1)
    const exact = recordings.filter((one) => profile !== 'nvr-classic' || !isInRepeatedHour(one))
    await expectWhole(
      into,
      ledger,
      exact,
      cameraIdOf(profile),
      (row) => !exact.some(({ start }) => start === row.window?.start),
    )

    const media = () => asked(device, 'Download') + asked(device, 'Playback') + asked(device, 'flv')
    const before = media()
    const second = await run({ source: again(), into, ledger, window: autumn, clock })
    expect(second.summary).toMatchObject({ kept: 0, alreadyKept: recordings.length, failed: 0 })
    expect(media()).toBe(before)
  })
})

describe('a recorder without names', () => {
  it('has the repeated hour played to us, because it takes both for one', async () => {
    const { device, source, clock } = await pair(autumnOf('nvr-classic'))
    const into = await folder()
    const ledger = memoryLedger()
    const window = { start: firstTwo - hour, end: secondTwo + 2 * hour }
    const { summary, outcomes } = await run({ source, into, ledger, window, clock, cameras: ['Front Door'] })
    expect(summary).toMatchObject({ kept: 4, failed: 0 })
    const of = (start: number) => {
      const [from, to] = [new Date(start).toISOString(), new Date(start + hour).toISOString()]
      return outcomes.get(`${uidOfChannel(0)} ${from}/${to}`)
    }
    for (const start of [firstTwo, secondTwo]) {
      expect(of(start)).toMatchObject({ outcome: 'kept', proof: { by: 'container', format: 'flv' } })
      expect(of(start)).toMatchObject({ path: expect.stringMatching(/\.flv$/), covers: [{ start, end: start + hour }] })
    }
    expect(of(firstTwo - hour)).toMatchObject({ outcome: 'kept', proof: { by: 'length' } })
    expect(asked(device, 'flv')).toBe(2)
  })
})

describe('the small stream', () => {
  it('is recordings of their own, beside those of the main one', async () => {
    const { device, source, clock, again } = await pair(autumnOf('camera'))
    const into = await folder()
    const ledger = memoryLedger()
    const window = { start: autumn.start, end: autumn.start + 12 * hour }
    await run({ source, into, ledger, window, clock })
    const { summary } = await run({ source: again({ stream: 'sub' }), into, ledger, window, clock })
    const { recordings } = device.truth(window)
    expect(summary).toMatchObject({ kept: recordings.length / 2, failed: 0 })
    await expectWhole(into, ledger, recordings, cameraIdOf('camera'))
  })
})
