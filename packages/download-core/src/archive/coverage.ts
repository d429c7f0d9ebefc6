import type { Camera } from '../footage/camera.ts'
import { subtract, type TimeWindow, union } from '../footage/time-window.ts'
import type { Ledger, LedgerRow } from './ledger.ts'
import { cameraFits } from './listing.ts'
import { answersForItsWindow } from './missing.ts'

/**
 * How a stretch of time stands. `failed` includes what was lost. `absent` includes what a source was asked for in one piece with
 * footage that it has, and did not send. `unknown`: no run ever asked about it, or footage lies there and nobody knows how much.
 */
export type CoverageState = 'kept' | 'failed' | 'pending' | 'expired' | 'absent' | 'skipped' | 'unknown'

/** Where two rows speak of one moment, the first of these that applies is what counts. */
const precedence: readonly CoverageState[] = ['kept', 'failed', 'pending', 'expired', 'absent', 'skipped', 'unknown']

/** A stretch of time in one state. */
export interface CoverageSegment extends TimeWindow {
  readonly state: CoverageState
}

/** One camera and view. */
export interface CoverageLine {
  readonly sourceId: string
  readonly camera: Camera
  readonly view: string
  /** In order, without overlaps, without holes: together they are the window. */
  readonly segments: readonly CoverageSegment[]
  /** Milliseconds per state. */
  readonly totalsMs: Readonly<Record<CoverageState, number>>
  /** Recordings without a trustworthy date: they are in no segment. */
  readonly undated: { readonly kept: number; readonly notKept: number }
}

/** What the ledger holds, line by line, with the sums over all lines. */
export interface Coverage {
  readonly lines: readonly CoverageLine[]
  readonly totalsMs: Readonly<Record<CoverageState, number>>
  readonly undated: { readonly kept: number; readonly notKept: number }
}

/** What of the ledger is looked at. */
export interface CoverageOptions {
  readonly ledger: Ledger
  /** Default: per camera, from the first to the last moment that the ledger knows of. */
  readonly window?: TimeWindow
  readonly sourceId?: string
  /** Ids, names or globs. Default: all. */
  readonly cameras?: readonly string[]
  /** Holes up to this long between two kept pieces are counted as kept: cameras cut at whole frames. Default 2,000. */
  readonly joinMs?: number
}

/** What the ledger holds of each camera's time. Needs no source. */
export async function coverage(options: CoverageOptions): Promise<Coverage> {
  const { ledger, window, sourceId, cameras, joinMs = 2000 } = options
  const groups = new Map<string, { readonly camera: Camera; readonly rows: LedgerRow[] }>()
  for await (const row of ledger.rows({
    ...(sourceId === undefined ? {} : { sourceId }),
    ...(window ? { window } : {}),
  })) {
    // A picture has no length: `pictureCoverage` counts them.
    if (row.kind === 'slot') continue
    if (cameras?.length && !cameras.some((word) => cameraFits(row.camera, word))) continue
    const id = JSON.stringify([row.key.sourceId, row.key.cameraId])
    const group = groups.get(id) ?? { camera: row.camera, rows: [] }
    groups.set(id, group)
    group.rows.push(row)
  }
  const lines = [...groups.values()].flatMap(({ camera, rows }) => linesOf(camera, rows, window, joinMs))
  return { lines, totalsMs: sum(lines.map((line) => line.totalsMs)), undated: sum(lines.map((line) => line.undated)) }
}

/** Stretches that hold no footage though they might: everything but `kept` and `absent`. */
export function gaps({ lines }: Coverage): (CoverageSegment & Pick<CoverageLine, 'sourceId' | 'camera' | 'view'>)[] {
  return lines.flatMap(({ sourceId, camera, view, segments }) =>
    segments
      .filter(({ state }) => state !== 'kept' && state !== 'absent')
      .map((segment) => ({ sourceId, camera, view, ...segment })),
  )
}

function linesOf(
  camera: Camera,
  rows: readonly LedgerRow[],
  window: TimeWindow | undefined,
  joinMs: number,
): CoverageLine[] {
  const recorded = new Set(
    rows.filter(({ kind, key }) => kind === 'recording' || key.view !== '').map(({ key }) => key.view),
  )
  // A list that failed, or a gap, speaks of all views unless it names one.
  const views = recorded.size > 0 ? [...recorded] : [...new Set(rows.map(({ key }) => key.view))]
  return views.sort().map((view) => {
    const own = rows.filter((row) => row.key.view === view || (row.key.view === '' && row.kind !== 'recording'))
    const span = window ?? spanOf(own)
    const segments = span ? segmentsOf(own, span, joinMs) : []
    const totalsMs = Object.fromEntries(precedence.map((state) => [state, 0])) as Record<CoverageState, number>
    for (const { state, start, end } of segments) totalsMs[state] += end - start
    const undated = { kept: 0, notKept: 0 }
    for (const row of own) {
      if (row.kind === 'recording' && !row.window && windowsOf(row).length === 0)
        undated[stateOf(row) === 'kept' ? 'kept' : 'notKept']++
    }
    return { sourceId: rows[0]!.key.sourceId, camera, view, segments, totalsMs, undated }
  })
}

