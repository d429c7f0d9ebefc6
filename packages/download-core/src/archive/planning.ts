import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Gap } from '../footage/recording.ts'
import type { FootageSource } from '../footage/source.ts'
import { overlaps, type TimeWindow } from '../footage/time-window.ts'
import { checkWindow } from './check-options.ts'
import type { PlannedRecording } from './decide.ts'
import type { ArchiveEvent } from './events.ts'
import { failedOf, interrupted, outcomeOfGap } from './failure.ts'
import { gapKey, listingKey, recordingKey } from './keys.ts'
import type { Ledger, LedgerRow, PlannedRow, RowKey } from './ledger.ts'
import { cameraFits, type Listing, listCameras, listRecordings, selectCameras } from './listing.ts'
import { keyText } from './memory-ledger.ts'
import { type AskedRange, isListed, knownAndMissing, settledListings } from './windows.ts'

/** Rows that are no recordings: their outcome is known as soon as they are planned. */
export interface PlannedStretch {
  readonly row: PlannedRow
  readonly outcome: Outcome
  readonly gap?: Gap
}

/** Everything a run will account for. */
export interface Plan {
  readonly recordings: readonly PlannedRecording[]
  readonly stretches: readonly PlannedStretch[]
  /** Gaps, failed listings and growing pieces of earlier runs that this one's listings contradict. */
  readonly outdated: readonly RowKey[]
  /** What is left of failed listings of which this run's listings cover a part. Not counted: no part of this run. */
  readonly remainders: readonly PlannedStretch[]
  /** Why the source must not be asked anything any more. Only in plans for given ranges; others throw it. */
  readonly stopped?: CamError
}

/** What a plan is made from. */
export interface Planning {
  readonly source: FootageSource
  readonly sourceId: string
  readonly ledger: Ledger
  readonly window?: TimeWindow
  readonly windowFor?: (camera: Camera) => TimeWindow | undefined | Promise<TimeWindow | undefined>
  readonly cameras?: readonly string[]
  readonly onlyFailed: boolean
  readonly now: number
  readonly signal: AbortSignal
  readonly stop?: AbortSignal
}

/**
 * Asks the source what should exist. A camera whose list fails is in the plan as just that. Writes nothing. `ranges`: what to ask
 * for, in place of what `planning` says; a refusal that stops the run then leaves only the lists that failed in the plan.
 */
export async function* makePlan(
  planning: Planning,
  ranges?: readonly AskedRange[],
): AsyncGenerator<ArchiveEvent, Plan> {
  const recordings = new Map<string, PlannedRecording>()
  const stretches = new Map<string, PlannedStretch>()
  const outdated: RowKey[] = []
  const remainders: PlannedStretch[] = []
  for await (const asked of ranges ?? (planning.onlyFailed ? failedBefore(planning) : wholeCameras(planning))) {
    const { camera } = asked
    for (const row of asked.known) {
      if (row.recording) recordings.set(keyText(row.key), { key: row.key, camera, recording: row.recording, row })
    }
    const listed: { readonly window: TimeWindow | undefined; readonly gaps: Set<string> }[] = []
    const count = { recordings: asked.known.length, gaps: 0, bytes: 0, exact: true, failed: false }
    for (const row of asked.known) weigh(count, row.recording?.bytes)
    for (const window of asked.windows) {
      const listing = await list(planning, camera, window)
      const gaps = new Set<string>()
      for (const recording of listing.recordings) {
        const key = recordingKey(planning.sourceId, recording)
        if (recordings.has(keyText(key))) {
          if (asked.known.some((row) => keyText(row.key) === keyText(key))) continue
          yield { type: 'notice', camera, text: `Recording ${recording.id} was listed twice; it is taken once.` }
        } else {
          count.recordings++
          weigh(count, recording.bytes)
        }
        const row = await planning.ledger.find(key)
        recordings.set(keyText(key), { key, camera, recording, ...(row ? { row } : {}) })
      }
      for (const gap of listing.gaps) {
        const key = gapKey(planning.sourceId, gap)
        gaps.add(keyText(key))
        count.gaps++
        const row = { key, kind: 'gap', camera, window: { start: gap.start, end: gap.end } } as const
        stretches.set(keyText(key), { row, outcome: outcomeOfGap(gap, planning.now), gap })
        yield { type: 'gap', camera, gap }
      }
      if (listing.error) {
        count.failed = true
        yield { type: 'listing-failed', camera, error: listing.error }
        if (listing.error.stops === 'run' && !ranges) throw listing.error
        const key = listingKey(planning.sourceId, camera.id, window)
        const row: PlannedRow = { key, kind: 'listing', camera, ...(window ? { window } : {}) }
        stretches.set(keyText(key), { row, outcome: failedOf(listing.error, 1) })
        if (listing.error.stops === 'run') {
          const failed = [...stretches.values()].filter((stretch) => stretch.row.kind === 'listing')
          return { recordings: [], stretches: failed, outdated: [], remainders: [], stopped: listing.error }
        }
      } else listed.push({ window, gaps })
    }
    if (!count.failed) {
      yield {
        type: 'camera-listed',
        camera,
        recordings: count.recordings,
        gaps: count.gaps,
        ...(count.exact ? { bytes: count.bytes } : {}),
      }
    }
    for (const { key, window } of asked.growing ?? []) {
      if (!recordings.has(keyText(key)) && isListed(window, listed)) outdated.push(key)
    }
    for await (const settled of settledListings(planning, camera, listed)) {
      outdated.push(settled.drop)
      remainders.push(...settled.remainders)
    }
  }
  const planned = new Set(stretches.keys())
  return {
    recordings: [...recordings.values()],
    stretches: [...stretches.values()],
    outdated: outdated.filter((key) => !planned.has(keyText(key))),
    remainders,
  }
}

