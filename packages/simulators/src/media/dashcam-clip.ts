import { bytesFile } from '../kit/virtual-file.ts'
import { pictureParameters, sequenceParameters } from './h264.ts'
import { type Media, media } from './media.ts'
import { keyPicture, type Mosaic, nextPicture, note } from './mosaic-h264.ts'
import { box, fullBox, moov, u32 } from './mp4-boxes.ts'
import { silentTrack } from './silent-aac.ts'
import { type Stamp, smallestStamp, stampCells, stampMosaic } from './stamp.ts'

export interface DashcamClipOptions extends Omit<Stamp, 'shows'> {
  /** Epoch milliseconds of the first picture's moment. */
  readonly shows: number
  /** Length of the film. Default 60000. */
  readonly durationMs?: number
  /** Even, at least 256. Default 320. */
  readonly width?: number
  /** Even, at least 144. Default 180. */
  readonly height?: number
  /** Divides the timescale. Default 10. */
  readonly fps?: number
  /** Ticks a second of the video track. Default 15360. */
  readonly timescale?: number
  /** Sample rate of a silent AAC track, or none. Default none. */
  readonly audio?: number | undefined
  /** A key picture in so many milliseconds. Default 5000. */
  readonly keyMs?: number
  /** How much faster than life it is, as a hyperlapse. Default 1. */
  readonly speed?: number
  /** Default `first`. */
  readonly moov?: 'first' | 'last'
  /** Epoch milliseconds in the headers. Default `shows`. */
  readonly createdAt?: number
  /** Stands in the film where no decoder looks, and makes its bytes its own. */
  readonly label?: string
}

/** A playable MP4 whose every picture says, in colour blocks, which second, angle and vehicle it shows: see `readStamp`. */
export function dashcamClip(options: DashcamClipOptions): Media {
  const { shows, width = 320, height = 180, fps = 10, timescale = 15360, durationMs = 60_000 } = options
  if (width % 2 !== 0 || height % 2 !== 0 || width < smallestStamp.width || height < smallestStamp.height)
    throw new RangeError(`a stamped picture is even and at least 256x144, got ${width}x${height}`)
  if (timescale % fps !== 0) throw new RangeError(`${fps} pictures a second do not divide a timescale of ${timescale}`)
  const pictures = picturesOf(options, Math.max(1, Math.round((durationMs * fps) / 1000)))
  const { sizes, keys, data } = pictures
  const count = sizes.length
  const ticks = timescale / fps
  const sound = options.audio === undefined ? undefined : silentTrack(options.audio, durationMs)
  const createdAt = options.createdAt ?? shows
  const movie = {
    ...{ width, height, timescale, createdAt, durationTicks: count * ticks, tracks: sound ? 2 : 1 },
    stream: { sps: sequenceParameters(width, height, 1), pps: pictureParameters() },
  }
  const movieBox = (dataAt: number) =>
    moov(
      movie,
      [
        fullBox('stts', 0, 0, u32(1, count, ticks)),
        fullBox('stss', 0, 0, u32(keys.length, ...keys)),
        fullBox('stsc', 0, 0, u32(1, 1, count, 1)),
        fullBox('stsz', 0, 0, u32(0, count, ...sizes)),
        fullBox('stco', 0, 0, u32(1, dataAt)),
      ],
      ...(sound ? [sound.trak(dataAt + data.length, Math.floor(createdAt / 1000) + epoch1904)] : []),
    )
  const mdat = box('mdat', data, ...(sound ? [sound.data] : []))
  const first = (options.moov ?? 'first') === 'first'
  const dataAt = ftyp.length + 8 + (first ? movieBox(0).length : 0)
  const bytes = Buffer.concat(first ? [ftyp, movieBox(dataAt), mdat] : [ftyp, mdat, movieBox(dataAt)])
  return media('mp4', bytesFile(bytes), { frames: count, width, height, fps })
}

/** Seconds between 1904-01-01, where MP4 counts from, and 1970-01-01. */
const epoch1904 = 2_082_844_800
const ftyp = box('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomiso2avc1mp41'))

/** Every picture's bytes and size, and the numbers of the key pictures, from 1. */
function picturesOf(options: DashcamClipOptions, count: number) {
  const { shows, angle, vehicle, width = 320, height = 180, fps = 10, keyMs = 5000, speed = 1, label = '' } = options
  const map = stampCells(width, height)
  const between = Math.max(1, Math.round((keyMs * fps) / 1000))
  const units: Buffer[] = []
  const keys: number[] = []
  let before: { second: number; mosaic: Mosaic } | undefined
  /** Most pictures change nothing, and there are sixteen of those. */
  const still: Buffer[] = []
  for (let number = 0; number < count; number++) {
    const second = Math.floor((shows + (number * 1000 * speed) / fps) / 1000)
    const mosaic = before?.second === second ? before.mosaic : stampMosaic({ shows: second * 1000, angle, vehicle })
    const sinceKey = number % between
    if (sinceKey === 0) {
      keys.push(number + 1)
      const words = number === 0 ? [note(`${new Date(shows).toISOString()} ${label}`.slice(0, 238))] : []
      units.push(Buffer.concat([...words, keyPicture(map, mosaic, keys.length)]))
    } else if (before!.mosaic === mosaic) {
      still[sinceKey & 15] ??= nextPicture(map, mosaic, mosaic, sinceKey)
      units.push(still[sinceKey & 15]!)
    } else units.push(nextPicture(map, before!.mosaic, mosaic, sinceKey))
    before = { second, mosaic }
  }
  return { keys, sizes: units.map(({ length }) => length), data: Buffer.concat(units) }
}
