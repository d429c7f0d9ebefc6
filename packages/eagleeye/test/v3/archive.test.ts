import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ArchiveEvent, archive, memoryLedger } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { day, type Pair, pair } from './pretend-cloud.ts'

const end = Date.UTC(2026, 1, 9)
const week = { start: end - 7 * day, end }

async function run(it: Pair, into: string, ledger: ReturnType<typeof memoryLedger>, window = week) {
  const source = it.again()
  const outcomes = new Map<string, ArchiveEvent & { readonly type: 'recording-ended' }>()
  let last: ArchiveEvent | undefined
  const retry = { retries: 3, delayMs: 1, growth: 'fixed' as const }
  for await (const event of archive({ source, into, ledger, window, retry, reserveBytes: 0, clock: it.clock })) {
    if (event.type === 'recording-ended') outcomes.set(`${event.camera.id} ${event.recording.id}`, event)
    last = event
  }
  if (last?.type !== 'archive-ended') throw new Error('The run did not end.')
  return { summary: last, outcomes }
}

async function inFolder(work: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'eagleeye-v3-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('a week of twenty cameras', () => {
  it('is archived whole, each clip once, and a second run asks for no media', async () => {
    await using it = await pair({ switches: { world: 'week' } })
    await inFolder(async (into) => {
      const ledger = memoryLedger()
      const truth = it.cloud.truth(week)
      const { summary, outcomes } = await run(it, into, ledger)
      expect(summary).toMatchObject({ planned: truth.length, failed: 0, pending: 0, expired: 0 })
      for (const { cameraId, start, mp4 } of truth) {
        const outcome = outcomes.get(`${cameraId} main/${new Date(start).toISOString()}`)?.outcome
        expect([cameraId, start, outcome]).toMatchObject([cameraId, start, { outcome: 'kept', sha256: mp4.sha256 }])
      }
      const clips = new Map<string, number>()
      for (const { cameraId } of truth) clips.set(cameraId, (clips.get(cameraId) ?? 0) + 1)
      expect([...clips.values()]).toContain(1)
      const media = it.asked('media')
      expect(media).toBe(truth.length)
      const again = await run(it, into, ledger)
      expect(again.summary).toMatchObject({ alreadyKept: truth.length, kept: 0 })
      expect(it.asked('media')).toBe(media)
      expect(it.cloud.violations).toEqual([])
    })
  })
})

describe('a run', () => {
  it('keeps nothing that is not what its md5 says, and keeps it when it is', async () => {
    await using it = await pair({ switches: { mp4UrlNull: 'all', md5Wrong: true } })
    await inFolder(async (into) => {
      const ledger = memoryLedger()
      const wrong = await run(it, into, ledger)
      expect(wrong.summary).toMatchObject({ kept: 0, failed: it.cloud.truth().length })
      for (const { outcome } of wrong.outcomes.values()) expect(outcome).toMatchObject({ code: 'WRONG_CHECKSUM' })
      it.cloud.set({ md5Wrong: false })
      const right = await run(it, into, ledger)
      expect(right.summary).toMatchObject({ kept: it.cloud.truth().length, failed: 0 })
      for (const { outcome } of right.outcomes.values()) expect(outcome).toMatchObject({ proof: { by: 'checksum' } })
    })
  })

  it('calls what retention took expired, what it may not have failed, and archives the rest', async () => {
    await using it = await pair()
    await inFolder(async (into) => {
      const [gone, ...rest] = it.cloud.truth()
      const denied = rest.at(-1)!.cameraId
      it.cloud.set({ expired: `${gone!.cameraId}@${new Date(gone!.start).toISOString()}`, denied })
      const { summary, outcomes } = await run(it, into, memoryLedger())
      const refused = rest.filter(({ cameraId }) => cameraId === denied).length
      expect(summary).toMatchObject({ expired: 1, failed: refused, kept: rest.length - refused })
      const outcome = outcomes.get(`${denied} main/${new Date(rest.at(-1)!.start).toISOString()}`)?.outcome
      expect(outcome).toMatchObject({ code: 'PERMISSION', httpStatus: 403, retryable: false })
    })
  })

  it('whose login is revoked in mid-run ends, keeps what it has, and goes on after a new login', async () => {
    await using it = await pair({ switches: { expireSessionAfter: 6 } })
    await inFolder(async (into) => {
      const ledger = memoryLedger()
      const all = it.cloud.truth().length
      const key = [...it.sessions.values.keys()][0]!
      const stored = JSON.parse(it.sessions.values.get(key)!)
      it.sessions.values.set(key, JSON.stringify({ ...stored, refreshToken: 'nobody-knows-this-token' }))
      const broken = await run(it, into, ledger)
      expect(broken.summary.kept).toBeGreaterThan(0)
      expect(broken.summary.kept + broken.summary.failed).toBe(all)
      const failures = [...broken.outcomes.values()].flatMap(({ outcome }) =>
        outcome.outcome === 'failed' ? outcome : [],
      )
      expect(failures[0]).toMatchObject({
        code: 'AUTHENTICATION',
        message: expect.stringContaining('eagleeye-cli login'),
      })
      expect(it.asked('token')).toBe(1)
      it.sessions.values.set(key, JSON.stringify(stored))
      it.cloud.set({ expireSessionAfter: Number.POSITIVE_INFINITY })
      const { summary } = await run(it, into, ledger)
      expect(summary).toMatchObject({ failed: 0, kept: all - broken.summary.kept, alreadyKept: broken.summary.kept })
      expect(it.asked('token')).toBe(2)
    })
  })
})
