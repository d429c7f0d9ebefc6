import { intersect, overlaps, subtract, type TimeWindow, union } from '../footage/time-window.ts'
import type { LedgerRow } from './ledger.ts'

/** Cameras cut at whole frames or seconds: what is missing between two pieces is then no footage. */
export const sliverMs = 2000
/** Where nothing of a piece can be placed its parts are asked for, of shorter ones no more: halves, and parts that are likely to tell. */
const shortestHalvedMs = 300_000
const shortestPartedMs = 120_000

/** True for a file cut out of what was asked for: all of its window was answered for, whatever the file holds of it. */
export function answersForItsWindow({ kind, recording, file, window }: LedgerRow): boolean {
  return kind === 'recording' && recording?.windowFrom === 'asked' && file !== undefined && window !== undefined
}

/** The time that a known row stands for: nobody has to ask for it, unless `lackingIn` says so. */
export function answeredBy(row: LedgerRow): readonly TimeWindow[] {
  const held = isHeld(row) && !answersForItsWindow(row) ? row.file?.covers : undefined
  if (held?.length) return held
  return row.window ? [row.window] : []
}

/**
 * What the files among `all` that are `chosen` turned out not to hold of what they should, and no other row answers for: to be
 * asked for by itself, piece by piece. Where that borders on what is held it keeps a distance of `granularityMs`: any closer, and
 * the source's answer would be footage that is held already. Only where footage came after all, what was left out on its two sides
 * is lacking as well. One view at a time.
 */
export function lacking(
  all: readonly LedgerRow[],
  granularityMs: number,
  chosen: (row: LedgerRow) => boolean = () => true,
): readonly TimeWindow[] {
  const near = neighbours(all, granularityMs)
  const known = new Map<LedgerRow, readonly TimeWindow[]>()
  const worth = (row: LedgerRow) => {
    const found = known.get(row) ?? worthAsking(row, heldBy(near(row)), granularityMs)
    known.set(row, found)
    return found
  }
  const found: TimeWindow[] = []
  for (const row of all) {
    if (!chosen(row) || !isHeld(row) || !answersForItsWindow(row)) continue
    // Who was asked for less says more: what a piece of a piece lacks is asked for as that piece says.
    const answered = near(row).flatMap((other) => {
      if (other === row) return []
      return isFiner(other, row) ? answeredBy(other) : subtract(answeredBy(other), worth(other))
    })
    const held = heldBy(near(row))
    for (const stretch of worth(row)) {
      for (const rest of subtract([stretch], answered)) {
        // What another question left out on purpose.
        const sliver = rest.end - rest.start <= granularityMs && rest.end - rest.start < stretch.end - stretch.start
        if (!sliver) found.push(...keptAway(rest, held, granularityMs))
      }
    }
    const finer = near(row).filter((other) => other !== row && isFiner(other, row))
    found.push(...subtract(seams(row, near(row), granularityMs), finer.flatMap(answeredBy)))
  }
  return found.sort((a, b) => a.start - b.start)
}

/**
 * Between what is held and what was found when a part of a file's window was asked for again: that the source had left out more
 * than nothing there is known only then.
 */
function seams(row: LedgerRow, near: readonly LedgerRow[], granularityMs: number): readonly TimeWindow[] {
  const inner = near.filter((other) => other !== row && isHeld(other) && answersForItsWindow(other) && isIn(other, row))
  if (inner.length === 0) return []
  const held = union(heldBy(near))
  const found = inner.flatMap((other) => {
    const { start, end } = other.window!
    const covers = other.file!.covers
    const before = held.find((one) => one.end < start && start - one.end <= granularityMs)
    const after = held.find((one) => one.start > end && one.start - end <= granularityMs)
    const first = covers[0] && covers[0].start - start <= sliverMs
    const last = covers.length > 0 && end - covers.at(-1)!.end <= sliverMs
    return [
      ...(before && first ? [{ start: before.end, end: start }] : []),
      ...(after && last ? [{ start: end, end: after.start }] : []),
    ]
  })
  return intersect(subtract(found, held), [row.window!])
}

