import { basename, resolve } from 'node:path'
import { disk } from '@cam/download-core'
import { type ByteSource, containerOf, type Mp4Track, readMp4, readMp4Tracks } from '@cam/download-core/media'
import type { EpochMs } from '@cam/download-core/source'
import { codecParameters } from './codec-parameters.ts'
import { MergeError } from './errors.ts'
import { askFfprobe, findFfmpeg } from './ffmpeg.ts'
import { fromFfprobe } from './ffprobe.ts'

/** What a stream of pictures or sound is. Moments are milliseconds from the file's own beginning. */
interface Stream {
  /** Its place among the file's streams, from 0. */
  readonly index: number
  /** `h264`, `hevc`, `aac` … */
  readonly codec: string
  /** The container's own name for it: `avc1`, `hvc1`, `mp4a`. */
  readonly tag: string
  /** As the codec's standard numbers it. */
  readonly profile?: number | string
  readonly level?: number
  /** The whole set-up of the decoder: two streams with the same can follow each other in one track. */
  readonly configuration: string
  /** Ticks per second. */
  readonly timescale: number
  /** When the first picture or sound is presented. */
  readonly startMs: number
  /** When the last one ends. */
  readonly endMs: number
  /** Sum of what all packets last. */
  readonly mediaMs: number
  /** Pictures, or packets of sound. */
  readonly packets: number
  /** An edit list leaves out some of the packets. */
  readonly trimmed: boolean
}

/** The pictures of a file. */
export interface VideoStream extends Stream {
  /** Coded size in pixels, before it is turned. */
  readonly width: number
  readonly height: number
  /** Degrees clockwise that a player turns it by; `undefined` where it is mirrored or skewed instead. */
  readonly rotation: 0 | 90 | 180 | 270 | undefined
  /** Width of a pixel by its height. */
  readonly pixelAspect: number
  /** Pictures a second, on average. */
  readonly frameRate: number
  /** Pictures do not come at even intervals. */
  readonly variable: boolean
}

/** The sound of a file. */
export interface AudioStream extends Stream {
  readonly channels: number
  /** Hertz. */
  readonly sampleRate: number
}

/** What a file really is, whatever its name says. */
export interface Probe {
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
  readonly by: 'index' | 'ffprobe'
  readonly container: string
  /** From the first to the end of the last picture or sound. */
  readonly durationMs: number
  /** When recording began, by the camera's own clock. */
  readonly createdAt?: EpochMs
  readonly video?: VideoStream
  readonly audio?: AudioStream
  /** Streams besides the first of pictures and the first of sound. */
  readonly otherStreams: number
  /** Its parameters change within a track, so that it can be joined only by encoding it anew. */
  readonly changing: boolean
}

/** How to probe. */
export interface ProbeOptions {
  /** For files that are no MP4. Default: the one beside the ffmpeg that `findFfmpeg` finds. */
  readonly ffprobe?: string
  readonly signal?: AbortSignal
}

/**
 * Reads what a file really holds, out of its own index; ffmpeg is not needed for that. Files that are no MP4 are left to ffprobe,
 * where there is one. Throws MergeError `CLIP_UNREADABLE` for files that are missing, cut off, damaged or no video.
 */
export async function probe(path: string, options: ProbeOptions = {}): Promise<Probe> {
  const absolute = resolve(path)
  const found = await disk.stat(absolute)
  if (found?.kind !== 'file')
    throw unreadable(path, found ? 'it is not a file' : 'there is no such file', 'Look at the name.')
  const facts = { path: absolute, bytes: found.bytes, modifiedMs: found.modifiedMs }
  if (found.bytes === 0) throw unreadable(path, 'it is empty', fetchAgain)
  const file = await disk.open(absolute, 'read')
  try {
    const source: ByteSource = {
      size: found.bytes,
      async read(offset, length) {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, found.bytes - offset)))
        return bytes.subarray(0, await file.read(bytes, offset))
      },
    }
    if (containerOf(await source.read(0, 12)) === 'mp4') return await probeMp4(source, facts)
  } finally {
    await file.close()
  }
  options.signal?.throwIfAborted()
  const ffprobe = options.ffprobe ?? (await findFfmpeg().catch(() => undefined))?.ffprobe
  if (!ffprobe)
    throw unreadable(path, 'it is no MP4', 'Other formats need ffprobe, which comes with ffmpeg: install it.')
  let told: string
  try {
    told = await askFfprobe(ffprobe, absolute, options.signal)
  } catch {
    options.signal?.throwIfAborted()
    throw unreadable(path, 'ffprobe finds no video in it', fetchAgain)
  }
  const read = fromFfprobe(told, facts)
  if (!read.video && !read.audio) throw unreadable(path, 'it holds neither pictures nor sound', fetchAgain)
  return read
}

