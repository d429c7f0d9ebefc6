import type { Ledger, LedgerRow, RowKey } from '../archive/ledger.ts'
import type { Camera } from '../footage/camera.ts'
import type { Note } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'
import type { Timetable } from './timetable.ts'

const prefix = 'slots:'
/** Also the most that is looked through again after a crash. */
const saveEveryMs = 60_000

/** Under which source a device's slots stand in the ledger: a run of `archive` over the same device knows nothing of them. */
export function slotsSourceId(deviceId: string): string {
  return `${deviceId}#snapshots`
}

/** The row of one slot. */
export function slotKey(sourceId: string, cameraId: string, slot: EpochMs): RowKey {
  return { sourceId, cameraId, view: 'snapshot', recordingId: new Date(slot).toISOString() }
}

/** How far a camera's slots are accounted for, and what was planned then. */
export interface Standing {
  readonly cameraId: string
  /** The last slot that has an outcome. */
  readonly at: EpochMs
  /** False where the capture ended by its user's choice (`until`, another choice of cameras): what comes later is not missed. */
  readonly goesOn: boolean
  readonly timetable: Pick<Timetable, 'everyMs' | 'timeZone'>
  readonly until?: EpochMs
  /** What the camera is called in paths. */
  readonly name: string
}

/** What earlier runs left. What cannot be read counts as nothing. */
export async function standings(ledger: Ledger, sourceId: string): Promise<Standing[]> {
  return (await ledger.notes(sourceId)).flatMap((note) => standingOf(note) ?? [])
}

function standingOf({ order, state, at, text }: Note): Standing | undefined {
  if (!order.startsWith(prefix) || at === undefined || text === undefined) return undefined
  try {
    const { everyMs, timeZone, until, name } = JSON.parse(text) as Partial<Record<string, unknown>>
    if (typeof everyMs !== 'number' || typeof name !== 'string') return undefined
    return {
      cameraId: order.slice(prefix.length),
      at,
      goesOn: state === 'asked',
      timetable: { everyMs, ...(typeof timeZone === 'string' ? { timeZone } : {}) },
      ...(typeof until === 'number' ? { until } : {}),
      name,
    }
  } catch {
    return undefined
  }
}

/** Makes a standing durable. */
export async function saveStanding(ledger: Ledger, sourceId: string, standing: Standing): Promise<void> {
  const { cameraId, at, goesOn, timetable, until, name } = standing
  const text = JSON.stringify({ everyMs: timetable.everyMs, timeZone: timetable.timeZone, until, name })
  await ledger.saveNote(sourceId, { order: `${prefix}${cameraId}`, state: goesOn ? 'asked' : 'ready', at, text })
}

/** What one camera's capture knows of the slots behind it. */
export interface Account {
  /** The last slot ever accounted for: higher than the clock where that was put back. */
  readonly peak: EpochMs
  /** The slot's row, where there can be one. */
  find(slot: EpochMs): Promise<LedgerRow | undefined>
  /** This slot, and all before it, have their outcomes in the ledger. Durable at the latest a minute later, or by `save`. */
  reached(slot: EpochMs): Promise<void>
  /** The clock was put back to here. Durable at once, or a picture under way would be overlooked if the program died. */
  putBack(to: EpochMs): Promise<void>
  save(goesOn: boolean): Promise<void>
}

/** A clock that lost the time altogether, and not one that was set. */
const lostTimeMs = 30 * 86_400_000

/**
 * Where to begin to look for slots that were missed up to `last`: at `from`, but for a clock that began in 1970 and is right again. What
 * lies between was planned by nobody, or is accounted for already.
 */
export function missedSince(from: EpochMs, last: EpochMs, peak: EpochMs): EpochMs {
  return last > peak && peak - from > lostTimeMs ? peak : from
}

/** The account of one camera, from `standing` on. */
export function openAccount(
  standing: Standing,
  peak: EpochMs,
  where: { readonly ledger: Ledger; readonly sourceId: string; monotonic(): number },
): Account {
  const { ledger, sourceId, monotonic } = where
  let at = standing.at
  let highest = Math.max(peak, at)
  let saved = { at, goesOn: undefined as boolean | undefined, when: monotonic() }
  const save = async (goesOn: boolean) => {
    if (saved.at === at && saved.goesOn === goesOn) return
    await saveStanding(ledger, sourceId, { ...standing, at, goesOn })
    saved = { at, goesOn, when: monotonic() }
  }
  return {
    get peak() {
      return highest
    },
    find: async (slot) => (slot > highest ? undefined : ledger.find(slotKey(sourceId, standing.cameraId, slot))),
    async reached(slot) {
      at = slot
      highest = Math.max(highest, slot)
      if (monotonic() - saved.when >= saveEveryMs) await save(true)
    },
    async putBack(to) {
      at = Math.min(at, Math.floor(to))
      await save(true)
    },
    save,
  }
}

/** A camera of which only the ledger knows. */
export function cameraOf({ cameraId, name }: Standing): Camera {
  return { id: cameraId, name }
}
