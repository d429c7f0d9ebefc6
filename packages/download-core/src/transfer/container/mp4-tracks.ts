import type { EpochMs } from '../../footage/time-window.ts'
import { type Box, boxes, children } from './mp4-boxes.ts'
import { readFragment, type Timeline } from './mp4-fragment.ts'
import { type Movie, readMovie, type Track } from './mp4-movie.ts'
import { editsOf, rowsOf } from './mp4-runs.ts'
import { type ByteSource, Cursor, Malformed } from './report.ts'

/** One track of an MP4, as its own tables describe it. Moments are milliseconds of the movie's time line. */
export interface Mp4Track {
  readonly id: number
  readonly kind: 'video' | 'audio' | 'other'
  /** The container's own name for the codec: `avc1`, `hvc1`, `mp4a`. */
  readonly codec: string
  /** How many sets of codec parameters it has: more than 1 means that they change within the track. */
  readonly descriptions: number
  /** What sets up the decoder, by box: `avcC`, `hvcC`, `esds`, `pasp`, `colr` … without their heads. */
  readonly setup: ReadonlyMap<string, Uint8Array>
  /** Ticks per second. */
  readonly timescale: number
  /** Pictures or packets of sound. */
  readonly samples: number
  /** Sum of all samples' durations. */
  readonly mediaMs: number
  /** Shortest and longest time between two samples, in ticks. 0 where unknown. */
  readonly shortestTicks: number
  readonly longestTicks: number
  /** How long the last sample lasts, in ticks: often a guess of the writer. */
  readonly lastTicks: number
  /** When the first sample is shown, with the edit list. */
  readonly startMs: number
  /** When the last one ends. */
  readonly endMs: number
  /** The edit list leaves out some samples. */
  readonly trimmed: boolean
  /** Video: coded size in pixels. */
  readonly width: number
  readonly height: number
  /** Video: a, b, c, d of the matrix it is shown through; 1, 0, 0, 1 is upright. */
  readonly matrix: readonly [number, number, number, number]
  /** Audio. */
  readonly channels: number
  readonly sampleRate: number
}

/** What `readMp4Tracks` finds. */
export interface Mp4Tracks {
  readonly tracks: readonly Mp4Track[]
  readonly fragmented: boolean
  /** When recording began, by the device's own clock. */
  readonly createdAt?: EpochMs
}

const mostFragments = 5_000_000
const largestSetupBytes = 65_536

/**
 * The codec parameters and time lines of an MP4 (or QuickTime file). `undefined` where it has no readable index. Says nothing
 * about whether the file is whole: that is `readMp4`.
 */
