import { type Clip, joinToleranceMs } from './clips.ts'
import { MergeError } from './errors.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { type Group, repairsOf } from './grouping.ts'
import { type Joined, writeJoinList, writeMetadata } from './join-list.ts'
import { type Counted, judge } from './judge.ts'
import type { Probe, VideoStream } from './probe.ts'
import type { progressOf, Work } from './work.ts'
import type { WorkFolder } from './work-folder.ts'

/** How clips are put behind each other. */
export interface CopyOptions {
  /** Missing time: `close` shows the next clip at once, `hold` keeps the last picture for as long. */
  readonly gaps: 'close' | 'hold'
  readonly chapters: boolean
}

/** Joins a group without decoding a picture and proves the result. Returns its facts, and what had to be repaired. */
export async function copyGroup(
  group: Group,
  file: string,
  options: CopyOptions,
  { work, folder, progress }: { work: Work; folder: WorkFolder; progress: ReturnType<typeof progressOf> },
): Promise<{ readonly found: Probe; readonly repaired: string[] }> {
  const { clips, audio, timescale } = group
  const repaired: string[] = []
  const parts: Probe[] = []
  for (const clip of clips) {
    const why = repairsOf(clip, group)
    if (why.length === 0) {
      parts.push(clip.probe)
      continue
    }
    work.report({ type: 'repairing', path: clip.path, why })
    repaired.push(`${clip.path}: ${why.join(', ')}`)
    parts.push(await repair(clip, group, folder.own(`repaired-${repaired.length}.mp4`), work))
  }
  const joined = parts.map((part, index) => placed(part, clips[index]!, clips[index + 1], options.gaps))
  const name = `${clips.length}-clips`
  const list = await writeJoinList(joined, folder, name)
  const starts = [0]
  for (const { untilNextMs } of joined) starts.push(starts.at(-1)! + untilNextMs)
  const chapters = options.chapters && clips[0]!.start !== undefined
  const metadata = await writeMetadata(
    folder,
    name,
    clips[0]!.start ?? clips[0]!.probe.createdAt,
    chapters
      ? clips.map(({ start }, index) => ({
          ...{ startMs: starts[index]!, endMs: starts[index + 1]!, title: new Date(start!).toISOString() },
        }))
      : [],
  )
  const video = clips[0]!.video
  const totalMs = starts.at(-1)!
  const ended = await runFfmpeg(work.ffmpeg, {
    inputs: [
      { options: ['-f', 'concat', '-safe', '0'], source: list },
      { options: ['-f', 'ffmetadata'], source: metadata },
    ],
    options: [
      ...['-map', '0:v:0', ...(audio ? ['-map', '0:a:0'] : []), '-map_metadata', '1', '-map_chapters', '1'],
      ...['-copyts', '-c', 'copy', '-tag:v', video.tag, '-video_track_timescale', `${timescale}`],
      ...['-movflags', '+faststart', '-f', 'mp4'],
    ],
    to: file,
    signal: work.signal,
    onProgress: (doneMs) => progress.at(doneMs),
  })
  const found = await judge(
    file,
    {
      frames: countOf(parts.map(({ video }) => video!)),
      videoMs: totalMs - leadOf(parts[0]!) - (joined.at(-1)!.untilNextMs - tailOf(parts.at(-1)!)),
      toleranceMs: 100 + 2000 / Math.max(1, video.frameRate) + 2 * parts.length,
      audio: audio ? aroundJoins(countOf(parts.map(({ audio }) => audio!)), parts.length) : undefined,
      rotation: video.rotation,
    },
    ended,
    folder.target,
  )
  progress.finished(totalMs)
  return { found, repaired }
}