function isIn({ window: inner }: LedgerRow, { window: outer }: LedgerRow): boolean {
  return inner!.start >= outer!.start && inner!.end <= outer!.end
}

/** Rows that share or border on another one's time, found without looking at all of them. */
function neighbours(all: readonly LedgerRow[], granularityMs: number) {
  const dated = all.flatMap((row) => (row.window ? [{ row, window: row.window }] : []))
  dated.sort((a, b) => a.window.start - b.window.start)
  const longest = dated.reduce((most, { window }) => Math.max(most, window.end - window.start), 0)
  return ({ window }: LedgerRow): readonly LedgerRow[] => {
    if (!window) return []
    const from = window.start - granularityMs
    const to = window.end + granularityMs
    const rows: LedgerRow[] = []
    for (let at = firstFrom(dated, from - longest); at < dated.length && dated[at]!.window.start <= to; at++) {
      if (dated[at]!.window.end >= from) rows.push(dated[at]!.row)
    }
    return rows
  }
}

function firstFrom(dated: readonly { readonly window: TimeWindow }[], start: number): number {
  let low = 0
  let high = dated.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (dated[middle]!.window.start < start) low = middle + 1
    else high = middle
  }
  return low
}

/** An order among rows: no two of them are each the finer one. */
function isFiner(a: LedgerRow, b: LedgerRow): boolean {
  const difference = a.window!.end - a.window!.start - (b.window!.end - b.window!.start)
  if (difference !== 0) return difference < 0
  if (a.window!.start !== b.window!.start) return a.window!.start < b.window!.start
  return a.key.recordingId < b.key.recordingId
}

function heldBy(rows: readonly LedgerRow[]): TimeWindow[] {
  return rows.flatMap((row) => (isHeld(row) ? (row.file?.covers ?? []) : []))
}

function worthAsking(row: LedgerRow, held: readonly TimeWindow[], granularityMs: number): readonly TimeWindow[] {
  const { window, file, recording } = row
  if (!isHeld(row) || !answersForItsWindow(row) || !window || !file) return []
  const wanted = intersect([window], recording?.expect?.windows ?? [window])
  const missing = subtract(wanted, file.covers)
  const [only] = missing
  if (only && only.start === window.start && only.end === window.end) {
    return parts(window, file.somewhere?.ms ?? 0, granularityMs)
  }
  return missing.filter((stretch) => keptAway(stretch, held, granularityMs).length > 0)
}

/**
 * The same question again would get the same answer. Most often footage begins or ends once in a piece, so it is cut where that is if
 * so: one part is then certainly full, another certainly empty. Far from its middle that would take too many rounds; then in halves.
 */
function parts({ start, end }: TimeWindow, heldMs: number, granularityMs: number): readonly TimeWindow[] {
  const length = end - start
  const lackingMs = length - heldMs
  // An answer that begins at a key frame must not bring a last bit of footage into the part that is empty.
  const leeway = granularityMs / 2
  const outer = heldMs <= lackingMs ? heldMs + leeway : lackingMs - leeway
  const cut = Math.round(Math.min(outer, (length - granularityMs) / 2))
  const short = length < shortestHalvedMs
  if (length < shortestPartedMs || (short && cut < length / 6)) return []
  if (short || cut >= length / 4) return between(start, start + cut, end - cut, end)
  return between(start, Math.round((start + end) / 2), end)
}

function between(...moments: readonly number[]): TimeWindow[] {
  return moments.slice(1).map((end, index) => ({ start: moments[index]!, end }))
}

function keptAway({ start, end }: TimeWindow, held: readonly TimeWindow[], granularityMs: number): TimeWindow[] {
  const touches = (window: TimeWindow) => held.some((each) => overlaps(each, window))
  const before = touches({ start: start - granularityMs, end: start })
  const after = touches({ start: end, end: end + granularityMs })
  const shortest = before || after ? 2 * granularityMs : sliverMs
  if (end - start <= shortest) return []
  return [{ start: before ? start + granularityMs : start, end: after ? end - granularityMs : end }]
}

/** What was taken away by a sync job was kept all the same. */
function isHeld({ outcome }: LedgerRow): boolean {
  return outcome?.outcome === 'kept' || outcome?.outcome === 'handed-over'
}
