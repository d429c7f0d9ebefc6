import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ArchiveEvent,
  type ArchiveOptions,
  archive,
  type Outcome,
  type Summary,
  systemClock,
} from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraClock, hurriedClock, type Pair, pair } from './pretend-camera.ts'

let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'axis-timelapse2-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))

interface Run {
  readonly summary: Summary
  readonly events: readonly ArchiveEvent[]
  /** By file name. */
  readonly outcomes: ReadonlyMap<string | undefined, Outcome>
}

async function run({ source }: Pair, into: string, options: Partial<ArchiveOptions> = {}): Promise<Run> {
  await using ledger = await openLedger(into)
  const events: ArchiveEvent[] = []
  const outcomes = new Map<string | undefined, Outcome>()
  for await (const event of archive({ source, into, ledger, clock: hurriedClock(), ...options })) {
    events.push(event)
    if (event.type === 'recording-ended') outcomes.set(event.recording.name, event.outcome)
  }
  const last = events.at(-1)
  if (last?.type !== 'archive-ended') throw new Error('The run did not end.')
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped } = last
  expect(planned).toBe(kept + alreadyKept + absent + expired + pending + failed + skipped)
  return { summary: last, events, outcomes }
}

/** Every file that a run kept holds what the camera has under that name. */
async function expectTrue({ camera }: Pair, into: string, { outcomes }: Run): Promise<void> {
  for (const { id, filename, sha256 } of camera.truth()) {
    const outcome = outcomes.get(filename)
    if (outcome?.outcome !== 'kept') continue
    const file = createHash('sha256')
      .update(await readFile(join(into, outcome.path)))
      .digest('hex')
    expect([id, filename, outcome.sha256, file]).toEqual([id, filename, sha256, sha256])
  }
}

const day = 86_400_000
const small = Array.from({ length: 4 }, (_, index) => ({
  id: index % 2 === 0 ? 'KQWMZTRB' : 'HVXPLNDA',
  bytes: 60_000 + index * 9973,
  first: Date.UTC(2026, 2, 2, 6) + Math.floor(index / 2) * day,
  last: Date.UTC(2026, 2, 2, 20) + Math.floor(index / 2) * day,
}))

const fresh = () => mkdtemp(join(folders, 'run-'))

describe('a whole camera', () => {
  it.each([
    ['timelapseme', 'container'],
    ['1.0.0', 'length'],
    ['1.1.2', 'length'],
    ['1.1.3', 'length'],
    ['3.1.0', 'length'],
    ['3.1.4', 'length'],
  ])('with %s is archived, proved by %s, and not fetched twice', async (version, by) => {
    const into = await fresh()
    await using both = await pair({ archives: small, switches: { version } })
    const first = await run(both, into)
    expect(first.summary).toMatchObject({ planned: 4, kept: 4 })
    await expectTrue(both, into, first)
    for (const outcome of first.outcomes.values()) expect(outcome).toMatchObject({ proof: { by } })
    expect(both.camera.log.counts().maximumMediaBodies).toBe(1)
    expect(both.camera.log.entries.filter(({ method }) => method !== 'GET')).toEqual([])
    const media = both.camera.log.of('media').length
    expect((await run(both, into)).summary).toMatchObject({ planned: 4, kept: 0, alreadyKept: 4 })
    expect(both.camera.log.of('media')).toHaveLength(media)
  })

  it.each(['timelapseme', '1.1.2', '3.1.4'])(
    'with the oddest list of %s: one outcome for each entry',
    async (version) => {
      const into = await fresh()
      await using both = await pair({ switches: { version, world: 'nasty', auth: 'none' } })
      const { summary, events, outcomes } = await run(both, into)
      const path = version === 'timelapseme' ? 'timelapseme/archives' : 'timelapse2/'
      const index = version === '1.1.2' ? 'download?filename=recordings.json' : version === '3.1.4' ? 'archive' : ''
      const entries = (await (await fetch(`${both.camera.url}/local/${path}${index}`)).json()) as unknown[]
      const ended = events.filter((event) => event.type === 'recording-ended')
      expect(ended).toHaveLength(entries.length)
      expect(summary).toMatchObject({ planned: entries.length, expired: 0, absent: 0, pending: 0, skipped: 0 })
      expect(summary.kept).toBeGreaterThan(18)
      await expectTrue(both, into, {
        summary,
        events,
        outcomes: new Map([...outcomes].filter(([name]) => !name?.startsWith('Twice'))),
      })
      const twice = ended.flatMap((e) => (e.recording.name?.startsWith('Twice') ? [e.outcome.outcome] : []))
      expect(twice.sort()).toEqual(version === 'timelapseme' ? ['kept', 'kept'] : ['failed', 'kept'])
    },
  )

  it('that moved to another address, or was updated to MP4, is fetched no second time', async () => {
    const into = await fresh()
    await using before = await pair({ archives: small, switches: { version: '1.1.3' } })
    expect((await run(before, into)).summary.kept).toBe(4)
    await using after = await pair({ archives: small, switches: { version: '3.1.4' } })
    expect((await run(after, into)).summary).toMatchObject({ kept: 0, alreadyKept: 4 })
    expect(after.camera.log.of('media')).toEqual([])
  })

  it('does not hide another one with the same names', async () => {
    const into = await fresh()
    await using one = await pair({ archives: small, serial: 'ACCC8E000001' })
    await using other = await pair({ archives: small, serial: 'ACCC8E000002' })
    expect((await run(one, into)).summary.kept).toBe(4)
    const second = await run(other, into)
    expect(second.summary.kept).toBe(4)
    await expectTrue(other, into, second)
  })

  it('over TLS', async () => {
    const into = await fresh()
    await using both = await pair({ archives: small, tls: true, switches: { version: '3.1.4', auth: 'digest-sha256' } })
    expect((await run(both, into)).summary).toMatchObject({ planned: 4, kept: 4 })
  })
})

