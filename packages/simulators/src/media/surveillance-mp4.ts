import { bytesFile, joinFiles, type SyncVirtualFile } from '../kit/virtual-file.ts'
import { framesFile, type Media, media } from './media.ts'
import { box, fullBox, moov, u32 } from './mp4-boxes.ts'
import { type QuietStream, quietStream } from './quiet-stream.ts'

/** Five seconds, or less, that begin with a key picture. */
export interface FilmGroup {
  /** Where it stands in the film, in milliseconds; the first one stands at 0 or, with an empty edit, later. */
  readonly at: number
  /** Epoch milliseconds of what it shows; decides its bytes. */
  readonly shows: number
  /** Milliseconds, more than 0 and at most `groupMs`. Default `groupMs`. */
  readonly lasts?: number
}

export interface SurveillanceMp4Options {
  readonly seed: number | string
  /** Even. */
  readonly width: number
  /** Even. */
  readonly height: number
  /** In order, none before the one before it ends. */
  readonly groups: readonly FilmGroup[]
  /** Epoch milliseconds in the headers; undefined writes 0. */
  readonly createdAt?: number | undefined
  /** Keep the time before the first group as an empty edit. Default false: the film begins with its first picture. */
  readonly keepLead?: boolean
}

/** One key picture in so many milliseconds. */
export const groupMs = 5000
/** One picture a second. */
export const pictureMs = 1000
/** Pictures of a group that is not cut short. */
export const groupPictures = groupMs / pictureMs

/** How long a group is, how many pictures it has, and their bytes, the key picture first. */
export function measured(group: FilmGroup | undefined, { pictureBytes, groupBytes }: QuietStream) {
  const lasts = group?.lasts ?? groupMs
  const pictures = Math.ceil(lasts / pictureMs)
  const bytes = pictureBytes.slice(pictures).reduce((rest, size) => rest - size, groupBytes)
  return { lasts, pictures, bytes, pictureBytes: pictureBytes.slice(0, pictures) }
}

/** What a camera recorded, as an MP4 laid out `ftyp mdat moov`. Where groups are missing, a picture stands for long. */
export function surveillanceMp4(options: SurveillanceMp4Options): Media {
  const { seed, width, height, groups, createdAt, keepLead = false } = options
  const stream = quietStream(seed, width, height, groupPictures)
  const measures = groups.map((group) => measured(group, stream))
  const first = groups[0]?.at ?? 0
  const durationTicks = groups.length === 0 ? 0 : groups.at(-1)!.at + measures.at(-1)!.lasts - first
  const movie = {
    ...{ width, height, stream, durationTicks, timescale: 1000 },
    // The header counts from 1904, so that its 0 means that nobody said.
    createdAt: createdAt ?? -2_082_844_800_000,
    emptyMs: keepLead ? first : 0,
  }
  const dataBytes = measures.reduce((sum, { bytes }) => sum + bytes, 0)
  const mdat = Buffer.concat([u32(dataBytes + 8), Buffer.from('mdat')])
  const tables = sampleTables(groups, measures, ftyp.length + mdat.length)
  const pieces: SyncVirtualFile[] = [
    bytesFile(ftyp),
    bytesFile(mdat),
    framesFile(
      groups.length,
      (index) => measures[index]!.bytes,
      (index) => stream.group(groups[index]!.shows).subarray(0, measures[index]!.bytes),
    ),
    bytesFile(moov(movie, tables)),
  ]
  return media('mp4', joinFiles(pieces), { frames: picturesOf(measures), width, height, fps: 1000 / pictureMs })
}

const ftyp = box('ftyp', Buffer.from('mp42'), u32(0), Buffer.from('mp42mp41isomav01'))

type Measures = readonly ReturnType<typeof measured>[]

const picturesOf = (measures: Measures) => measures.reduce((sum, { pictures }) => sum + pictures, 0)

function sampleTables(groups: readonly FilmGroup[], measures: Measures, firstAt: number): Buffer[] {
  const count = picturesOf(measures)
  const sizes = measures.flatMap(({ pictureBytes }) => pictureBytes)
  let next = 1
  const keys = measures.map(({ pictures }) => {
    next += pictures
    return next - pictures
  })
  return [
    fullBox('stts', 0, 0, timesToSample(groups, measures)),
    fullBox('stss', 0, 0, words([keys.length, ...keys])),
    fullBox('stsc', 0, 0, count === 0 ? u32(0) : u32(1, 1, count, 1)),
    fullBox('stsz', 0, 0, words([0, count, ...sizes])),
    fullBox('stco', 0, 0, count === 0 ? u32(0) : u32(1, firstAt)),
  ]
}

/** As `u32`, for more words than a call takes arguments. */
function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value, at * 4)
  })
  return bytes
}

/** Run lengths: a second for each picture, and longer for the last one before a gap. */
function timesToSample(groups: readonly FilmGroup[], measures: Measures): Buffer {
  const runs: [count: number, ticks: number][] = []
  const add = (count: number, ticks: number) => {
    const before = runs.at(-1)
    if (before?.[1] === ticks) before[0] += count
    else if (count > 0) runs.push([count, ticks])
  }
  groups.forEach(({ at }, index) => {
    const { pictures, lasts } = measures[index]!
    add(pictures - 1, pictureMs)
    add(1, (groups[index + 1]?.at ?? at + lasts) - at - (pictures - 1) * pictureMs)
  })
  return words([runs.length, ...runs.flat()])
}

/** A film without any picture, of exactly 290 bytes. */
export function stubMp4(): Uint8Array {
  const none = { width: 16, height: 16, timescale: 1000, durationTicks: 0, createdAt: -2_082_844_800_000 }
  const { sps, pps } = quietStream(0, 16, 16, 1)
  const whole = moov({ ...none, stream: { sps, pps } }, [])
  // Of the movie only its header: a track would take more than there is.
  const header = whole.subarray(8, 8 + whole.readUInt32BE(8))
  const head = Buffer.concat([ftyp, box('mdat'), box('moov', header)])
  return Buffer.concat([head, box('free', Buffer.alloc(290 - head.length - 8))])
}
