import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@cam/ledger-sqlite'
import { describe, expect, it } from 'vitest'
import { cameraA, pair as classicPair, clip, day, hour, minute, run, today, worldOf } from './classic/pretend.ts'
import { pair as v3Pair } from './v3/pretend-cloud.ts'

const noon = today - 2 * day
const lists = { classic: 'list', v3: 'list' }

/** Runs that follow each other, each with a window behind that of the one before, on a cloud with these clips. */
async function following(api: 'classic' | 'v3', clips: Parameters<typeof worldOf>[0]) {
  const pretence = { world: worldOf(clips) }
  const both = api === 'classic' ? await classicPair(pretence) : await v3Pair(pretence)
  const { cloud, clock } = both
  const into = await mkdtemp(join(tmpdir(), 'eagleeye-grown-'))
  const ledger = await openLedger(into)
  const asked = (node: string) => cloud.log.ofNode(node as 'list').length
  return {
    ...{ cloud, clock },
    async archived(window: { readonly start: number; readonly end: number }) {
      const before = [asked(lists[api]), asked('media')]
      const source = both.again()
      const options = { source, into, ledger, window, clock, alsoFailed: true, retry: { retries: 0 } }
      const { summary } = await run({ ...options, pendingDeadlineMs: 0 })
      return { summary, lists: asked(lists[api]) - before[0]!, films: asked('media') - before[1]! }
    },
    /** How much of each clip is in the archive. Every row has to be kept. */
    async kept() {
      const lengths = new Map<string, number>()
      for await (const { key, outcome, window } of ledger.rows()) {
        expect(outcome?.outcome).toBe('kept')
        const whole = key.recordingId.replace(/\+.*/, '')
        lengths.set(whole, (lengths.get(whole) ?? 0) + window!.end - window!.start)
      }
      return [...lengths.values()].map((ms) => ms / minute)
    },
    async [Symbol.asyncDispose]() {
      await both[Symbol.asyncDispose]()
      await ledger[Symbol.asyncDispose]()
      await rm(into, { recursive: true, force: true })
    },
  }
}

describe.each(['classic', 'v3'] as const)('what failed, through %s,', (api) => {
  it.each([2, 7])('and has gone on since, from %i minutes, is fetched to its end', async (minutes) => {
    const short = clip(hour, minutes * minute)
    await using one = await following(api, [short])
    one.cloud.set({ bridgeOffline: cameraA })
    const first = await one.archived({ start: noon, end: noon + day })
    expect(first.summary.failed + first.summary.pending).toBe(first.summary.planned)
    // The bridge comes back, and uploads the rest of it.
    one.cloud.set({ bridgeOffline: 'none' })
    one.cloud.extend(cameraA, short.start, 6 * minute)
    const window = { start: noon + day, end: today }
    await one.archived(window)
    expect(await one.kept()).toEqual([minutes + 6])
    expect(await one.archived(window)).toMatchObject({ summary: { planned: 0 }, films: 0 })
  })

  it('many times, is listed in one go, and what is done with is not looked at again', async () => {
    const clips = Array.from({ length: 12 }, (_, n) => clip(hour + n * 90 * minute, minute))
    await using one = await following(api, clips)
    const window = { start: noon + day, end: noon + day + hour }
    const alone = await one.archived(window)
    // Three are kept, and the rest fails.
    await one.archived({ start: noon + 5 * hour, end: noon + 8 * hour })
    one.cloud.set({ bridgeOffline: cameraA })
    await one.archived({ start: noon, end: noon + day })
    one.cloud.set({ bridgeOffline: 'none' })
    const again = await one.archived(window)
    expect(again.summary.planned).toBe(again.summary.kept)
    expect(again.lists - alone.lists).toBeLessThanOrEqual(api === 'classic' ? 3 : 2)
    expect(await one.kept()).toEqual(Array(12).fill(1))
  })
})
