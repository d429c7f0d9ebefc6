import type { EpochMs, Recording, TimeWindow } from '@cam/download-core/source'
import type { Settings } from '../../options.ts'
import type { FileEntry } from './entry.ts'
import { endMoment, startMoment } from './moments.ts'
import { type NameFacts, readName, withoutDisk } from './name.ts'
import { dayMs, digitsOf, minuteMs, secondMs, type WallMs, wallFromDigits } from './wall.ts'
import { momentsOf, type Zone } from './zone.ts'

/** What an entry is read with. */
export interface Reading {
  readonly cameraId: string
  readonly zone: Zone
  /** The device's own time. */
  readonly now: EpochMs
  readonly settings: Pick<Settings, 'settleMs' | 'stream'>
}

/** One entry, as it is planned. */
export interface ReadEntry {
  readonly recording: Recording
  /** Still being written. */
  readonly open: boolean
  /** Whether its id is the same before it is closed. */
  readonly lasting: boolean
}

/** A closed file is named with its end and its size; then only the last seconds of it may still be in memory. */
const closedSettleMs = 10_000
/** A file without an end is still being written unless it began longer ago than any file lasts. */
const longestFileMs = 180 * minuteMs
/** How far a film without a stated length may fall short of what the list says, as cameras cut. */
const toleranceMs = 10_000

/** One file of a Search, as a recording. PROTOCOL.md §4.1, §4.4. */
export function readRecording(entry: FileEntry, reading: Reading): ReadEntry {
  const { cameraId, zone, now, settings } = reading
  const named = entry.name === undefined ? undefined : readName(entry.name)
  const startWall = named?.start ?? entry.start
  const start = startMoment(zone, startWall, {
    ...(named && { summer: named.summer }),
    ...utcOf(entry, startWall, zone),
  })
  const endWall = endOf(named, entry)
  const end = endMoment(zone, start, startWall, endWall, { lasts: !named })
  const window = { start, end: end === start ? start + secondMs : end }
  const open = isOpen(named, window, { now, settleMs: settings.settleMs, known: end > start })
  const bytes = open ? undefined : exactBytes(named, entry.bytes)
  const approximateBytes = bytes === undefined ? (entry.bytes ?? named?.bytes) : undefined
  const expect =
    entry.name === undefined
      ? { durationMs: window.end - window.start, toleranceMs: Math.max(toleranceMs, (window.end - window.start) / 50) }
      : { toleranceMs }
  const recording: Recording = {
    ...{ id: idOf(entry, named, window), cameraId, view: settings.stream, window, windowFrom: 'source' },
    ...(open && { settled: false }),
    ...(entry.name !== undefined && { name: entry.name.slice(entry.name.lastIndexOf('/') + 1) }),
    ...{ extension: 'mp4', resume: 'validated', expect },
    ...(bytes !== undefined && { bytes }),
    ...(approximateBytes !== undefined && { approximateBytes }),
    facts: {
      ...(entry.name !== undefined && { file: entry.name }),
      ...{ from: digitsOf(startWall), to: digitsOf(endWall) },
      ...(named?.triggers && named.triggers.length > 0 && { triggers: named.triggers.join(', ') }),
    },
  }
  return { recording, open, lasting: named !== undefined }
}

/**
 * The name up to its start: the rest of it is not known before the file is closed. Other names do not tell whether it is, and without
 * a name there are only the times: what is listed with another end later is another recording, so that no tail is ever lost.
 */
function idOf({ name, end }: FileEntry, named: NameFacts | undefined, window: TimeWindow): string {
  if (name === undefined) return `${new Date(window.start).toISOString()}/${new Date(window.end).toISOString()}`
  return named?.stem ?? `${withoutDisk(name)}/${digitsOf(end)}`
}

/** A name has the time of its end, and only the list the day: over the repeated hour the clock shows an end before the start. */
function endOf(named: NameFacts | undefined, { end }: FileEntry): WallMs {
  if (named?.end === undefined || (named.end - end) % dayMs === 0) return end
  return named.end
}

/** New recorders write the start into a name of their own, in UTC as it seems: good enough to tell two moments apart. */
function utcOf({ name, utc }: FileEntry, wall: WallMs, zone: Zone): { readonly utc?: EpochMs } {
  if (utc !== undefined) return { utc }
  const [, date, time] = /^\d+-\d+-\d+-01(\d{6})(\d{6})-/.exec(name ?? '') ?? []
  const own = date === undefined ? undefined : wallFromDigits(`20${date}`, time!)
  return own !== undefined && momentsOf(zone, wall).includes(own) ? { utc: own } : {}
}

/** The number in the name is exact; what the list says of the same file must not contradict it by more than its rounding. */
function exactBytes(named: NameFacts | undefined, listed: number | undefined): number | undefined {
  const bytes = named?.bytes
  if (bytes === undefined || listed === undefined || listed === bytes) return bytes
  const mebibyte = 1024 * 1024
  return listed % mebibyte === 0 && Math.abs(listed - bytes) <= mebibyte ? bytes : undefined
}

function isOpen(
  named: NameFacts | undefined,
  window: { readonly start: EpochMs; readonly end: EpochMs },
  { now, settleMs, known }: { readonly now: EpochMs; readonly settleMs: number; readonly known: boolean },
): boolean {
  // Of a clock that was set back: what lies far ahead of it was closed before.
  if (window.end - now > longestFileMs) return false
  const unfinished = named ? named.end === undefined || named.bytes === undefined : !known
  if (unfinished && now - window.start < longestFileMs) {
    // A name is given its end when the file is closed: whatever the list says, until then it grows.
    return named !== undefined || now - window.end < Math.max(settleMs, closedSettleMs)
  }
  const settle = named && !unfinished ? Math.min(settleMs, closedSettleMs) : settleMs
  return now - window.end < settle
}
