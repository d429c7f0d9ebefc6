import type { AudioStream, Probe, VideoStream } from './probe.ts'

type Json = Readonly<Record<string, unknown>>

/** What ffprobe told of a file, in our words. Never throws: what it does not tell stays 0 or absent. */
export function fromFfprobe(text: string, facts: Pick<Probe, 'path' | 'bytes' | 'modifiedMs'>): Probe {
  const told = parsed(text)
  const streams = (Array.isArray(told.streams) ? told.streams : []) as readonly Json[]
  const format = (told.format ?? {}) as Json
  const pictures = streams.find(({ codec_type }) => codec_type === 'video')
  const sound = streams.find(({ codec_type }) => codec_type === 'audio')
  const durationMs = number(format.duration) * 1000
  return {
    ...facts,
    by: 'ffprobe',
    container: String(format.format_name ?? 'unknown'),
    durationMs,
    ...(pictures ? { video: videoOf(pictures, durationMs) } : {}),
    ...(sound
      ? {
          audio: {
            ...streamOf(sound, durationMs),
            channels: number(sound.channels),
            sampleRate: number(sound.sample_rate),
          } satisfies AudioStream,
        }
      : {}),
    otherStreams: streams.length - Number(pictures !== undefined) - Number(sound !== undefined),
    changing: false,
  }
}

function parsed(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : {}
  } catch {
    return {}
  }
}

function number(value: unknown): number {
  const read = Number(value)
  return Number.isFinite(read) ? read : 0
}

function ratio(value: unknown): number {
  const [above, below] = String(value ?? '').split(/[/:]/)
  const read = Number(above) / Number(below ?? 1)
  return Number.isFinite(read) && read > 0 ? read : 0
}

function streamOf(stream: Json, fileMs: number) {
  const startMs = number(stream.start_time) * 1000
  const mediaMs = number(stream.duration) * 1000 || fileMs
  return {
    index: number(stream.index),
    codec: String(stream.codec_name ?? 'unknown'),
    tag: String(stream.codec_tag_string ?? ''),
    ...(stream.profile === undefined ? {} : { profile: String(stream.profile) }),
    ...(number(stream.level) > 0 ? { level: number(stream.level) } : {}),
    // It tells no set-up: such files never count as the same, and are joined by encoding them.
    configuration: '',
    timescale: Math.round(1 / (ratio(stream.time_base) || 1)),
    startMs,
    endMs: startMs + mediaMs,
    mediaMs,
    packets: number(stream.nb_frames),
    trimmed: false,
  }
}

function videoOf(stream: Json, fileMs: number): VideoStream {
  const turned = (Array.isArray(stream.side_data_list) ? stream.side_data_list : []) as readonly Json[]
  const degrees = turned.map(({ rotation }) => number(rotation)).find((value) => value !== 0) ?? 0
  const clockwise = (((-degrees % 360) + 360) % 360) as 0 | 90 | 180 | 270
  const frameRate = ratio(stream.avg_frame_rate) || ratio(stream.r_frame_rate)
  return {
    ...streamOf(stream, fileMs),
    width: number(stream.width),
    height: number(stream.height),
    rotation: clockwise % 90 === 0 ? clockwise : undefined,
    pixelAspect: ratio(stream.sample_aspect_ratio) || 1,
    frameRate,
    variable: Math.abs(frameRate - ratio(stream.r_frame_rate)) > 0.1,
  }
}