/** The cameras the user chose, each with what has to be asked for. */
async function* wholeCameras(planning: Planning): AsyncGenerator<AskedRange> {
  const cameras = selectCameras(await listCameras(planning.source, planning.signal), planning.cameras)
  for (const camera of cameras) {
    const window = await windowOf(planning, camera)
    if (planning.source.identity !== 'window') yield { camera, known: [], windows: [window] }
    else yield await knownAndMissing(planning, camera, window)
  }
}

/** What failed before and may be retried, without listing anything anew but the lists that failed. */
async function* failedBefore(planning: Planning): AsyncGenerator<AskedRange> {
  const { ledger, sourceId, cameras } = planning
  const ranges = new Map<string, { camera: Camera; known: LedgerRow[]; windows: (TimeWindow | undefined)[] }>()
  const windows = new Map<string, TimeWindow | undefined>()
  const take = async (row: LedgerRow) => {
    if (cameras?.length && !cameras.some((word) => cameraFits(row.camera, word))) return
    const { id } = row.camera
    if (!windows.has(id)) windows.set(id, await windowOf(planning, row.camera))
    const window = windows.get(id)
    if (window && row.window && !overlaps(row.window, window)) return
    const range = ranges.get(row.camera.id) ?? { camera: row.camera, known: [], windows: [] }
    ranges.set(row.camera.id, range)
    if (row.kind === 'listing') range.windows.push(row.window)
    else if (row.kind === 'recording') range.known.push(row)
  }
  const within = { sourceId, ...(planning.window && !planning.windowFor ? { window: planning.window } : {}) }
  for await (const row of ledger.rows({ ...within, outcomes: ['failed', 'lost'] })) {
    if (row.outcome?.outcome === 'lost' || (row.outcome?.outcome === 'failed' && row.outcome.retryable)) await take(row)
  }
  for await (const row of ledger.rows({ ...within, unfinished: true })) await take(row)
  yield* ranges.values()
}

async function windowOf({ window, windowFor }: Planning, camera: Camera): Promise<TimeWindow | undefined> {
  const own = await windowFor?.(camera)
  if (own) checkWindow(`windowFor(${camera.id})`, own)
  return own ?? window
}

async function list(planning: Planning, camera: Camera, window: TimeWindow | undefined): Promise<Listing> {
  if (planning.stop?.aborted) return { recordings: [], gaps: [], error: interrupted() }
  return listRecordings(planning.source, camera, window, planning.signal)
}

function weigh(count: { bytes: number; exact: boolean }, bytes: number | undefined): void {
  if (bytes === undefined) count.exact = false
  else count.bytes += bytes
}
