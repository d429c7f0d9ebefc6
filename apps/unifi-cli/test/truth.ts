import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TimeWindow, UnifiProtectTruth } from '@cam/simulators/unifi-protect'
import { expect } from 'vitest'

/** How far a bound may lie from the one asked for: key frames are 5 s apart. */
const snapMs = 5000
/** What is asked for once more is asked for up to two key frames from what a file surely holds. */
const seamMs = 2 * snapMs

/** One outcome, as a line of `--json` told it. */
export interface Told extends TimeWindow {
  readonly cameraId: string
  readonly outcome: string
  readonly reason?: string
  readonly path?: string
  readonly covers: readonly TimeWindow[]
  readonly fidelity?: string
}

/** Every outcome that a run told. */
export function outcomesIn(lines: readonly Record<string, unknown>[]): Told[] {
  return lines.flatMap((line) => {
    if (line.type === 'gap') {
      const gap = line.gap as { cameraId: string; start: string; end: string; outcome: string; reason: string }
      return [{ ...gap, ...windowOf(gap), covers: [] }]
    }
    if (line.type !== 'recording-ended') return []
    const { camera, recording, outcome } = line as unknown as RecordingEnded
    const covers = (outcome.covers ?? []).map(windowOf)
    return [{ cameraId: camera.id, ...windowOf(recording.window), ...outcome, covers }]
  })
}

interface RecordingEnded {
  readonly camera: { readonly id: string }
  readonly recording: { readonly window: Written }
  readonly outcome: { readonly outcome: string; readonly covers?: readonly Written[] }
}

interface Written {
  readonly start: string
  readonly end: string
}

function windowOf({ start, end }: Written): TimeWindow {
  return { start: Date.parse(start), end: Date.parse(end) }
}

/**
 * Holds what a run told and what is on disk against what the console really has. Every piece of the truth has one outcome, every
 * file is the console's bytes, nothing is claimed that was not recorded; and the sums are those of the outcomes.
 */
export function expectTruth(
  lines: readonly Record<string, unknown>[],
  dest: string,
  truth: readonly UnifiProtectTruth[],
): void {
  const told = outcomesIn(lines)
  const files = new Set(filesOf(dest))
  for (const piece of truth) {
    const own = told.filter((one) => one.cameraId === piece.cameraId && isSame(one, piece))
    const around = told.filter(
      (one) => one.cameraId === piece.cameraId && one.start <= piece.start && one.end >= piece.end,
    )
    const found = own.length > 0 ? own : around
    expect(found, `outcomes of ${text(piece)}`).toHaveLength(1)
    const [one] = found
    expect(one!.outcome, text(piece)).toBe(piece.outcome)
    if (piece.outcome !== 'kept') {
      expect(one!.reason, text(piece)).toMatch(/console/)
      continue
    }
    expect(sha256(join(dest, one!.path!)), text(piece)).toBe(piece.sha256)
    files.delete(one!.path!)
    expectWithin(one!.covers, piece.footage, text(piece))
  }
  // What was asked for once more, because a file did not hold it.
  for (const one of told) {
    if (truth.some((piece) => piece.cameraId === one.cameraId && (isSame(one, piece) || isIn(piece, one)))) continue
    const whole = truth.find((piece) => piece.cameraId === one.cameraId && isIn(one, piece))
    expect(whole?.outcome, `a part of ${text(one)}`).toBe('kept')
    expectWithin(one.covers, whole!.footage, text(one))
    if (one.path !== undefined) files.delete(one.path)
  }
  expect([...files], 'files of no outcome').toEqual([])
  expectFootage(told, truth)
  const count = (outcome: string) => told.filter((one) => one.outcome === outcome).length
  const { kept, alreadyKept, ...sum } = lines.at(-1) as Record<string, number>
  expect(Number(kept) + Number(alreadyKept)).toBe(count('kept'))
  expect(sum).toMatchObject({
    ...{ type: 'archive-ended', planned: told.length, failed: 0, skipped: 0, pending: 0 },
    ...{ absent: count('absent'), expired: count('expired') },
  })
}

/** All that was recorded is held by some file, but for seams between two of them. */
function expectFootage(told: readonly Told[], truth: readonly UnifiProtectTruth[]): void {
  for (const { cameraId, footage } of truth) {
    const held = told.filter((one) => one.cameraId === cameraId).flatMap(({ covers }) => covers)
    for (const stretch of footage) {
      let at = stretch.start
      for (const { start, end } of [...held].sort((a, b) => a.start - b.start)) {
        if (start <= at + seamMs && end > at) at = end
      }
      expect(stretch.end - at, `of ${text({ cameraId, ...stretch })} is held by no file`).toBeLessThanOrEqual(seamMs)
    }
  }
}

function expectWithin(covers: readonly TimeWindow[], footage: readonly TimeWindow[], what: string): void {
  for (const cover of covers) {
    const holds = footage.some(({ start, end }) => cover.start >= start - snapMs && cover.end <= end + snapMs)
    expect(holds, `${what} claims ${text(cover)}`).toBe(true)
  }
}

const isSame = (a: TimeWindow, b: TimeWindow) => a.start === b.start && a.end === b.end
const isIn = (a: TimeWindow, b: TimeWindow) => a.start >= b.start && a.end <= b.end

function text({ start, end, cameraId = '' }: TimeWindow & { readonly cameraId?: string }): string {
  return `${cameraId} ${new Date(start).toISOString()}/${new Date(end).toISOString()}`
}

/** Every file outside `.cam`, relative, with `/`. */
export function filesOf(dest: string): string[] {
  if (!existsSync(dest)) return []
  return readdirSync(dest, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !path.startsWith('.cam') && statSync(join(dest, path)).isFile(),
  )
}

/** What is left of transfers that did not end. */
export function leftovers(dest: string): string[] {
  return readdirSync(join(dest, '.cam'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.part$|\.tmp$/.test(path),
  )
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** A window as two flags. */
export function windowFlags({ start, end }: TimeWindow): string[] {
  return ['--start', new Date(start).toISOString(), '--end', new Date(end).toISOString()]
}
