import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coverage, durationMs, memoryLedger, subtract, type TimeWindow } from '@cam/download-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './archiving.ts'
import { cameraA, cameraB, hour, minute, type Pair, pair, span, worldOf } from './pretend-console.ts'

let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'unifi-covers-'))
})
afterAll(() => rm(folders, { recursive: true, force: true }))
const fresh = () => mkdtemp(join(folders, 'run-'))

/** What a run counts as kept, and what the world has. */
async function kept({ source, clock, console }: Pair, window: TimeWindow, cameraId: string) {
  const ledger = memoryLedger()
  const options = { source, into: await fresh(), ledger, window, clock, cameras: [cameraId] }
  const { summary, events } = await run(options)
  const { lines } = await coverage({ ledger, window })
  const claimed = lines.flatMap(({ segments }) => segments.filter(({ state }) => state === 'kept'))
  const footage = console.truth(window).flatMap((piece) => (piece.cameraId === cameraId ? piece.footage : []))
  const overMs = durationMs(subtract(claimed, footage))
  const underMs = durationMs(subtract(footage, claimed))
  return {
    summary,
    overMs,
    underMs,
    footageMs: durationMs(footage),
    notices: events.flatMap((e) => (e.type === 'notice' ? [e.text] : [])),
  }
}

describe('a film with gaps', () => {
  const window = span('2026-10-24T23:00:00+02:00', '2026-10-25T04:00:00+01:00')
  const forms = [
    { sparse: 'timeline', creationTime: 'footage' },
    { sparse: 'timeline', creationTime: 'none' },
    { sparse: 'timeline', creationTime: 'now' },
    { sparse: 'edit', creationTime: 'footage' },
    { sparse: 'edit', creationTime: 'none' },
    { sparse: 'edit', creationTime: 'now' },
    { sparse: 'stitched', creationTime: 'footage' },
    { sparse: 'stitched', creationTime: 'none' },
    { sparse: 'stitched', creationTime: 'now' },
  ] as const

  it.each(forms)('in the form %j is never counted for more than it shows', async (switches) => {
    await using both = await pair({ switches: { world: 'dst', ...switches } })
    const { summary, overMs, underMs, footageMs } = await kept(both, window, cameraB)
    expect(summary.failed).toBe(0)
    expect(footageMs).toBeGreaterThan(5 * minute)
    // Padded events and key frames are some seconds apart, at each end of each of a dozen stretches.
    expect(overMs).toBeLessThan(minute)
    if (switches.sparse === 'edit' || (switches.sparse === 'timeline' && switches.creationTime === 'footage')) {
      expect(underMs).toBeLessThan(minute)
    }
  })
})

describe('a console that drops what it has', () => {
  const window = span('2026-11-02T08:00:00Z', '2026-11-02T10:00:00Z')

  const forms = (['timeline', 'edit', 'stitched'] as const).flatMap((sparse) =>
    (['footage', 'none', 'now'] as const).map((creationTime) => ({ sparse, creationTime })),
  )

  it.each(forms)('is asked for that again by itself, in the same run, and it is all there then: %j', async (form) => {
    const drop = `${cameraA}@2026-11-02T08:20:00Z/2026-11-02T08:31:00Z`
    await using both = await pair({ world: worldOf(window, {}), switches: { drop, ...form } })
    const { summary, overMs, underMs, notices } = await kept(both, window, cameraA)
    expect(summary).toMatchObject({ kept: summary.planned, failed: 0, absent: 0 })
    const asked = both.console.log.of('media').map(({ target }) => {
      const query = new URL(target, 'https://x').searchParams
      return { start: Number(query.get('start')), end: Number(query.get('end')) }
    })
    const dropped = span('2026-11-02T08:20:00Z', '2026-11-02T08:31:00Z')
    expect(
      durationMs(
        subtract(
          [dropped],
          asked.filter(({ start, end }) => end - start < hour),
        ),
      ),
    ).toBeLessThanOrEqual(20_000)
    expect(overMs).toBeLessThanOrEqual(20_000)
    expect(underMs).toBeLessThanOrEqual(20_000)
    expect(notices.join(' ')).toContain('Asking again')
  })

  it('or does not have it after all: the console says so, and nobody asks a third time', async () => {
    const hole = span('2026-11-02T08:20:00Z', '2026-11-02T08:31:00Z')
    const recorded = [
      { start: window.start, end: hole.start },
      { start: hole.end, end: window.start + hour },
    ]
    await using both = await pair({ world: worldOf(window, { recorded }) })
    const first = await kept(both, { start: window.start, end: window.start + hour }, cameraA)
    expect(first.summary).toMatchObject({ planned: 2, kept: 1, absent: 1 })
    expect(both.console.exports.asked).toBe(2)
    expect([first.overMs, first.underMs]).toEqual([0, 0])
  })
})