/** Rewrites a clip's container; its pictures are copied. */
async function repair(clip: Clip, { audio, timescale }: Group, file: string, work: Work): Promise<Probe> {
  const silent = audio !== undefined && clip.probe.audio === undefined
  const layout = audio?.channels === 1 ? 'mono' : 'stereo'
  const seconds = ((clip.video.endMs - clip.video.startMs) / 1000).toFixed(6)
  const silence = `anullsrc=r=${audio?.sampleRate}:cl=${layout},atrim=0:${seconds}[silence]`
  const ended = await runFfmpeg(work.ffmpeg, {
    inputs: [{ source: clip.path }],
    options: [
      ...(silent ? ['-filter_complex', silence] : []),
      ...['-map', '0:v:0', ...(silent ? ['-map', '[silence]'] : audio ? ['-map', '0:a:0'] : [])],
      ...['-c:v', 'copy', ...(silent ? ['-c:a', 'aac', '-b:a', '64k'] : ['-c:a', 'copy'])],
      ...['-tag:v', clip.video.tag, '-video_track_timescale', `${timescale}`, '-f', 'mp4'],
    ],
    to: file,
    signal: work.signal,
  })
  const { mediaMs, rotation } = clip.video
  const many = Number.POSITIVE_INFINITY
  const found = await judge(
    file,
    {
      frames: countOf([clip.video]),
      ...{ videoMs: mediaMs, toleranceMs: clip.video.trimmed ? many : 50, rotation },
      audio: audio ? { atLeast: silent ? 1 : clip.probe.audio!.packets - 2, atMost: many } : undefined,
    },
    ended,
    clip.path,
  )
  if (audio && found.audio!.configuration !== audio.configuration)
    throw new MergeError(`No silence like the other clips' sound could be made for ${clip.path}.`, {
      ...{ code: 'CLIPS_DIFFER', advice: "Join them without sound (audio: 'drop'), or leave that clip out." },
    })
  return found
}

/** Sound that outlasts the pictures by less is only what was left of its last packet. */
const soundOutlastsMs = 50

/** Said for each clip: ffmpeg itself counts the silence that encoders begin with, 21 ms at each join. */
function placed(part: Probe, clip: Clip, next: Clip | undefined, gaps: CopyOptions['gaps']): Joined {
  const soundEnd = part.audio?.endMs ?? 0
  const end = soundEnd - part.video!.endMs > soundOutlastsMs ? soundEnd : part.video!.endMs
  const untilNextMs = end - beginOf(part)
  if (gaps === 'close' || clip.start === undefined || next?.start === undefined) return { path: part.path, untilNextMs }
  const reallyMs = next.start + beginOf(next.probe) - (clip.start + beginOf(part))
  return { path: part.path, untilNextMs: reallyMs - untilNextMs > joinToleranceMs ? reallyMs : untilNextMs }
}

/** Where ffmpeg has a file begin: with its first picture or sound. */
function beginOf({ video, audio }: Probe): number {
  return Math.min(video!.startMs, audio?.startMs ?? Number.POSITIVE_INFINITY)
}

/** Time before the first picture, and until the end of the last one. */
const leadOf = (part: Probe) => part.video!.startMs - beginOf(part)
const tailOf = (part: Probe) => part.video!.endMs - beginOf(part)

type Countable = Pick<VideoStream, 'packets' | 'trimmed' | 'startMs' | 'endMs' | 'mediaMs'>

/** Packets that an edit list leaves out may be copied or not. */
function countOf(streams: readonly Countable[]): Counted {
  const shown = ({ packets, trimmed, startMs, endMs, mediaMs }: Countable) =>
    trimmed && mediaMs > 0 ? Math.floor(packets * Math.min(1, (endMs - startMs) / mediaMs)) - 1 : packets
  return {
    atLeast: streams.reduce((sum, stream) => sum + shown(stream), 0),
    atMost: streams.reduce((sum, { packets }) => sum + packets, 0),
  }
}

/** Encoders begin with a packet or two that are not to be heard, and muxers may drop those. */
function aroundJoins({ atLeast, atMost }: Counted, parts: number): Counted {
  return { atLeast: Math.max(1, atLeast - 3 * parts), atMost: atMost + parts }
}
