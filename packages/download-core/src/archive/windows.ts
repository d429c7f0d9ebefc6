import type { Camera } from '../footage/camera.ts'
import { intersect, subtract, type TimeWindow } from '../footage/time-window.ts'
import { listingKey } from './keys.ts'
import type { LedgerRow, RowKey } from './ledger.ts'
import { keyText } from './memory-ledger.ts'
import { answeredBy, lacking, sliverMs } from './missing.ts'
import type { PlannedStretch, Planning } from './planning.ts'

/** What is asked of one camera: rows known already, and the windows still to be listed. */
export interface AskedRange {
  readonly camera: Camera
  readonly known: readonly LedgerRow[]
  readonly windows: readonly (TimeWindow | undefined)[]
  /** Pieces that were still growing when they were listed: a list that succeeds now knows better. */
  readonly growing?: readonly LedgerRow[]
  /** Left undone by earlier runs, and outside of what is asked for. */
  readonly besides?: Besides
  /** The source does not list this camera any more. */
  readonly gone?: true
}

/** What earlier runs left undone, and what has to be listed for it. */
export interface Besides {
  /** To be tried as the ledger knows them. */
  readonly known: readonly LedgerRow[]
  /** To be listed anew; what the source then leaves out of its list is tried as the ledger knows it. */
  readonly pending: readonly LedgerRow[]
  /** Of clips that grow: may be longer by now than the ledger knows. Listed anew if it can be, and tried in any case. */
  readonly again: readonly LedgerRow[]
  /** Lists that failed. */
  readonly lists: readonly LedgerRow[]
  readonly windows: readonly (TimeWindow | undefined)[]
  /** To be listed for `pending` and `again`, and for what nobody knows yet; not for what is done with, or not due. */
  readonly around: readonly TimeWindow[]
}

/**
 * For sources whose recordings are cut from the asked window: every piece the ledger knows keeps its identity, whatever
 * became of it. Asked for is what no row answers for, and what kept files turned out not to hold.
 */
export async function knownAndMissing(
  { ledger, sourceId, source }: Pick<Planning, 'ledger' | 'sourceId' | 'source'>,
  camera: Camera,
  window: TimeWindow | undefined,
): Promise<AskedRange> {
  const known: LedgerRow[] = []
  const growing: LedgerRow[] = []
  const byView = new Map<string, LedgerRow[]>()
  const filter = { sourceId, cameraId: camera.id, kind: 'recording', ...(window ? { window } : {}) } as const
  for await (const row of ledger.rows(filter)) {
    if (isGrowing(row)) {
      growing.push(row)
      continue
    }
    known.push(row)
    const rows = byView.get(row.key.view) ?? []
    byView.set(row.key.view, rows)
    rows.push(row)
  }
  const views = camera.views?.length ? camera.views : [...byView.keys()]
  const rowsOf = (view: string) => byView.get(view) ?? byView.get('') ?? []
  // One request brings all views: what one of them lacks is asked for.
  const answered = views
    .map((view) => rowsOf(view).flatMap(answeredBy))
    .reduce((a, b) => intersect(a, b), views.length && window ? [window] : [])
  const fresh = window
    ? subtract([window], answered).filter(
        ({ start, end }) => end - start > sliverMs || (start === window.start && end === window.end),
      )
    : []
  const again: TimeWindow[] = []
  for (const view of views) {
    for (const stretch of lacking(rowsOf(view), source.granularityMs ?? sliverMs)) {
      const asked = window ? intersect([stretch], [window]) : [stretch]
      again.push(...subtract(asked, [...fresh, ...again]).filter(({ start, end }) => end - start > sliverMs))
    }
  }
  return { camera, known, growing, windows: [...(window ? fresh : [undefined]), ...again] }
}

/** A piece that nobody has fetched, and that went on when it was listed. */
export function isGrowing({ recording, file, outcome }: LedgerRow): boolean {
  return recording?.settled === false && !file && (!outcome || outcome.outcome === 'pending')
}

/** Whether all of a window was listed. */
export function isListed(
  window: TimeWindow | undefined,
  listed: readonly { readonly window: TimeWindow | undefined }[],
): boolean {
  if (listed.some((one) => one.window === undefined)) return true
  const windows = listed.flatMap((one) => one.window ?? [])
  return window !== undefined && subtract([window], windows).length === 0
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
    if (isListed(row.window, listed) && !reported.has(keyText(row.key))) yield { drop: row.key, remainders: [] }
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
