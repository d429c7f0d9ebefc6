/** A moment as milliseconds since 1970-01-01T00:00:00Z. All arithmetic happens here; zones are for people. */
export type EpochMs = number

/** Half-open: `start` belongs to the window, `end` does not. */
export interface TimeWindow {
  readonly start: EpochMs
  readonly end: EpochMs
}

/** Throws a RangeError that names the window unless `start < end` and both are finite. */
export function timeWindow(start: EpochMs, end: EpochMs): TimeWindow {
  if (!Number.isFinite(start) || !Number.isFinite(end) || start >= end) {
    throw new RangeError(
      `A window must start before it ends; received start ${start} and end ${end} (epoch milliseconds).`,
    )
  }
  return { start, end }
}

/** Sorted, without overlaps; windows that touch become one. */
export function union(windows: Iterable<TimeWindow>): TimeWindow[] {
  const sorted = [...windows].filter((w) => w.start < w.end).sort((a, b) => a.start - b.start || a.end - b.end)
  const merged: TimeWindow[] = []
  for (const window of sorted) {
    const last = merged.at(-1)
    if (last && window.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, window.end) }
    } else {
      merged.push({ start: window.start, end: window.end })
    }
  }
  return merged
}

/** What lies in both. */
export function intersect(a: Iterable<TimeWindow>, b: Iterable<TimeWindow>): TimeWindow[] {
  const left = union(a)
  const right = union(b)
  const shared: TimeWindow[] = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const one = left[i]!
    const other = right[j]!
    const start = Math.max(one.start, other.start)
    const end = Math.min(one.end, other.end)
    if (start < end) shared.push({ start, end })
    if (one.end < other.end) i++
    else j++
  }
  return shared
}

/** What lies in `from` and in none of `taken`. */
export function subtract(from: Iterable<TimeWindow>, taken: Iterable<TimeWindow>): TimeWindow[] {
  const holes = union(taken)
  const rest: TimeWindow[] = []
  for (const window of union(from)) {
    let start = window.start
    for (const hole of holes) {
      if (hole.end <= start) continue
      if (hole.start >= window.end) break
      if (hole.start > start) rest.push({ start, end: hole.start })
      start = Math.max(start, hole.end)
    }
    if (start < window.end) rest.push({ start, end: window.end })
  }
  return rest
}

/** Total length in milliseconds, overlaps counted once. */
export function durationMs(windows: Iterable<TimeWindow>): number {
  return union(windows).reduce((sum, window) => sum + (window.end - window.start), 0)
}

/** True where the two share at least one moment. A window of no length is the one moment at its start. */
export function overlaps(a: TimeWindow, b: TimeWindow): boolean {
  if (a.start === b.start) return true
  return a.start < b.end && b.start < a.end
}
