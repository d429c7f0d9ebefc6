import type { KeptFile } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import { durationMs, intersect, subtract, type TimeWindow } from '../footage/time-window.ts'
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
  const span = runs.at(-1)?.endMs ?? 0
  const slack = window.end - window.start - span
  const hints = intersect([window], expect?.windows ?? [])
  const at = (start: number) => runs.map(({ startMs, endMs }) => ({ start: start + startMs, end: start + endMs }))
  const from = (start: number) => ({ covers: intersect([window], at(start)) })
  // Longer than the window is normal: sources cut at key frames, outwards.
  if (Math.abs(slack) <= tolerance || (slack < 0 && runs.length === 1)) return from(window.start)
  const timed = keepsTime(runs, tolerance)
  const places = timed ? hints : chains(hints, 2 * tolerance)
  const fits = (start: number) =>
    start >= window.start + Math.min(slack, 0) - tolerance &&
    start <= window.start + Math.max(slack, 0) + tolerance &&
    (hints.length === 0 || within(at(start), hints, tolerance)) &&
    // Footage that was joined ends too early for its beginning.
    (timed || [window, ...places].some(({ end }) => Math.abs(start + span - end) <= tolerance))
  const { createdAt } = report
  // The moment it was asked for is what anybody may write there.
  const stated = createdAt !== undefined && Math.abs(createdAt - window.start) > roundingMs
  if (stated && fits(createdAt)) return from(createdAt)
  const lead = runs[0]?.startMs ?? 0
  const anchors = places
    .filter((place) => timed || !othersMayAddUp(place, places, span - lead, tolerance))
    .map(({ start }) => start - lead)
    .filter(fits)
  // Two places that suit it as well are none.
  if (anchors.length === 1) return from(anchors[0]!)
  if (anchors.length === 0 && isStitched(runs, hints, tolerance)) return { covers: hints }
  return timed ? shared(window, runs, slack) : joined(window, runs, hints, tolerance)
}

/**
 * Whether the film certainly shows pauses where footage pauses: it has one that only a hole in the footage explains. Any other film
 * may be pieces that were joined, and a camera's hiccup within a piece proves nothing.
 */
function keepsTime(runs: readonly PictureRun[], tolerance: number): boolean {
  return runs.some(({ startMs }, index) => startMs - (runs[index - 1]?.endMs ?? 0) > tolerance)
}

function within(windows: readonly TimeWindow[], hints: readonly TimeWindow[], tolerance: number): boolean {
  const wide = hints.map(({ start, end }) => ({ start: start - tolerance, end: end + tolerance }))
  return subtract(windows, wide).length === 0
}

/** Stretches so close to each other that a film of several of them looks like one. */
function chains(hints: readonly TimeWindow[], apartMs: number): TimeWindow[] {
  const found: TimeWindow[] = []
  for (const { start, end } of hints) {
    const last = found.at(-1)
    if (last && start - last.end <= apartMs) found[found.length - 1] = { start: last.start, end }
    else found.push({ start, end })
  }
  return found
}

/** Whether what looks like one of the hinted places may as well be some of the others, joined. */
function othersMayAddUp(place: TimeWindow, places: readonly TimeWindow[], length: number, tolerance: number): boolean {
  return durationMs(places) - (place.end - place.start) + tolerance * (places.length - 1) >= length
}

/**
 * All of the hinted stretches, one right after the other. Each may be a little longer; that one of them, or a part of it, is left
 * out must not pass for the slack of the others.
 */
function isStitched(runs: readonly PictureRun[], hints: readonly TimeWindow[], tolerance: number): boolean {
  const [run] = runs
  if (runs.length !== 1 || !run || hints.length < 2) return false
  const length = run.endMs - run.startMs
  const sum = durationMs(hints)
  const shortest = Math.min(...hints.map(({ start, end }) => end - start))
  if (length < sum - tolerance || length > sum + tolerance * hints.length) return false
  return length > sum - shortest + tolerance * (hints.length - 1)
}

/** Wherever the film begins, these moments of the window are in it. It begins anywhere up to `slack` from where the window does. */
function shared(window: TimeWindow, runs: readonly PictureRun[], slack: number): Covered {
  const first = window.start + Math.min(slack, 0)
  const last = window.start + Math.max(slack, 0)
  const sure = runs.map(({ startMs, endMs }) => ({ start: last + startMs, end: first + endMs }))
  const covers = intersect([window], sure)
  const reach = runs.map(({ startMs, endMs }) => ({ start: first + startMs, end: last + endMs }))
  const windows = subtract(intersect([window], reach), covers)
  const ms = lengthOf(runs) + Math.min(slack, 0) - durationMs(covers)
  return ms > 0 ? { covers, somewhere: { windows, ms } } : { covers }
}

/** Pieces that may have been joined lie anywhere, or anywhere where the index has as much. */
function joined(
  window: TimeWindow,
  runs: readonly PictureRun[],
  hints: readonly TimeWindow[],
  tolerance: number,
): Covered {
  const ms = lengthOf(runs)
  const hinted = ms > 0 && durationMs(hints) + tolerance * hints.length >= ms
  return ms > 0 ? { covers: [], somewhere: { windows: hinted ? hints : [window], ms } } : { covers: [] }
}

function lengthOf(runs: readonly PictureRun[]): number {
  return runs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
}
