import type { Camera } from '../footage/camera.ts'
import { intersect, subtract, type TimeWindow } from '../footage/time-window.ts'
import { listingKey } from './keys.ts'
import type { LedgerRow, RowKey } from './ledger.ts'
import { keyText } from './memory-ledger.ts'
import type { PlannedStretch, Planning } from './planning.ts'

/** What is asked of one camera: rows known already, and the windows still to be listed. */
export interface AskedRange {
  readonly camera: Camera
  readonly known: readonly LedgerRow[]
  readonly windows: readonly (TimeWindow | undefined)[]
}

/** Cameras cut at whole frames or seconds: what is missing between two pieces is then no footage. */
const sliverMs = 2000

/**
 * For sources whose recordings are cut from the asked window: every piece the ledger knows keeps its identity, whatever
 * became of it, and only the rest of the window is asked for.
 */
export async function knownAndMissing(
  { ledger, sourceId, window }: Pick<Planning, 'ledger' | 'sourceId' | 'window'>,
  camera: Camera,
): Promise<AskedRange> {
  const known: LedgerRow[] = []
  const taken = new Map<string, TimeWindow[]>()
  const filter = { sourceId, cameraId: camera.id, kind: 'recording', ...(window ? { window } : {}) } as const
  for await (const row of ledger.rows(filter)) {
    known.push(row)
    const windows = taken.get(row.key.view) ?? []
    taken.set(row.key.view, windows)
    const covers =
      row.outcome?.outcome === 'kept' || row.outcome?.outcome === 'handed-over' ? row.file?.covers : undefined
    if (covers?.length) windows.push(...covers)
    else if (row.window) windows.push(row.window)
  }
  if (!window) return { camera, known, windows: [undefined] }
  // One request brings all views: what one of them lacks is asked for.
  const views = camera.views?.length ? camera.views : [...taken.keys()]
  const common = views
    .map((view) => taken.get(view) ?? taken.get('') ?? [])
    .reduce((a, b) => intersect(a, b), views.length ? [window] : [])
  const missing = subtract([window], common)
  return {
    camera,
    known,
    windows: missing.filter(
      ({ start, end }) => end - start > sliverMs || (start === window.start && end === window.end),
    ),
  }
}

/** Gaps and failed lists of earlier runs about which a list that succeeded now knows better. */
export async function* settledListings(
  { ledger, sourceId }: Pick<Planning, 'ledger' | 'sourceId'>,
  camera: Camera,
  listed: readonly { readonly window: TimeWindow | undefined; readonly gaps: ReadonlySet<string> }[],
): AsyncGenerator<{ readonly drop: RowKey; readonly remainders: readonly PlannedStretch[] }> {
  if (listed.length === 0) return
  const all = listed.some(({ window }) => window === undefined)
  const windows = listed.flatMap(({ window }) => (window ? [window] : []))
  const reported = new Set(listed.flatMap(({ gaps }) => [...gaps]))
  for await (const row of ledger.rows({ sourceId, cameraId: camera.id, kind: 'gap' })) {
    const covered = all || (row.window !== undefined && subtract([row.window], windows).length === 0)
    if (covered && !reported.has(keyText(row.key))) yield { drop: row.key, remainders: [] }
  }
  for await (const row of ledger.rows({ sourceId, cameraId: camera.id, kind: 'listing' })) {
    if (!row.window || all) {
      if (all) yield { drop: row.key, remainders: [] }
      continue
    }
    const rest = subtract([row.window], windows)
    if (rest.length === 1 && rest[0]!.start === row.window.start && rest[0]!.end === row.window.end) continue
    const { outcome } = row
    yield {
      drop: row.key,
      remainders: outcome
        ? rest.map((window) => ({
            row: { key: listingKey(sourceId, camera.id, window), kind: 'listing', camera, window },
            outcome,
          }))
        : [],
    }
  }
}
