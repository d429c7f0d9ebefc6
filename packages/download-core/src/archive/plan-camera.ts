import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import { type Gap, isGap, type Recording } from '../footage/recording.ts'
import { overlaps, type TimeWindow } from '../footage/time-window.ts'
import { settled } from './also-failed.ts'
import type { PlannedRecording } from './decide.ts'
import type { ArchiveEvent } from './events.ts'
import { failedOf, interrupted, outcomeOfGap } from './failure.ts'
import { growthOf } from './growth.ts'
import { gapKey, listingKey, recordingKey } from './keys.ts'
import type { LedgerRow, PlannedRow, RowKey } from './ledger.ts'
import { type Listing, listRecordings } from './listing.ts'
import { keyText } from './memory-ledger.ts'
import type { PlannedStretch, Planning } from './planning.ts'
import { type AskedRange, type Besides, isListed, settledListings } from './windows.ts'

/** A plan that grows, camera by camera. */
export interface Draft {
  /** `known`: as the ledger knows it, whatever a list says. */
  readonly recordings: Map<string, PlannedRecording & { readonly known?: true }>
  readonly stretches: Map<string, PlannedStretch>
  readonly outdated: RowKey[]
  readonly remainders: PlannedStretch[]
}

/** What came of asking for one camera's windows. */
interface Heard {
  readonly listed: { readonly window: TimeWindow | undefined; readonly gaps: Set<string> }[]
  readonly failed: { readonly window: TimeWindow | undefined }[]
  readonly found: (Recording | Gap)[]
  readonly count: { recordings: number; gaps: number; bytes: number; exact: boolean }
}

/** Plans what one camera is asked for. Answers why the source must not be asked anything any more, if that is so. */
export async function* planCamera(
  planning: Planning,
  asked: AskedRange,
  draft: Draft,
): AsyncGenerator<ArchiveEvent, CamError | undefined> {
  const { camera, besides, growing = [] } = asked
  const heard: Heard = {
    listed: [],
    failed: [],
    found: [],
    count: { recordings: 0, gaps: 0, bytes: 0, exact: true },
  }
  takeKnown(asked.known, camera, draft, heard)
  const stopped = yield* listInto(planning, camera, asked.windows, draft, heard)
  if (stopped) return stopped
  if (!asked.gone && heard.failed.length === 0) {
    const { recordings, gaps, bytes, exact } = heard.count
    yield { type: 'camera-listed', camera, recordings, gaps, ...(exact ? { bytes } : {}) }
  }
  if (besides) {
    yield { type: 'notice', camera, text: noticeOf(camera, besides, asked.gone) }
    takeKnown(besides.known, camera, draft, heard)
    const stopped = yield* listInto(planning, camera, besides.windows, draft, heard)
    if (stopped) return stopped
    const left = new Set([...besides.pending, ...besides.again].map(({ key }) => keyText(key)))
    const stoppedAround = yield* listInto(planning, camera, besides.around, draft, heard, left)
    if (stoppedAround) return stoppedAround
    // Also where a list failed: what has come behind it is found by the next list, and is asked for by itself.
    const again = besides.again.map((row) => (isListed(row.window, heard.listed) ? settled(row) : row))
    takeKnown(again, camera, draft, heard)
    takeUnlisted(besides.pending, planning, camera, draft, heard)
    // What failed again is told by the lists of this run.
    const told = [...heard.listed, ...heard.failed]
    draft.outdated.push(...besides.lists.flatMap(({ key, window }) => (isListed(window, told) ? [key] : [])))
  }
  for (const { key, window } of growing) {
    if (!draft.recordings.has(keyText(key)) && isListed(window, heard.listed)) draft.outdated.push(key)
  }
  for await (const { drop, remainders } of settledListings(planning, camera, heard.listed)) {
    draft.outdated.push(drop)
    draft.remainders.push(...remainders.filter(({ row }) => !isListed(row.window, heard.failed)))
  }
  return undefined
}

/** Rows that are in the plan as the ledger knows them, unless a list of this run had them. */
function takeKnown(rows: readonly LedgerRow[], camera: Camera, draft: Draft, { count }: Heard): void {
  for (const row of rows) {
    const { key, recording } = row
    if (!recording || draft.recordings.has(keyText(key))) continue
    draft.recordings.set(keyText(key), { key, camera, recording, row, known: true })
    count.recordings++
    weigh(count, recording.bytes)
  }
}