export async function readMp4Tracks(source: ByteSource): Promise<Mp4Tracks | undefined> {
  const cursor = new Cursor(source, 4096)
  const timeline: Timeline = new Map()
  let movie: Movie | undefined
  try {
    let fragments = 0
    for await (const box of boxes(cursor, 0, source.size)) {
      if (box.end > source.size) break
      if (box.type === 'moov' && !movie) movie = await readMovie(source, box)
      else if (box.type === 'moof') {
        if (++fragments > mostFragments) return undefined
        await readFragment(cursor, box, movie, timeline)
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
  if (!movie) return undefined
  try {
    const tracks: Mp4Track[] = []
    for (const track of movie.tracks) tracks.push(await described(source, track, movie, timeline))
    const { fragmented, createdAt } = movie
    return { tracks, fragmented, ...(createdAt === undefined ? {} : { createdAt }) }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

async function described(source: ByteSource, track: Track, movie: Movie, timeline: Timeline): Promise<Mp4Track> {
  const kind = track.kind === 'vide' ? 'video' : track.kind === 'soun' ? 'audio' : 'other'
  const inFragments = timeline.get(track.id)
  const table = await readTable(source, track)
  const ticks = table.ticks + (inFragments ? inFragments.last - inFragments.first : 0)
  const [first, end] =
    inFragments && table.samples === 0 ? [inFragments.first, inFragments.last] : await shownTicks(source, track, ticks)
  const perMs = track.timescale / 1000
  return {
    id: track.id,
    kind,
    codec: track.codec ?? '',
    ...(await readSetup(source, track, kind)),
    timescale: track.timescale,
    samples: track.samples + (inFragments?.samples ?? 0),
    mediaMs: perMs > 0 ? ticks / perMs : 0,
    shortestTicks: table.shortest,
    longestTicks: table.longest,
    lastTicks: table.last,
    ...(await shown(source, track, movie, first, end)),
    width: track.width ?? 0,
    height: track.height ?? 0,
    matrix: (track.matrix ?? [65_536, 0, 0, 65_536]).map((value) => value / 65_536) as [number, number, number, number],
  }
}

async function readTable(source: ByteSource, track: Track) {
  const sum = { samples: 0, ticks: 0, shortest: 0, longest: 0, last: 0 }
  if (!track.times) return sum
  let held: readonly [number, number] = [0, 0]
  const take = (count: number, ticks: number) => {
    if (count <= 0) return
    sum.shortest = sum.shortest === 0 ? ticks : Math.min(sum.shortest, ticks)
    sum.longest = Math.max(sum.longest, ticks)
  }
  for await (const row of rowsOf(source, track)) {
    sum.samples += row[0]
    sum.ticks += row[0] * row[1]
    take(...held)
    held = row
  }
  take(held[0] - 1, held[1])
  sum.last = held[1]
  return sum
}

/** In ticks: when the first sample is shown and the last one ends. Pictures are stored in another order than shown. */
async function shownTicks(source: ByteSource, track: Track, ticks: number): Promise<readonly [number, number]> {
  const { composition } = track
  if (!composition || !track.times || track.samples === 0) return [0, ticks]
  const cursor = new Cursor(source)
  const signed = (await cursor.at(composition.body, 1))[0] === 1
  const rows = await cursor.u32(composition.body + 4)
  if (composition.body + 8 + rows * 8 > composition.end) throw new Malformed('the ctts box is too small')
  let row = 0
  let left = 0
  let offset = 0
  let decoded = 0
  let first = Number.POSITIVE_INFINITY
  let end = 0
  for await (const [count, each] of rowsOf(source, track)) {
    for (let taken = 0; taken < count; ) {
      if (left === 0) {
        if (row >= rows) return [Number.isFinite(first) ? first : 0, Math.max(end, ticks)]
        const at = composition.body + 8 + row++ * 8
        left = await cursor.u32(at)
        const value = await cursor.u32(at + 4)
        offset = signed ? value | 0 : value
        if (left === 0) continue
      }
      const run = Math.min(left, count - taken)
      // Within a run of both tables the first is shown first, and the last last.
      first = Math.min(first, decoded + offset)
      decoded += run * each
      end = Math.max(end, decoded + offset)
      left -= run
      taken += run
    }
  }
  return [Number.isFinite(first) ? first : 0, end]
}

async function shown(source: ByteSource, track: Track, movie: Movie, first: number, end: number) {
  const toMs = (units: number) => (track.timescale > 0 ? (units / track.timescale) * 1000 : 0)
  const edits = track.edits && movie.timescale > 0 ? await editsOf(source, track) : []
  if (!edits?.some(({ mediaTime }) => mediaTime !== undefined)) {
    const lead = (edits ?? []).reduce((sum, { duration }) => sum + duration, 0)
    const leadMs = movie.timescale > 0 ? (lead / movie.timescale) * 1000 : 0
    return { startMs: leadMs + toMs(first), endMs: leadMs + toMs(end), trimmed: false }
  }
  const parts: { readonly from: number; readonly fromMs: number; readonly lengthMs: number; readonly atMs: number }[] =
    []
  let atMs = 0
  for (const [index, { duration, mediaTime }] of edits.entries()) {
    const open = duration === 0 && index === edits.length - 1
    const lengthMs = open ? Number.POSITIVE_INFINITY : (duration / movie.timescale) * 1000
    if (mediaTime !== undefined) parts.push({ from: mediaTime, fromMs: toMs(mediaTime), lengthMs, atMs })
    atMs += lengthMs
  }
  const head = parts[0]!
  const tail = parts.at(-1)!
  // The movie counts its edits in coarser ticks than the track its samples.
  const slackMs = 1000 / movie.timescale + toMs((end - first) / Math.max(1, track.samples)) / 2
  return {
    startMs: head.atMs + Math.max(0, toMs(first) - head.fromMs),
    endMs: tail.atMs + Math.min(tail.lengthMs, Math.max(0, toMs(end) - tail.fromMs)),
    trimmed:
      parts.length > 1 || head.fromMs > toMs(first) + slackMs || head.fromMs + head.lengthMs < toMs(end) - slackMs,
  }
}

/** Bytes between a sample entry's head and the boxes inside it. */
const fixedBytes = { video: 78, audio: 28, other: 8 } as const

async function readSetup(source: ByteSource, { descriptions: table }: Track, kind: Mp4Track['kind']) {
  const setup = new Map<string, Uint8Array>()
  const found = { descriptions: 0, setup, channels: 0, sampleRate: 0 }
  if (!table || table.end - table.body < 16) return found
  const cursor = new Cursor(source, 4096)
  found.descriptions = await cursor.u32(table.body + 4)
  for await (const entry of children(cursor, table, 8)) {
    let skip: number = fixedBytes[kind]
    if (kind === 'audio' && entry.end - entry.body >= skip) {
      const head = Buffer.from(await cursor.at(entry.body, skip))
      found.channels = head.readUInt16BE(16)
      found.sampleRate = head.readUInt32BE(24) / 65_536
      // QuickTime's own second and third form are longer.
      skip += [0, 16, 36][head.readUInt16BE(8)] ?? 0
    }
    await takeBoxes(cursor, entry, skip, setup)
    break
  }
  return found
}

async function takeBoxes(cursor: Cursor, parent: Box, skip: number, setup: Map<string, Uint8Array>): Promise<void> {
  if (parent.body + skip >= parent.end) return
  try {
    for await (const box of children(cursor, parent, skip)) {
      const bytes = box.end - box.body
      if (box.type === 'wave') await takeBoxes(cursor, box, 0, setup)
      else if (bytes <= largestSetupBytes && setup.size < 32 && !setup.has(box.type))
        setup.set(box.type, Uint8Array.from(await cursor.at(box.body, bytes)))
    }
  } catch (error) {
    // Some writers end an entry with a terminator that is no box.
    if (!(error instanceof Malformed)) throw error
  }
}
