import type { Camera } from '../footage/camera.ts'
import { overlaps, subtract, type TimeWindow, union } from '../footage/time-window.ts'
import type { Failed } from './failure.ts'
import type { LedgerRow } from './ledger.ts'
import { cameraFits } from './listing.ts'
import type { Planning } from './planning.ts'
import { type AskedRange, type Besides, isGrowing, knownAndMissing } from './windows.ts'

type Reading = Pick<Planning, 'ledger' | 'sourceId' | 'source' | 'now'>

const dayMs = 86_400_000
/** What a source refused for good is asked for once a day all the same: rights are given back, and faults of a source are mended. */
const refusedLastsMs = dayMs
/** Whatever failed of footage so old has failed more than once: it is asked for as seldom as if it were refused. */
const oldAfterMs = 3 * dayMs
/** How far behind what is left undone a clip that grows is looked for. */
const growsForMs = dayMs

/** What earlier runs left undone of a camera, outside of the window that is asked for now. `undefined`: nothing. */
export async function besidesOf(
  planning: Reading,
  camera: Camera,
  window: TimeWindow | undefined,
): Promise<Besides | undefined> {
  // All there is leaves nothing outside.
  if (!window) return undefined
  const rows: LedgerRow[] = []
  for await (const row of leftUndone(planning, camera.id)) rows.push(row)
  return rows.length === 0 ? undefined : sorted(planning, camera, rows, window)
}

/** The same of chosen cameras that the source does not list any more: all of it, for no window holds anything of theirs. */
export async function* ofGoneCameras(
  planning: Reading & Pick<Planning, 'cameras'>,
  listed: ReadonlySet<string>,
): AsyncGenerator<AskedRange> {
  const { cameras } = planning
  const gone = new Map<string, { readonly camera: Camera; readonly rows: LedgerRow[] }>()
  for await (const row of leftUndone(planning)) {
    const { camera } = row
    if (listed.has(camera.id)) continue
    if (cameras?.length && !cameras.some((word) => cameraFits(camera, word))) continue
    const known = gone.get(camera.id) ?? { camera, rows: [] }
    gone.set(camera.id, known)
    known.rows.push(row)
  }
  for (const { camera, rows } of gone.values()) {
    const left = await sorted(planning, camera, rows, 'gone')
    if (left) yield { camera, known: [], windows: [], besides: left, gone: true }
  }
}

async function* leftUndone({ ledger, sourceId, now }: Reading, cameraId?: string): AsyncGenerator<LedgerRow> {
  const filter = { sourceId, ...(cameraId === undefined ? {} : { cameraId }) }
  for await (const row of ledger.rows({ ...filter, outcomes: ['failed', 'lost', 'pending'] })) {
    // A list that failed stands for footage that nobody knows of: it is asked for again whatever it failed with.
    if (row.kind === 'listing' || (row.kind !== 'slot' && isDue(row, now, cameraId === undefined))) yield row
  }
  for await (const row of ledger.rows({ ...filter, unfinished: true })) if (row.kind !== 'slot') yield row
}

/** Whether it is time to try a recording again. */
function isDue({ outcome, window, endedAt = 0 }: LedgerRow, now: number, gone: boolean): boolean {
  if (outcome?.outcome === 'lost') return !outcome.final
  // What was not tried, or not to its end, is not known to fail.
  if (outcome?.outcome !== 'failed' || (outcome.retryable && wasCutShort(outcome))) return true
  const isSeldom = !outcome.retryable || (window !== undefined && window.end <= now - oldAfterMs)
  if (!isSeldom) return true
  return !(gone && !outcome.retryable) && endedAt <= now - refusedLastsMs
}

function wasCutShort({ attempts, code }: Failed): boolean {
  return attempts === 0 || code === 'INTERRUPTED'
}

async function sorted(
  planning: Reading,
  camera: Camera,
  rows: readonly LedgerRow[],
  window: TimeWindow | 'gone',
): Promise<Besides | undefined> {
  const gone = window === 'gone'
  const cut = planning.source.identity === 'window'
  const known: LedgerRow[] = []
  const pending: LedgerRow[] = []
  const again: LedgerRow[] = []
  const near: TimeWindow[] = []
  const grows = planning.source.remainder !== undefined && !cut && !gone
  const lists: LedgerRow[] = []
  const anew: (TimeWindow | undefined)[] = []
  for (const row of rows) {
    const outside = gone || (row.window !== undefined && !overlaps(row.window, window))
    if (row.kind === 'listing') {
      lists.push(row)
      if (!gone || !isRefused(row)) anew.push(row.window)
    } else if (row.kind === 'gap') anew.push(row.window)
    else if (gone) known.push(settled(row))
    // Of a piece that grows on both sides of the window's edge the rest is asked for as well.
    else if (cut ? isGrowing(row) && reachesOut(row, window) : outside && isWaiting(row)) {
      pending.push(row)
      anew.push(row.window)
      if (grows && row.window) near.push(nearTo(row.window, window, planning.now))
    } else if (outside && grows && row.window) {
      again.push(row)
      near.push(nearTo(row.window, window, planning.now))
    } else if (outside) known.push(row)
  }
  const wanted = union(anew.flatMap((one) => (one ? [ofSomeLength(one)] : [])))
  // What the source refused to list of a camera that is gone stays refused.
  const held = gone ? lists.flatMap((row) => (isRefused(row) && row.window ? [row.window] : [])) : [window]
  const windows: (TimeWindow | undefined)[] = []
  for (const one of anew.includes(undefined) ? [undefined] : subtract(wanted, held)) {
    // Pieces that the ledger knows keep their identity: only what no row answers for is asked for.
    windows.push(...(cut ? (await knownAndMissing(planning, camera, one)).windows : [one]))
  }
  const listedAnyway = windows.flatMap((one) => one ?? [])
  const around = windows.includes(undefined) || gone ? [] : subtract(near, [window, ...listedAnyway])
  const some = known.length + pending.length + again.length + windows.length > 0
  return some ? { known, pending, again, lists, windows, around } : undefined
}

/** Where the rest of it is that has come since: as a longer clip, or as more pieces of it. */
function nearTo({ start, end }: TimeWindow, asked: TimeWindow, now: number): TimeWindow {
  const last = end <= asked.start ? Math.min(asked.start, end + growsForMs) : Math.min(now, end + growsForMs)
  return { start, end: Math.max(last, end, start + 1) }
}

function reachesOut({ window }: LedgerRow, asked: TimeWindow): boolean {
  return window !== undefined && subtract([window], [asked]).length > 0
}

/** Its row may be newer now than the ledger knows: it grew, or was not ready. */
function isWaiting(row: LedgerRow): boolean {
  return row.outcome?.outcome === 'pending' || isGrowing(row)
}

function isRefused({ kind, outcome }: LedgerRow): boolean {
  return kind === 'listing' && outcome?.outcome === 'failed' && !outcome.retryable
}

/** As the ledger knows it, and no longer as a piece that grows: nobody lists it any more who could say when it has ended. */
export function settled(row: LedgerRow): LedgerRow {
  if (row.recording?.settled !== false) return row
  const { settled: _, ...recording } = row.recording
  return { ...row, recording }
}

/** A moment is a stretch that can be asked for, too. */
function ofSomeLength({ start, end }: TimeWindow): TimeWindow {
  return { start, end: Math.max(end, start + 1) }
}
