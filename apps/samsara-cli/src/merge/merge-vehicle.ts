import { dirname, join } from 'node:path'
import { lockFile } from '@cam/cli-kit'
import { disk, intersect, subtract, systemClock, type TimeWindow } from '@cam/download-core'
import { type FilmJob, makeFilm } from './films.ts'
import { type Footage, viewsOf } from './footage.ts'
import { type Journal, openJournal, type Subject } from './journal.ts'
import type { Merging } from './merging.ts'
import { missingIn } from './missing.ts'
import { writeMissing } from './missing-list.ts'
import { placeFor, systemZone } from './names.ts'
import { isIn, type Part, partsOf } from './parts.ts'
import type { Missing } from './types.ts'

/** Where the films of a vehicle go. */
export interface Destination {
  readonly root: string
  /** What it is called in names: its name, unless another has that as well. */
  readonly label: string
  readonly seedNames: boolean
  /** In place of the usual one. */
  readonly folder?: string
}

const hourMs = 3_600_000
const tellWaitingMs = 3000

/** Merges what there is of one vehicle. Throws the signal's reason, and DiskError where its folder cannot be used at all. */
export async function mergeVehicle(
  footage: Footage,
  to: Destination,
  window: TimeWindow | undefined,
  merging: Merging,
): Promise<void> {
  if (footage.clips.length === 0) return
  const folder = to.folder ?? placeOf(footage, to, 0, 'missing', merging).folder
  // Read anew once nobody else writes it.
  await using _lock = await lock((await openJournal(folder)).workFolder, merging)
  const journal = await openJournal(folder)
  const { splitMs = hourMs } = merging.settings
  const asked = window ? [window] : windowsOf(journal, footage)
  for (const one of asked) {
    const parts = partsOf(footage, one, splitMs)
    for (const part of parts) await mergePart(part, footage, to, journal, merging)
    for (const lacking of outside(footage, [one], parts, merging)) merging.missing(lacking, zoneOf(footage, merging))
  }
  if (window) return
  const rest = { ...footage, clips: footage.clips.filter((clip) => !asked.some((one) => isIn(clip, one))) }
  const parts = partsOf(rest, undefined, splitMs)
  for (const part of parts) await mergePart(part, rest, to, journal, merging)
  const lacking = footage.holes.flatMap(({ because, window }) => (because === 'absent' ? [] : [window]))
  const known = [...parts, ...asked.map((one) => ({ window: one }))]
  // Nobody asked for a time in which vehicles stand still.
  for (const one of outside(footage, lacking, known, merging))
    if (one.because !== 'absent' && one.because !== 'none') merging.missing(one, zoneOf(footage, merging))
}

/** Times that were asked for in earlier calls. */
function windowsOf({ entries }: Journal, { vehicle, media }: Footage): TimeWindow[] {
  const windows = new Map<string, TimeWindow>()
  for (const entry of entries()) {
    const own = entry.vehicleId === '' ? entry.vehicle === vehicle.name : entry.vehicleId === vehicle.id
    if (entry.asked && !entry.aside && own && entry.media === media)
      windows.set(`${entry.window.start} ${entry.window.end}`, entry.window)
  }
  return [...windows.values()].sort((a, b) => a.start - b.start || a.end - b.end)
}

async function mergePart(part: Part, footage: Footage, to: Destination, journal: Journal, merging: Merging) {
  const { vehicle, media } = footage
  const timeZone = zoneOf(footage, merging)
  const here = { ...footage, ...within(footage, part.window) }
  const views = merging.settings.views ?? viewsOf({ ...here, clips: part.clips })
  const subject = (what: string): Subject => ({
    ...{ vehicleId: vehicle.id, vehicle: vehicle.name, media, what },
    ...{ window: part.window, asked: part.asked },
  })
  const stem = (what: string) => placeOf(footage, to, part.window.start, what, merging).stem
  const job = (what: string, kind: FilmJob['kind'], shown: readonly string[]): FilmJob => ({
    ...{ vehicle, kind, journal, subject: subject(what), stem: stem(what), views: shown, timeZone },
    clips: part.clips.filter(({ view }) => shown.includes(view)),
  })
  const missing = views.flatMap((view) => missingIn(part, view, here))
  for (const one of missing) merging.missing(one, timeZone)
  const alone = views.filter((view) => part.clips.some((clip) => clip.view === view))
  for (const view of alone) await makeFilm(job(view, 'angle', [view]), merging)
  // What runs faster than life has no place beside the clock.
  if (views.length > 1 && alone.length > 0 && media !== 'hyperlapse')
    await makeFilm(job('side-by-side', 'side-by-side', views), merging)
  const warn = (text: string) => merging.tell({ type: 'warning', text })
  const list = { vehicle, views, missing, window: part.window, timeZone }
  if (!merging.over) await writeMissing(list, { journal, subject: subject('missing'), stem: stem('missing') }, warn)
}

function within({ holes }: Footage, window: TimeWindow): Pick<Footage, 'holes'> {
  return { holes: holes.filter((hole) => intersect([hole.window], [window]).length > 0) }
}

/** What of these times is missing and lies in no film, because it is so much. */
function outside(
  footage: Footage,
  times: readonly TimeWindow[],
  parts: readonly Pick<Part, 'window'>[],
  merging: Merging,
): Missing[] {
  const rest = subtract(
    times,
    parts.map(({ window }) => window),
  )
  const views = merging.settings.views ?? viewsOf(footage)
  return rest.flatMap((window) => views.flatMap((view) => missingIn({ window, clips: [] }, view, footage)))
}

function placeOf(footage: Footage, to: Destination, start: number, what: string, merging: Merging) {
  const { root, label: vehicle, seedNames } = to
  const timeZone = zoneOf(footage, merging)
  return placeFor({ root, vehicle, seedNames, start, what, media: footage.media, timeZone })
}

function zoneOf({ timeZone }: Footage, { settings }: Merging): string {
  return settings.timeZone ?? timeZone ?? systemZone()
}

/** One call at a time in one folder, of whatever process. */
async function lock(folder: string, { signal, tell }: Merging): Promise<AsyncDisposable> {
  await disk.mkdir(folder)
  const held = new AbortController()
  const text = `Another run merges in ${dirname(folder)}; waiting for it.`
  // Real time, whatever clock the call is given: other processes have no other.
  systemClock.wait(tellWaitingMs, held.signal).then(
    () => tell({ type: 'info', text }),
    () => {},
  )
  try {
    return await lockFile(join(folder, 'lock'), systemClock, signal)
  } finally {
    held.abort()
  }
}
