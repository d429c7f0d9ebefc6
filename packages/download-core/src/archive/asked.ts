import type { Camera } from '../footage/camera.ts'
import { overlaps, type TimeWindow } from '../footage/time-window.ts'
import { besidesOf, ofGoneCameras } from './also-failed.ts'
import { checkWindow } from './check-options.ts'
import type { LedgerRow } from './ledger.ts'
import { cameraFits, listCameras, selectCameras } from './listing.ts'
import type { Planning } from './planning.ts'
import { type AskedRange, knownAndMissing } from './windows.ts'

/** What a run asks for, camera by camera, as its options say. */
export function askedRanges(planning: Planning): AsyncGenerator<AskedRange> {
  return planning.onlyFailed ? failedBefore(planning) : wholeCameras(planning)
}

/** The cameras the user chose, each with what has to be asked for. */
async function* wholeCameras(planning: Planning): AsyncGenerator<AskedRange> {
  const listed = await listCameras(planning.source, planning.signal)
  for (const camera of selectCameras(listed, planning.cameras)) {
    const window = await windowOf(planning, camera)
    const asked =
      planning.source.identity === 'window'
        ? await knownAndMissing(planning, camera, window)
        : { camera, known: [], windows: [window] }
    const left = planning.alsoFailed ? await besidesOf(planning, camera, window) : undefined
    yield left ? { ...asked, besides: left } : asked
  }
  if (planning.alsoFailed) yield* ofGoneCameras(planning, new Set(listed.map(({ id }) => id)))
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
    const { outcome } = row
    if (outcome?.outcome === 'lost' ? !outcome.final : outcome?.outcome === 'failed' && outcome.retryable)
      await take(row)
  }
  for await (const row of ledger.rows({ ...within, unfinished: true })) await take(row)
  yield* ranges.values()
}

async function windowOf({ window, windowFor }: Planning, camera: Camera): Promise<TimeWindow | undefined> {
  const own = await windowFor?.(camera)
  if (own) checkWindow(`windowFor(${camera.id})`, own)
  return own ?? window
}
