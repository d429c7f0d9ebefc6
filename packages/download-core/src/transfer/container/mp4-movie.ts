import type { EpochMs } from '../../footage/time-window.ts'
import { type Box, children } from './mp4-boxes.ts'
import { type ByteSource, Cursor, fourCc, Malformed, u32, u64 } from './report.ts'

/** One track of the index. Tables stay in the file and are named by their boxes. */
export interface Track {
  id: number
  kind: string
  timescale: number
  /** In units of `timescale`. */
  duration: number
  width?: number
  height?: number
  /** The track header's turn: a, b, c, d of its matrix, 1 being 65,536. */
  matrix?: readonly [number, number, number, number]
  codec?: string
  /** The stsd box: what a decoder needs to know. */
  descriptions?: Box
  samples: number
  sizes?: Box
  offsets?: Box
  chunks?: Box
  /** The stts box: how long each picture is shown. */
  times?: Box
  /** The ctts box: how much later than decoded each picture is shown. */
  composition?: Box
  /** The elst box: which parts are shown, and when. */
  edits?: Box
}

/** What a `moov` box tells. */
export interface Movie {
  readonly tracks: readonly Track[]
  /** Ticks per second in which the movie counts its own duration and its edits; 0 where it does not say. */
  readonly timescale: number
  readonly durationMs?: number
  readonly createdAt?: EpochMs
  readonly fragmented: boolean
  /** The duration that a fragmented file states for all its fragments. */
  readonly statedFragmentMs?: number
  /** What samples are where their fragment does not say, by track id. */
  readonly defaults: ReadonlyMap<number, { readonly duration: number; readonly size: number }>
}

const mostTracks = 64
const between1904And1970 = 2_082_844_800

/** Reads the index: tracks, durations, and where their tables lie. Throws Malformed. */
export async function readMovie(source: ByteSource, moov: Box): Promise<Movie> {
  const cursor = new Cursor(source, 4096)
  const tracks: Track[] = []
  const defaults = new Map<number, { duration: number; size: number }>()
  let timescale = 0
  let duration = 0
  let created = 0
  let fragmented = false
  let fragmentDuration = 0
  for await (const box of children(cursor, moov)) {
    if (box.type === 'mvhd') {
      const times = await readTimes(cursor, box)
      timescale = times.timescale
      duration = times.duration
      created = times.created
    } else if (box.type === 'trak') {
      if (tracks.length >= mostTracks) throw new Malformed(`more than ${mostTracks} tracks`)
      tracks.push(await readTrack(cursor, box))
    } else if (box.type === 'mvex') {
      fragmented = true
      for await (const inner of children(cursor, box)) {
        const body = await cursor.at(inner.body, Math.min(24, inner.end - inner.body))
        if (inner.type === 'trex' && body.length >= 20 && defaults.size < mostTracks) {
          defaults.set(u32(body, 4), { duration: u32(body, 12), size: u32(body, 16) })
        } else if (inner.type === 'mehd' && body.length >= 8) {
          fragmentDuration = body[0] === 1 && body.length >= 12 ? u64(body, 4) : u32(body, 4)
        }
      }
    }
  }
  const scale = (units: number) => (units / timescale) * 1000
  // Writers that leave the movie's own duration empty still fill the tracks'.
  const longest =
    Math.max(0, ...tracks.map((track) => (track.timescale > 0 ? track.duration / track.timescale : 0))) * 1000
  const durationMs = timescale > 0 && duration > 0 && duration < 2 ** 32 - 1 ? scale(duration) : longest
  return {
    tracks,
    timescale,
    fragmented,
    defaults,
    ...(durationMs > 0 ? { durationMs } : {}),
    ...(created > between1904And1970 && created < 2 ** 33 ? { createdAt: (created - between1904And1970) * 1000 } : {}),
    ...(fragmentDuration > 0 && timescale > 0 ? { statedFragmentMs: scale(fragmentDuration) } : {}),
  }
}

/** mvhd and mdhd share their beginning. */
async function readTimes(cursor: Cursor, box: Box) {
  const version = (await cursor.at(box.body, 1))[0]
  if (version === 1) {
    const body = await cursor.at(box.body, within(box, 32))
    return { created: u64(body, 4), timescale: u32(body, 20), duration: u64(body, 24) }
  }
  const body = await cursor.at(box.body, within(box, 20))
  return { created: u32(body, 4), timescale: u32(body, 12), duration: u32(body, 16) }
}

function within(box: Box, bytes: number): number {
  if (box.end - box.body < bytes) throw new Malformed(`the ${box.type} box at ${box.start} is too small`)
  return bytes
}

async function readTrack(cursor: Cursor, trak: Box): Promise<Track> {
  const track: Track = { id: 0, kind: '', timescale: 0, duration: 0, samples: 0 }
  await descend(cursor, trak, track, 0)
  return track
}

const folders = new Set(['edts', 'mdia', 'minf', 'stbl'])

async function descend(cursor: Cursor, parent: Box, track: Track, depth: number): Promise<void> {
  for await (const box of children(cursor, parent)) {
    if (folders.has(box.type) && depth < 3) await descend(cursor, box, track, depth + 1)
    else await readTrackBox(cursor, box, track)
  }
}

async function readTrackBox(cursor: Cursor, box: Box, track: Track): Promise<void> {
  switch (box.type) {
    case 'tkhd': {
      const long = (await cursor.at(box.body, 1))[0] === 1
      const body = await cursor.at(box.body, within(box, long ? 96 : 84))
      track.id = u32(body, long ? 20 : 12)
      track.width = u32(body, long ? 88 : 76) / 65_536
      track.height = u32(body, long ? 92 : 80) / 65_536
      const at = long ? 52 : 40
      track.matrix = [u32(body, at) | 0, u32(body, at + 4) | 0, u32(body, at + 12) | 0, u32(body, at + 16) | 0]
      break
    }
    case 'mdhd':
      Object.assign(track, pick(await readTimes(cursor, box)))
      break
    case 'hdlr':
      track.kind ||= fourCc(await cursor.at(box.body, within(box, 12)), 8)
      break
    case 'stsd':
      track.descriptions = box
      await readSampleDescription(cursor, box, track)
      break
    case 'stsz':
    case 'stz2':
      track.sizes = box
      track.samples = u32(await cursor.at(box.body, within(box, 12)), 8)
      break
    case 'stco':
    case 'co64':
      track.offsets = box
      break
    case 'stsc':
      track.chunks = box
      break
    case 'stts':
      track.times = box
      break
    case 'ctts':
      track.composition = box
      break
    case 'elst':
      track.edits = box
      break
  }
}

function pick({ timescale, duration }: { timescale: number; duration: number }) {
  return { timescale, duration: duration === 2 ** 32 - 1 ? 0 : duration }
}

async function readSampleDescription(cursor: Cursor, box: Box, track: Track): Promise<void> {
  const bytes = box.end - box.body
  if (bytes < 16) return
  const body = await cursor.at(box.body, Math.min(bytes, 48))
  track.codec = fourCc(body, 12)
  // The coded size; the track header's may be scaled for square pixels or empty.
  if (track.kind === 'vide' && body.length >= 44) {
    track.width = body[40]! * 256 + body[41]! || (track.width ?? 0)
    track.height = body[42]! * 256 + body[43]! || (track.height ?? 0)
  }
}