const fetchAgain = 'Fetch it again, or leave it out.'

function unreadable(path: string, why: string, advice: string): MergeError {
  return new MergeError(`${basename(path)} cannot be read: ${why} (${path}).`, {
    code: 'CLIP_UNREADABLE',
    advice,
    path,
  })
}

async function probeMp4(source: ByteSource, facts: Pick<Probe, 'path' | 'bytes' | 'modifiedMs'>): Promise<Probe> {
  const whole = await readMp4(source)
  if (!whole.complete)
    throw unreadable(facts.path, `it is cut off or damaged${whole.problem ? `: ${whole.problem}` : ''}`, fetchAgain)
  const index = await readMp4Tracks(source)
  const tracks = index?.tracks ?? []
  const pictures = tracks.find(({ kind, samples }) => kind === 'video' && samples > 0)
  const sound = tracks.find(({ kind, samples }) => kind === 'audio' && samples > 0)
  if (!pictures && !sound) throw unreadable(facts.path, 'it holds neither pictures nor sound', fetchAgain)
  const used = [pictures, sound].filter((track) => track !== undefined)
  const first = Math.min(...used.map(({ startMs }) => startMs))
  return {
    ...facts,
    by: 'index',
    container: 'mp4',
    durationMs: Math.max(...used.map(({ endMs }) => endMs)) - first,
    ...(index?.createdAt === undefined ? {} : { createdAt: index.createdAt }),
    ...(pictures ? { video: { ...videoOf(pictures), index: tracks.indexOf(pictures) } } : {}),
    ...(sound
      ? {
          audio: {
            channels: sound.channels,
            sampleRate: sound.sampleRate,
            ...streamOf(sound),
            index: tracks.indexOf(sound),
          },
        }
      : {}),
    otherStreams: tracks.length - used.length,
    changing: used.some(({ descriptions }) => descriptions > 1),
  }
}

function streamOf(track: Mp4Track): Omit<Stream, 'index'> {
  const { codec: tag, timescale, startMs, endMs, mediaMs, samples: packets, trimmed } = track
  return { ...codecParameters(track), tag, timescale, startMs, endMs, mediaMs, packets, trimmed }
}

function videoOf(track: Mp4Track): Omit<VideoStream, 'index'> {
  const pasp = track.setup.get('pasp')
  const view = pasp && pasp.length >= 8 ? new DataView(pasp.buffer, pasp.byteOffset) : undefined
  const aspect = view ? view.getUint32(0) / view.getUint32(4) : 1
  return {
    ...streamOf(track),
    width: track.width,
    height: track.height,
    rotation: rotationOf(track.matrix),
    pixelAspect: Number.isFinite(aspect) && aspect > 0 ? aspect : 1,
    frameRate: frameRateOf(track),
    variable: track.longestTicks > track.shortestTicks * 1.1 + 1,
  }
}

function rotationOf(matrix: Mp4Track['matrix']): VideoStream['rotation'] {
  const quarters: Readonly<Record<string, VideoStream['rotation']>> = {
    '1,0,0,1': 0,
    '0,1,-1,0': 90,
    '-1,0,0,-1': 180,
    '0,-1,1,0': 270,
  }
  return quarters[matrix.map((value) => Math.round(value) + 0).join(',')]
}

/** The last picture's own duration says nothing about the rate, where there are others. */
function frameRateOf({ samples, mediaMs, lastTicks, timescale }: Mp4Track): number {
  const lastMs = samples > 1 && lastTicks > 0 ? (lastTicks * 1000) / timescale : 0
  const spanMs = mediaMs - lastMs
  return spanMs > 0 ? ((samples - (lastMs > 0 ? 1 : 0)) * 1000) / spanMs : 0
}
