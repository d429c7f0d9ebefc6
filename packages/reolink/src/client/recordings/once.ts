import type { TimeWindow } from '@cam/download-core/source'
import type { FileEntry } from './entry.ts'
import { readName, withoutDisk } from './name.ts'
import { type ReadEntry, type Reading, readRecording } from './recording.ts'
import { secondMs } from './wall.ts'

/** Reads the entries of one answer after the other, each file once. */
export type Once = (entries: readonly FileEntry[], reading: Reading) => ReadEntry[]

/** What lists say twice: at the border of two days, for a file that is being closed, for a tail that is a part of another. */
export function onlyOnce(): Once {
  /** Ids, with the name each was taken for. */
  const taken = new Map<string, string>()
  let last: TimeWindow | undefined

  const takeNamed = (read: ReadEntry, name: string, shared: ReadonlySet<string>): ReadEntry[] => {
    const { id } = read.recording
    const whole = withoutDisk(name)
    const other = taken.get(id)
    if (taken.has(whole) || (other !== undefined && withoutDisk(other) === whole)) return []
    if (other === undefined && !shared.has(id)) {
      taken.set(id, name)
      return [read]
    }
    // An unfinished one is the other one before it was closed.
    if (isUnfinished(name) || (other !== undefined && isUnfinished(other))) return []
    // Two files that begin in the same second: rare, and both are footage. None of them gets the short id, for which of the two had
    // it while the other was not there yet, nobody knows.
    taken.set(whole, name)
    return [{ ...read, recording: { ...read.recording, id: whole } }]
  }

  const takeUnnamed = (read: ReadEntry): ReadEntry[] => {
    const window = read.recording.window!
    if (last && isPieceOf(window, last)) return []
    if (!last || window.end >= last.end) last = window
    return [read]
  }

  return (entries, reading) => {
    const all = entries
      .map((entry) => ({ name: entry.name, read: readRecording(entry, reading) }))
      .sort((a, b) => {
        const [one, other] = [a.read.recording.window!, b.read.recording.window!]
        const closedFirst = Number(isUnfinished(a.name)) - Number(isUnfinished(b.name))
        return one.start - other.start || closedFirst || other.end - one.end
      })
    const shared = sharedIds(all)
    return all.flatMap(({ name, read }) => (name === undefined ? takeUnnamed(read) : takeNamed(read, name, shared)))
  }
}

/** Ids that more than one closed file would have. */
function sharedIds(all: readonly { readonly name: string | undefined; readonly read: ReadEntry }[]): Set<string> {
  const owners = new Map<string, string>()
  const shared = new Set<string>()
  for (const { name, read } of all) {
    if (name === undefined || isUnfinished(name)) continue
    const { id } = read.recording
    const whole = withoutDisk(name)
    const owner = owners.get(id)
    if (owner === undefined) owners.set(id, whole)
    else if (owner !== whole) shared.add(id)
  }
  return shared
}

/**
 * The same stretch, begun anew at midnight, or as long as it was then. What only lies within another one is footage of its own: some
 * firmware states ends that are hours off.
 */
function isPieceOf(window: TimeWindow, other: TimeWindow): boolean {
  const within = window.start >= other.start && window.end <= other.end
  return within && (window.start - other.start <= secondMs || other.end - window.end <= secondMs)
}

/** Named before it was closed. */
function isUnfinished(name: string | undefined): boolean {
  const known = name === undefined ? undefined : readName(name)
  return known !== undefined && known.end === undefined
}
