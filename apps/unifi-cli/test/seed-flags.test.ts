import type { Flags } from '@cam/cli-kit'
import type { Camera, Outcome, Recording } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { describe, expect, it } from 'vitest'
import { leaveOutFailed, remarks } from '../src/seed-flags.ts'
import { emptyFolder } from './run.ts'

const flagsOf = (...names: string[]) =>
  ({ on: (name) => names.includes(name), given: (name) => names.includes(name) }) as Partial<Flags> as Flags

describe('flags that the seed needed', () => {
  it('are explained once each', () => {
    expect(remarks(flagsOf())).toEqual([])
    expect(remarks(flagsOf('skip-existing-files', 'touch-files'))).toEqual([])
    expect(remarks(flagsOf('verify-ssl', 'ignore-failed-downloads'))).toEqual([
      expect.stringMatching(/^--verify-ssl: .*verified in any case/),
      expect.stringMatching(/^--ignore-failed-downloads: .*exit code says 1/),
    ])
    expect(remarks(flagsOf('touch-files'))).toEqual([expect.stringMatching(/^--touch-files does nothing alone/)])
    expect(remarks(flagsOf('downloads-before-key-refresh'))).toEqual([expect.stringMatching(/only .* before UniFi OS/)])
    expect(() => remarks(flagsOf('verify-ssl', 'insecure'))).toThrow(/contradict each other/)
  })
})

describe('--touch-files with --skip-existing-files', () => {
  const camera: Camera = { id: 'c1', name: 'Gate' }
  const recording = (id: string): Recording => ({
    id,
    cameraId: 'c1',
    windowFrom: 'none',
    extension: 'mp4',
    resume: 'never',
  })
  const failed = (code: string, attempts: number): Outcome => ({
    ...{ outcome: 'failed', code, message: 'It did not work.', retryable: true, attempts },
  })

  async function skipAfter(outcomes: Record<string, Outcome>, ...names: string[]) {
    await using ledger = await openLedger(emptyFolder())
    await ledger.beginRun({ id: 'r', sourceId: 's', sourceName: 'S', vendor: 'V', startedAt: 1 })
    const key = (recordingId: string) => ({ sourceId: 's', cameraId: 'c1', view: '', recordingId })
    const ids = Object.keys(outcomes)
    await ledger.plan(
      'r',
      1,
      ids.map((id) => ({ key: key(id), kind: 'recording', camera, recording: recording(id) })),
    )
    await ledger.record(
      'r',
      2,
      ids.map((id) => ({ key: key(id), outcome: outcomes[id]! })),
    )
    const skip = await leaveOutFailed(flagsOf(...names), ledger)
    return skip && Object.fromEntries([...ids, 'new'].map((id) => [id, skip(recording(id), camera)]))
  }

  it('leaves out what the console could not give, and nothing else', async () => {
    const outcomes: Record<string, Outcome> = {
      broken: failed('SERVER', 4),
      untried: failed('SERVER', 0),
      stopped: failed('INTERRUPTED', 1),
      full: failed('DISK_FULL', 1),
      absent: { outcome: 'absent', reason: 'nothing there' },
      pending: { outcome: 'pending', reason: 'not yet' },
      other: { outcome: 'skipped', reason: 'another choice' },
    }
    const left = await skipAfter(outcomes, 'touch-files', 'skip-existing-files')
    expect(Object.entries(left!).filter(([, reason]) => reason !== undefined)).toEqual([
      ['broken', expect.stringMatching(/failed in an earlier run/)],
    ])
    const again = { broken: { outcome: 'skipped', reason: left!.broken! } } as const
    expect(await skipAfter(again, 'touch-files', 'skip-existing-files')).toEqual({ broken: left!.broken })
  })

  it.each([['touch-files'], ['skip-existing-files']])('%s alone leaves out nothing', async (name) => {
    expect(await skipAfter({ broken: failed('SERVER', 4) }, name)).toBeUndefined()
  })
})
