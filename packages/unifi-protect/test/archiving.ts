import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ArchiveEvent,
  type ArchiveOptions,
  archive,
  coverage,
  durationMs,
  type Ledger,
  type LedgerRow,
  type Outcome,
  type Summary,
  subtract,
  type TimeWindow,
} from '@cam/download-core'
import type { UnifiProtectTruth } from '@cam/simulators/unifi-protect'
import { expect } from 'vitest'
import { pieceId } from '../src/client/segments.ts'

/** One run, to its end. */
export interface Ran {
  readonly summary: Summary
  readonly events: readonly ArchiveEvent[]
  /** By camera and id of the piece. */
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/** Archives, and checks the sum that always holds. */
export async function run(options: ArchiveOptions): Promise<Ran> {
  const events: ArchiveEvent[] = []
  const outcomes = new Map<string, Outcome>()
  for await (const event of archive({
    retry: { retries: 3, delayMs: 1, growth: 'fixed' },
    reserveBytes: 0,
    ...options,
  })) {
    events.push(event)
    if (event.type === 'recording-ended') outcomes.set(`${event.camera.id} ${event.recording.id}`, event.outcome)
  }
  const last = events.at(-1)
  if (last?.type !== 'archive-ended') throw new Error('The run did not end.')
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped } = last
  expect(planned).toBe(kept + alreadyKept + absent + expired + pending + failed + skipped)
  return { summary: last, events, outcomes }
}

/** How coarsely a console cuts, and twice that where two cuts meet. */
const grainMs = 10_000

/**
 * Ledger and disk against the world: each piece has the outcome it must have, each kept file the bytes, and what counts as
 * kept is the footage there is, to the grain of the console's cuts.
 */
export async function expectTrue(into: string, ledger: Ledger, truth: readonly UnifiProtectTruth[]): Promise<void> {
  const rows = new Map<string, LedgerRow>()
  for await (const row of ledger.rows()) {
    expect(row.outcome, JSON.stringify(row.key)).toBeDefined()
    if (row.kind === 'recording') rows.set(`${row.key.cameraId} ${row.key.recordingId}`, row)
  }
  const wanted = new Map<string, { footage: TimeWindow[]; window: { start: number; end: number } }>()
  for (const piece of truth) {
    const { cameraId, start, end, outcome, sha256, footage } = piece
    const camera = wanted.get(cameraId) ?? { footage: [], window: { start, end } }
    wanted.set(cameraId, camera)
    camera.footage.push(...footage)
    camera.window.end = end
    const key = `${cameraId} ${pieceId({ start, end })}`
    // What is older than the oldest footage is one stretch and no piece.
    if (outcome === 'expired' && !rows.has(key)) continue
    const row = rows.get(key)
    expect([key, row?.outcome?.outcome]).toEqual([key, outcome])
    if (outcome !== 'kept' || !row?.file) continue
    expect([key, row.file.sha256]).toEqual([key, sha256])
    const bytes = await readFile(join(into, ...row.file.path.split('/')))
    expect([key, createHash('sha256').update(bytes).digest('hex')]).toEqual([key, sha256])
  }
  for (const [cameraId, { footage, window }] of wanted) {
    const { lines } = await coverage({ ledger, window, cameras: [cameraId] })
    const kept = lines.flatMap(({ segments }) => segments.filter(({ state }) => state === 'kept'))
    expect([cameraId, coarse(subtract(kept, footage))]).toEqual([cameraId, []])
    expect([cameraId, coarse(subtract(footage, kept))]).toEqual([cameraId, []])
  }
}

function coarse(windows: readonly TimeWindow[]): TimeWindow[] {
  return windows.filter((window) => durationMs([window]) > grainMs)
}
