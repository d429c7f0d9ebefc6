import type { KeptFile } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import { durationMs, intersect, subtract, type TimeWindow, union } from '../footage/time-window.ts'
import type { ContainerReport, PictureRun } from './container/report.ts'

/** Less than this is how cameras cut, not footage that is missing. */
const roundingMs = 1000
/** How far the ends of a piece may be off that a source cut out for us, where its vendor says nothing. */
const defaultToleranceMs = 10_000

/** What a file covers, and what of it nobody can place. */
export type Covered = Pick<KeptFile, 'covers' | 'somewhere'>

/**
 * The time the file really shows. Its own length only counts where a second of film is a second of life: a time lapse covers
 * hours in seconds. See docs/decisions/coverage.md.
 */
export function covered(
  recording: Recording,
  actual: TimeWindow | undefined,
  report: ContainerReport | undefined,
): Covered {
  const window = actual ?? recording.window
  if (!window || window.start >= window.end) return { covers: [] }
  const { expect = {}, windowFrom } = recording
  const length = report?.samplesEndMs ?? report?.facts.durationMs
  if (!report || length === undefined || length <= 0) return { covers: [window] }
  const span = window.end - window.start
  const lapse =
    expect.durationMs !== undefined && Math.abs(span - expect.durationMs) > (expect.toleranceMs ?? 0) + roundingMs
  if (lapse) return { covers: [window] }
  if (windowFrom === 'asked') return placed(window, recording, report, length)
  if (expect.durationMs === undefined || span - length <= roundingMs) return { covers: [window] }
  return { covers: [{ start: window.start, end: window.start + length }] }
}

/** For a piece that the source cut out of what was asked for: it may hold less, and not say where that belongs. */
function placed(window: TimeWindow, { expect }: Recording, report: ContainerReport, length: number): Covered {
  const tolerance = expect?.toleranceMs ?? defaultToleranceMs
  const runs = report.runs ?? [{ startMs: 0, endMs: length }]
  const slack = window.end - window.start - (runs.at(-1)?.endMs ?? 0)
  const from = (start: number) => ({ covers: intersect([window], at(start, runs)) })
  // Longer than the window is normal: sources cut at key frames, outwards.
  if (slack <= tolerance) return from(window.start)
  const fits = (start: number) =>
    start >= window.start - tolerance && start < window.end && start <= window.start + slack + tolerance
  const { createdAt } = report
  // The moment it was asked for is what anybody may write there.
  if (createdAt !== undefined && createdAt > window.start + roundingMs && fits(createdAt)) return from(createdAt)
  const hints = intersect([window], expect?.windows ?? [])
  const anchors = hints
    .map(({ start }) => start - (runs[0]?.startMs ?? 0))
    .filter((start) => fits(start) && within(at(start, runs), hints, tolerance))
  // Two places that suit it as well are none.
  if (anchors.length === 1) return from(anchors[0]!)
  if (anchors.length === 0 && isStitched(runs, hints, tolerance)) return { covers: hints }
  return shared(window, runs, slack)
}

function at(start: number, runs: readonly PictureRun[]): TimeWindow[] {
  return runs.map(({ startMs, endMs }) => ({ start: start + startMs, end: start + endMs }))
}

function within(windows: readonly TimeWindow[], hints: readonly TimeWindow[], tolerance: number): boolean {
  const wide = hints.map(({ start, end }) => ({ start: start - tolerance, end: end + tolerance }))
  return subtract(windows, wide).length === 0
}

/** All of the hinted stretches, one right after the other. That one of them is left out must not pass for the slack of the others. */
function isStitched(runs: readonly PictureRun[], hints: readonly TimeWindow[], tolerance: number): boolean {
  const [run] = runs
  if (runs.length !== 1 || !run || hints.length < 2) return false
  const length = run.endMs - run.startMs
  const sum = durationMs(hints)
  const shortest = Math.min(...hints.map(({ start, end }) => end - start))
  if (Math.abs(length - sum) > tolerance * hints.length) return false
  return length > sum - shortest + tolerance * (hints.length - 1)
}

/** Wherever in the window the film begins, these moments are in it. */
function shared(window: TimeWindow, runs: readonly PictureRun[], slack: number): Covered {
  const { start } = window
  const covers = union(runs.map(({ startMs, endMs }) => ({ start: start + startMs + slack, end: start + endMs })))
  const reach = runs.map(({ startMs, endMs }) => ({ start: start + startMs, end: start + endMs + slack }))
  const ms = runs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) - durationMs(covers)
  const windows = subtract(intersect([window], reach), covers)
  return ms > 0 ? { covers, somewhere: { windows, ms } } : { covers }
}