/** Pending rows that a list without failure does not have any more: what is in its place, or the source's word about it. */
function takeUnlisted(
  rows: readonly LedgerRow[],
  { source }: Planning,
  camera: Camera,
  draft: Draft,
  heard: Heard,
): void {
  for (const row of rows) {
    const { key, window } = row
    if (draft.recordings.has(keyText(key)) || !isListed(window, heard.listed)) continue
    const replaced =
      source.identity === 'window' &&
      heard.found.some((item) => {
        const there = isGap(item) ? item : item.window
        return window && there && (item.view ?? '') === key.view && overlaps(there, window)
      })
    if (replaced) draft.outdated.push(key)
    else takeKnown([settled(row)], camera, draft, heard)
  }
}

/**
 * Lists each window, and plans what there is. A list that fails is in the plan as just that. `left`: what else the ledger has an
 * outcome of stays out of the plan, unless it has grown.
 */
async function* listInto(
  planning: Planning,
  camera: Camera,
  windows: readonly (TimeWindow | undefined)[],
  { recordings, stretches }: Draft,
  { listed, failed, found, count }: Heard,
  left?: ReadonlySet<string>,
): AsyncGenerator<ArchiveEvent, CamError | undefined> {
  for (const window of windows) {
    const listing = await list(planning, camera, window)
    let { error } = listing
    const here = new Set<string>()
    const due = [...listing.recordings]
    // Grows as it is read: what came behind a kept recording may have been kept and gone on itself.
    for (const listedNow of due) {
      const key = recordingKey(planning.sourceId, listedNow)
      const text = keyText(key)
      const known = recordings.get(text)
      if (known?.known) continue
      const row = await planning.ledger.find(key)
      if (left && !known && !left.has(text) && isDoneWith(row, listedNow)) continue
      const { recording, remainders, ...growth } = growthOf(planning.source, camera, listedNow, row)
      due.push(...remainders)
      error ??= growth.error
      if (here.has(text)) {
        yield { type: 'notice', camera, text: `Recording ${recording.id} was listed twice; it is taken once.` }
      }
      here.add(text)
      if (!known) {
        count.recordings++
        weigh(count, recording.bytes)
      }
      recordings.set(text, { key, camera, recording, ...(row ? { row } : {}) })
      found.push(recording)
    }
    const gaps = new Set<string>()
    for (const gap of listing.gaps) {
      const key = gapKey(planning.sourceId, gap)
      gaps.add(keyText(key))
      count.gaps++
      const row = { key, kind: 'gap', camera, window: { start: gap.start, end: gap.end } } as const
      stretches.set(keyText(key), { row, outcome: outcomeOfGap(gap, planning.now), gap })
      found.push(gap)
      yield { type: 'gap', camera, gap }
    }
    if (!error) {
      listed.push({ window, gaps })
      continue
    }
    failed.push({ window })
    yield { type: 'listing-failed', camera, error }
    const key = listingKey(planning.sourceId, camera.id, window)
    const row: PlannedRow = { key, kind: 'listing', camera, ...(window ? { window } : {}) }
    stretches.set(keyText(key), { row, outcome: failedOf(error, 1) })
    if (error.stops === 'run') return error
  }
  return undefined
}

/** Ended one way or another, and listed as it was then. */
function isDoneWith(row: LedgerRow | undefined, { window }: Recording): boolean {
  if (!row?.outcome || row.outcome.outcome === 'pending') return false
  return row.window?.start === window?.start && row.window?.end === window?.end
}

function noticeOf({ name, id }: Camera, besides: Besides, gone = false): string {
  const recordings = besides.known.length + besides.pending.length + besides.again.length
  const windows = [...besides.windows, ...besides.around]
  const left = [
    ...(recordings > 0 ? [`${recordings} recording${recordings === 1 ? '' : 's'}`] : []),
    ...(windows.length > 0
      ? [`${windows.length} stretch${windows.length === 1 ? '' : 'es'} of time to list anew`]
      : []),
  ]
  const whose = gone ? `${name || id}, which is not listed any more` : name || id
  return `Taking up what earlier runs left undone of ${whose}: ${left.join(', ')}.`
}

async function list(planning: Planning, camera: Camera, window: TimeWindow | undefined): Promise<Listing> {
  if (planning.stop?.aborted) return { recordings: [], gaps: [], error: interrupted() }
  return listRecordings(planning.source, camera, window, planning.signal)
}

function weigh(count: { bytes: number; exact: boolean }, bytes: number | undefined): void {
  if (bytes === undefined) count.exact = false
  else count.bytes += bytes
}
