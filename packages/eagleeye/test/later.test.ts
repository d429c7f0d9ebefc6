import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@cam/ledger-sqlite'
import { expect, it } from 'vitest'
import {
  cameraA,
  cameraB,
  clip,
  day,
  hour,
  hurriedClock,
  minute,
  pair,
  run,
  second,
  today,
  worldOf,
} from './classic/pretend.ts'

it('a window that moves on leaves nothing behind: what failed, what grew, and a list that broke', async () => {
  const noon = today - 2 * day
  const growing = clip(day - 7 * minute, 12 * minute)
  const later = clip(day + hour, minute)
  const clips = [clip(hour, minute), clip(2 * hour, 40 * second), growing, later]
  const clock = hurriedClock(noon + day)
  await using both = await pair({ world: worldOf(clips, [clip(3 * hour, 30 * second)]) }, {}, clock)
  const { cloud } = both
  const into = await mkdtemp(join(tmpdir(), 'eagleeye-later-'))
  try {
    await using ledger = await openLedger(into)
    const archived = (window: { start: number; end: number }, alsoFailed: boolean) =>
      run({ source: both.again(), into, ledger, window, clock, alsoFailed, retry: { retries: 0 } })
    const first = { start: noon, end: noon + day }
    cloud.set({ failN: 1, failStatus: '503', only: cameraA })
    const { summary } = await archived(first, false)
    expect(summary).toMatchObject({ planned: 5, kept: 1, failed: 2, pending: 2 })
    cloud.set({ failN: 0, listFailN: 100, only: cameraB })
    expect((await archived({ start: noon + 4 * hour, end: noon + 5 * hour }, false)).summary).toMatchObject({
      failed: 1,
    })
    cloud.set({ listFailN: 0 })
    clock.advance(2 * hour)
    const next = { start: noon + day, end: noon + day + 2 * hour }
    // The next window alone knows of the piece that reaches into it.
    expect((await archived(next, false)).summary).toMatchObject({ planned: 3, kept: 3 })
    const again = await archived(next, true)
    expect(again.summary).toMatchObject({ planned: 6, alreadyKept: 3, kept: 3, failed: 0, pending: 0 })
    const kept: [string, number, number][] = []
    for await (const { key, kind, window, outcome } of ledger.rows()) {
      expect([kind, outcome?.outcome]).toEqual(['recording', 'kept'])
      kept.push([key.cameraId, window!.start, window!.end])
    }
    for (const { cameraId, start, end } of cloud.truth({ start: noon, end: today })) {
      const pieces = kept.filter(([id, from]) => id === cameraId && from >= start && from < end)
      expect(pieces.reduce((ms, [, from, until]) => ms + until - from, 0)).toBe(end - start)
    }
    expect((await archived(next, true)).summary).toMatchObject({ planned: 3, alreadyKept: 3 })
  } finally {
    await rm(into, { recursive: true, force: true })
  }
})