function segmentsOf(rows: readonly LedgerRow[], span: TimeWindow, joinMs: number): CoverageSegment[] {
  const segments: CoverageSegment[] = []
  let rest: TimeWindow[] = [span]
  const claim = (state: CoverageState, claimed: readonly TimeWindow[]) => {
    const left = subtract(rest, claimed)
    segments.push(...subtract(rest, left).map((part) => ({ ...part, state })))
    rest = left
  }
  const windowsIn = (state: CoverageState) =>
    rows
      .filter((row) => stateOf(row) === state)
      .flatMap((row) => (row.kind === 'listing' && !row.window ? [span] : windowsOf(row)))
  for (const state of precedence) {
    if (state === 'unknown') continue
    claim(state, state === 'kept' ? joinUnlessKnown(union(windowsIn(state)), rows, joinMs) : windowsIn(state))
  }
  // Whatever else is known of a moment, even that it was never answered for, says more than a file that does not hold it.
  claim('unknown', windowsIn('unknown'))
  // Of two such files the one that was asked for less says more: footage that it may hold is not absent because the other has none.
  for (const row of rows.filter(isAsked).sort((a, b) => lengthOf(a) - lengthOf(b))) {
    claim('absent', notSent(row))
    claim('unknown', row.file?.somewhere?.windows ?? [])
  }
  claim('unknown', rest)
  return merged(segments.sort((a, b) => a.start - b.start))
}

function merged(segments: readonly CoverageSegment[]): CoverageSegment[] {
  const all: CoverageSegment[] = []
  for (const next of segments) {
    const last = all.at(-1)
    if (last?.state === next.state) all[all.length - 1] = { ...last, end: next.end }
    else all.push(next)
  }
  return all
}

/** What a kept file really holds counts; the window it was listed with only where the file does not tell. */
function windowsOf(row: LedgerRow): readonly TimeWindow[] {
  const { window, file } = row
  if (file && answersForItsWindow(row)) {
    if (stateOf(row) === 'kept') return file.covers
    // What is lost with a file is what it held.
    const held = union([...file.covers, ...(file.somewhere?.windows ?? [])])
    if (row.outcome?.outcome === 'lost' && held.length > 0) return held
  }
  if (stateOf(row) === 'kept' && file?.covers.length) return file.covers
  return window ? [window] : []
}

/** Cut out of what was asked for, and there, or known to have been. */
function isAsked(row: LedgerRow): boolean {
  return answersForItsWindow(row) && (stateOf(row) === 'kept' || row.outcome?.outcome === 'lost')
}

function lengthOf({ window }: LedgerRow): number {
  return window ? window.end - window.start : 0
}

/** Asked for in one piece with what the file holds, and certainly not in it. */
function notSent({ window, file }: LedgerRow): readonly TimeWindow[] {
  return subtract(window ? [window] : [], [...(file?.covers ?? []), ...(file?.somewhere?.windows ?? [])])
}

function stateOf({ outcome }: LedgerRow): CoverageState {
  if (!outcome) return 'unknown'
  if (outcome.outcome === 'handed-over') return 'kept'
  return outcome.outcome === 'lost' ? 'failed' : outcome.outcome
}

/** A hole that is how cameras cut, and not one of which the ledger knows that something is missing there. */
function joinUnlessKnown(kept: readonly TimeWindow[], rows: readonly LedgerRow[], joinMs: number): TimeWindow[] {
  const missing = rows.filter((row) => row.kind === 'recording' && stateOf(row) !== 'kept').flatMap(windowsOf)
  return union([...kept, ...subtract(join(kept, joinMs), missing)])
}

function join(windows: readonly TimeWindow[], joinMs: number): TimeWindow[] {
  const joined: TimeWindow[] = []
  for (const next of windows) {
    const last = joined.at(-1)
    if (last && next.start - last.end <= joinMs) joined[joined.length - 1] = { start: last.start, end: next.end }
    else joined.push(next)
  }
  return joined
}

function spanOf(rows: readonly LedgerRow[]): TimeWindow | undefined {
  const windows = union(rows.flatMap((row) => [...windowsOf(row), ...(row.window ? [row.window] : [])]))
  return windows.length === 0 ? undefined : { start: windows[0]!.start, end: windows.at(-1)!.end }
}

function sum<Key extends string>(records: readonly Readonly<Record<Key, number>>[]): Record<Key, number> {
  const total = {} as Record<Key, number>
  for (const record of records) {
    for (const key of Object.keys(record) as Key[]) total[key] = (total[key] ?? 0) + record[key]
  }
  return total
}
