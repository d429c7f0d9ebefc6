import { join } from 'node:path'
import type { Ledger, LedgerRow, TimeWindow } from '@cam/download-core'
import { type Media, medias } from '@cam/samsara'
import { type Clip, type ClipSource, type Footage, type Hole, isUnusable, readClip } from './footage.ts'
import type { Unusable, Vehicle } from './types.ts'

/** Which rows, and where their files are. */
export interface FromLedger {
  readonly ledger: Ledger
  readonly root: string
  readonly sourceId: string
  readonly cameras?: readonly string[] | undefined
  readonly window?: TimeWindow | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was found, and what of it cannot be used. */
export interface Gathered {
  readonly footage: readonly Footage[]
  readonly unusable: readonly Unusable[]
  /** All that have something in this time, wanted or not. */
  readonly vehicles: readonly Vehicle[]
}

interface Gathering {
  readonly vehicle: Vehicle
  readonly timeZone: string | undefined
  readonly media: Media
  readonly clips: Clip[]
  readonly holes: Hole[]
}

/**
 * What the archive holds of the window, whichever run fetched it, and what it knows of the rest. Pictures are left out: they are no
 * film. Throws the signal's reason.
 */
export async function fromLedger(asked: FromLedger): Promise<Gathered> {
  const { ledger, sourceId, window, cameras, signal } = asked
  const found = new Map<string, Gathering>()
  const vehicles = new Map<string, Vehicle>()
  const unusable: Unusable[] = []
  for await (const row of ledger.rows({ sourceId, ...(window ? { window } : {}) })) {
    signal?.throwIfAborted()
    const { id, name, timeZone } = row.camera
    const vehicle = vehicles.get(id) ?? { id, name: name || id }
    vehicles.set(id, vehicle)
    const media = mediaOf(row)
    if (media === 'image' || (cameras && !cameras.includes(id))) continue
    const gathering = found.get(id) ?? { vehicle, timeZone, media, clips: [], holes: [] }
    found.set(id, gathering)
    const source = sourceOf(row, asked.root)
    const clip = source && (await readClip(source, signal))
    // A time lapse shows all of its time, in however few seconds.
    if (clip && !isUnusable(clip)) gathering.clips.push(media === 'hyperlapse' ? { ...clip, span: clip.stands } : clip)
    else if (clip) unusable.push({ ...clip, vehicle })
    const hole = clip ? isUnusable(clip) && { because: 'unreadable' as const, reason: clip.reason } : whyNot(row)
    if (hole && row.window) gathering.holes.push({ window: row.window, ...viewOf(row), ...hole })
  }
  return { footage: [...found.values()], unusable, vehicles: [...vehicles.values()] }
}

/** Each kind of media has a source of its own; the id of a recording begins with it. */
function mediaOf({ key }: LedgerRow): Media {
  const said = [key.recordingId.split('/')[0], key.sourceId.split('/').at(-1)]
  return medias.find((media) => said.includes(media)) ?? 'highres'
}

function sourceOf({ key, kind, window, outcome, file }: LedgerRow, root: string): ClipSource | undefined {
  if (kind !== 'recording' || outcome?.outcome !== 'kept' || !file || !window) return undefined
  const [first] = file.covers
  // Where nobody can say which part of its minute a film shows, it is taken to begin with it.
  const placed = first && !file.somewhere
  return {
    ...{ path: join(root, file.path), view: key.view, stands: window, kept: file },
    ...(placed ? { start: first.start, byPictures: true } : { start: window.start }),
  }
}

function viewOf({ key }: LedgerRow): { readonly view?: string } {
  return key.view === '' ? {} : { view: key.view }
}

function whyNot({ outcome }: LedgerRow): Pick<Hole, 'because' | 'reason'> | undefined {
  if (!outcome) return { because: 'pending', reason: 'The run that planned it was interrupted.' }
  if (outcome.outcome === 'kept') return undefined
  return {
    because: outcome.outcome,
    reason: outcome.outcome === 'failed' ? outcome.message : outcome.reason,
  }
}