describe('a transfer that breaks', () => {
  const archives = [{ bytes: 500_000 }]

  it.each([
    ['3.1.4', 'dropped', 'resumed'],
    ['3.1.4', 'kept', 'resumed'],
    ['3.1.0', 'dropped', 'restarted'],
    ['1.1.3', 'dropped', 'restarted'],
    ['1.1.3', 'kept', 'restarted'],
    ['timelapseme', 'dropped', 'restarted'],
  ] as const)('%s, length %s, is %s', async (version, length, how) => {
    const into = await fresh()
    const switches = { version, length, truncateAt: 300_000, faultTimes: 1 }
    await using both = await pair({ archives, switches })
    const { summary, events, ...rest } = await run(both, into)
    expect(summary).toMatchObject({ kept: 1 })
    await expectTrue(both, into, { summary, events, ...rest })
    expect(events.map(({ type }) => type)).toContain(how)
    const again = both.camera.log.of('media').at(-1)!
    expect(again.headers.range !== undefined && again.headers['if-range'] !== undefined).toBe(how === 'resumed')
    expect(again.status).toBe(how === 'resumed' ? 206 : 200)
  })

  it.each(['timelapseme', '1.1.3', '3.1.4'])(
    '%s, ending cleanly too early, is noticed without any length',
    async (version) => {
      const into = await fresh()
      const switches = { version, truncateAt: 300_000, truncate: 'clean' as const, faultTimes: 1 }
      await using both = await pair({ archives, switches })
      const mended = await run(both, into)
      expect(mended.summary).toMatchObject({ kept: 1 })
      await expectTrue(both, into, mended)
    },
  )

  it.each(['timelapseme', '1.1.3', '3.1.0'])('%s, always ending cleanly too early, is never kept', async (version) => {
    const into = await fresh()
    await using both = await pair({ archives, switches: { version, truncateAt: 300_000, truncate: 'clean' } })
    expect((await run(both, into)).summary).toMatchObject({ kept: 0, failed: 1 })
  })

  it('resumes nothing of a file that changed meanwhile', async () => {
    const into = await fresh()
    await using both = await pair({ archives, switches: { truncateAt: 300_000, faultTimes: 1, changeMidRun: 1 } })
    const result = await run(both, into)
    expect(result.summary).toMatchObject({ kept: 1 })
    await expectTrue(both, into, result)
  })

  it.each([
    ['stalls', { stallAt: 300_000, faultTimes: 1 }],
    ['loses its connection before the head', { dropBeforeHeaders: 1 }],
    ['is answered 503 first', { failN: 1 }],
  ])('and %s is tried again', async (_, switches) => {
    const into = await fresh()
    await using both = await pair(
      { archives, switches: { version: '1.1.3', ...switches } },
      { timeouts: { idleMs: 200 }, clock: systemClock },
    )
    const result = await run(both, into, { clock: systemClock, retry: { delayMs: 1 } })
    expect(result.summary).toMatchObject({ kept: 1 })
    await expectTrue(both, into, result)
  })

  it('with bytes too many keeps nothing that is not the file', async () => {
    for (const length of ['kept', 'dropped'] as const) {
      const into = await fresh()
      await using both = await pair({ archives, switches: { version: '1.1.3', length, grow: 5000 } })
      const result = await run(both, into)
      expect(result.summary.kept + result.summary.failed).toBe(1)
      await expectTrue(both, into, result)
    }
  })
})

describe('a camera that changes its mind', () => {
  it('and no longer has a listed file fails that one alone', async () => {
    const into = await fresh()
    await using both = await pair({ archives: small, switches: { vanish: 2 } })
    expect((await run(both, into)).summary).toMatchObject({ planned: 4, kept: 2, failed: 2 })
  })

  it('and is starting again when a file is asked for is waited for', async () => {
    const into = await fresh()
    const camera = cameraClock()
    const clock = hurriedClock()
    const wait: typeof clock.wait = (ms, signal) => {
      if (ms === 3000) camera.advance(ms)
      return clock.wait(ms, signal)
    }
    await using both = await pair({ clock: camera, archives: small })
    const { source } = both
    const restarting: Pair = {
      ...both,
      source: {
        ...source,
        open(...asked) {
          if (clock.skipped.length === 0) both.camera.set({ startupMs: 6000 })
          return source.open(...asked)
        },
      },
    }
    expect((await run(restarting, into, { clock: { ...clock, wait } })).summary).toMatchObject({ kept: 4 })
    expect(clock.skipped.filter((ms) => ms === 3000)).toHaveLength(2)
  })

  it('refuses the password: one try, and the run cannot begin', async () => {
    const into = await fresh()
    await using both = await pair({}, { password: 'wrong' })
    await expect(run(both, into)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    expect(both.camera.badLogins).toBe(1)
  })
})
