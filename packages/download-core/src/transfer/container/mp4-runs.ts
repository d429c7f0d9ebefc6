import type { Track } from './mp4-movie.ts'
import { type ByteSource, Cursor, Malformed, type PictureRun, u32, u64 } from './report.ts'

/** A pause shorter than this is how cameras drop pictures, not a hole. */
const shortestHoleMs = 2000
/** So many times what is usual between two pictures: slow recordings have no holes only because they are slow. */
const usualTimes = 8
const mostRows = 5_000_000
const mostDurations = 65_536
const mostRuns = 50_000
const mostEdits = 10_000

/** `[from, to)` in ticks of the media. */
type Ticks = readonly [from: number, to: number]

/**
 * Where a track's presentation really holds pictures, relative to the movie's start. `undefined` where its tables do not tell,
 * or contradict each other.
 */
export async function pictureRuns(
  source: ByteSource,
  track: Track,
  movieTimescale: number,
): Promise<readonly PictureRun[] | undefined> {
  if (!track.times || track.timescale === 0 || track.samples === 0) return undefined
  try {
    const usual = await usualDuration(source, track)
    const runs = usual === undefined ? undefined : await mediaRuns(source, track, usual)
    return runs && (await presented(source, runs, track, movieTimescale))
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** The median over all pictures of how long each is shown. */
async function usualDuration(source: ByteSource, track: Track): Promise<number | undefined> {
  const shown = new Map<number, number>()
  let samples = 0
  for await (const [count, ticks] of rowsOf(source, track)) {
    samples += count
    shown.set(ticks, (shown.get(ticks) ?? 0) + count)
    if (shown.size > mostDurations || samples > track.samples) return undefined
  }
  if (samples !== track.samples) return undefined
  let below = 0
  for (const ticks of [...shown.keys()].sort((a, b) => a - b)) {
    below += shown.get(ticks)!
    if (below * 2 >= samples) return ticks > 0 ? ticks : undefined
  }
  return undefined
}

async function mediaRuns(source: ByteSource, track: Track, usual: number): Promise<Ticks[] | undefined> {
  const hole = Math.max((shortestHoleMs / 1000) * track.timescale, usual * usualTimes)
  const runs: Ticks[] = []
  let at = 0
  let begun = 0
  for await (const [count, ticks] of rowsOf(source, track)) {
    if (ticks <= hole) {
      at += count * ticks
      continue
    }
    if (runs.length + count > mostRuns) return undefined
    for (let picture = 0; picture < count; picture++) {
      runs.push([begun, at + usual])
      at += ticks
      begun = at
    }
  }
  if (at > begun) runs.push([begun, at])
  return runs
}

/** The rows of the stts box: so many pictures, each shown for so many ticks. */
export async function* rowsOf(source: ByteSource, { times }: Track): AsyncGenerator<readonly [number, number]> {
  const cursor = new Cursor(source)
  const { body, end } = times!
  const count = await cursor.u32(body + 4)
  if (count > mostRows || body + 8 + count * 8 > end) throw new Malformed('the stts box is too small')
  for (let row = 0; row < count; row++) {
    const bytes = await cursor.at(body + 8 + row * 8, 8)
    yield [u32(bytes, 0), u32(bytes, 4)]
  }
}

/** What the edit list makes of it: an empty edit in front moves everything, the others show a part each. */
async function presented(
  source: ByteSource,
  runs: readonly Ticks[],
  track: Track,
  movieTimescale: number,
): Promise<PictureRun[] | undefined> {
  const toMs = (ticks: number) => (ticks / track.timescale) * 1000
  const shown: { start: number; end: number }[] = []
  const edits = track.edits ? await editsOf(source, track) : []
  if (edits === undefined || (edits.length > 0 && movieTimescale === 0)) return undefined
  if (edits.length === 0) for (const [from, to] of runs) shown.push({ start: toMs(from), end: toMs(to) })
  let at = 0
  for (const [index, { duration, mediaTime }] of edits.entries()) {
    const lengthMs = (duration / movieTimescale) * 1000
    if (mediaTime !== undefined) {
      const from = toMs(mediaTime)
      // The last one may leave open how long it is.
      const to = duration === 0 && index === edits.length - 1 ? Number.POSITIVE_INFINITY : from + lengthMs
      for (const run of runs) {
        const start = Math.max(from, toMs(run[0]))
        const end = Math.min(to, toMs(run[1]))
        if (start < end) shown.push({ start: at + start - from, end: at + end - from })
      }
      if (shown.length > mostRuns) return undefined
    }
    at += lengthMs
  }
  return joined(shown)
}

/** One row of an edit list: so many ticks of the movie. */
export interface Edit {
  readonly duration: number
  /** Absent for an empty edit. */
  readonly mediaTime?: number
}

/** The rows of the elst box; `undefined` where it contradicts itself. */
export async function editsOf(source: ByteSource, { edits }: Track): Promise<Edit[] | undefined> {
  const cursor = new Cursor(source, 4096)
  const { body, end } = edits!
  const wide = (await cursor.at(body, 1))[0] === 1
  const count = await cursor.u32(body + 4)
  const rowBytes = wide ? 20 : 12
  if (count > mostEdits || body + 8 + count * rowBytes > end) return undefined
  const list: Edit[] = []
  for (let row = 0; row < count; row++) {
    const bytes = await cursor.at(body + 8 + row * rowBytes, rowBytes)
    const duration = wide ? u64(bytes, 0) : u32(bytes, 0)
    const mediaTime = wide ? u64(bytes, 8) : u32(bytes, 4)
    const empty = wide ? mediaTime >= 2 ** 63 : mediaTime >= 2 ** 31
    list.push(empty ? { duration } : { duration, mediaTime })
  }
  return list
}

/** In whole milliseconds; what touches is one. */
function joined(shown: readonly { readonly start: number; readonly end: number }[]): PictureRun[] {
  const runs: { startMs: number; endMs: number }[] = []
  for (const { start, end } of shown) {
    const [startMs, endMs] = [Math.round(start), Math.round(end)]
    const last = runs.at(-1)
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs)
    else if (startMs < endMs) runs.push({ startMs, endMs })
  }
  return runs
}
