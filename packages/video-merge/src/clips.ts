import type { EpochMs } from '@cam/download-core/source'
import { MergeError } from './errors.ts'
import type { ClipInput, LeftOut, Span } from './options.ts'
import { type Probe, probe, type VideoStream } from './probe.ts'
import type { Work } from './work.ts'

/** An input that was read and holds pictures. */
export interface Clip {
  readonly path: string
  readonly start?: EpochMs
  readonly probe: Probe
  readonly video: VideoStream
}

/** Clips closer to each other than this follow on. */
export const joinToleranceMs = 1000

/** Reads all inputs and puts them in the order of time; where none has a time, in the order given. */
export async function gatherClips(
  inputs: readonly (string | ClipInput)[],
  work: Work,
  unreadable: 'refuse' | 'leave-out' = 'refuse',
): Promise<{ readonly clips: readonly Clip[]; readonly leftOut: readonly LeftOut[] }> {
  const named = inputs.map((input) => (typeof input === 'string' ? { path: input } : input))
  const timed = named.filter(({ start }) => start !== undefined)
  if (timed.length > 0 && timed.length < named.length)
    throw new TypeError(`either all clips have a start or none: ${timed.length} of ${named.length} have one`)
  const wrong = timed.find(({ start }) => !Number.isFinite(start))
  if (wrong) throw new RangeError(`start is in epoch milliseconds, got ${wrong.start} for ${wrong.path}`)
  const clips: Clip[] = []
  const leftOut: LeftOut[] = []
  for (const input of named) {
    work.signal.throwIfAborted()
    try {
      clips.push(await readClip(input, work))
    } catch (error) {
      if (unreadable === 'refuse' || !(error instanceof MergeError) || error.code !== 'CLIP_UNREADABLE') throw error
      leftOut.push({ path: input.path, reason: error.message })
      work.report({ type: 'warning', message: `Left out: ${error.message}` })
    }
  }
  if (timed.length > 0) clips.sort((a, b) => a.start! - b.start!)
  return { clips, leftOut }
}

async function readClip(input: ClipInput, work: Work): Promise<Clip> {
  const { ffprobe } = work.ffmpeg
  const read = await probe(input.path, { signal: work.signal, ...(ffprobe ? { ffprobe } : {}) })
  const { video } = read
  if (!video || video.endMs <= video.startMs)
    throw new MergeError(`${input.path} holds no pictures.`, {
      ...{ code: 'CLIP_UNREADABLE', advice: 'Leave it out.', path: input.path },
    })
  return { path: read.path, ...(input.start === undefined ? {} : { start: input.start }), probe: read, video }
}

/** When a clip with a time begins and ends, as its pictures say. */
export function spanOf({ start, video }: Clip): Span {
  return { start: start! + video.startMs, end: start! + video.endMs }
}

/** Time between clips that lies in none, and time that lies in two. */
export function gapsAndOverlaps(clips: readonly Clip[]): { readonly gaps: Span[]; readonly overlaps: Span[] } {
  const gaps: Span[] = []
  const overlaps: Span[] = []
  let reached: EpochMs | undefined
  for (const clip of clips) {
    if (clip.start === undefined) continue
    const { start, end } = spanOf(clip)
    if (reached !== undefined && start - reached > joinToleranceMs) gaps.push({ start: reached, end: start })
    if (reached !== undefined && reached - start > joinToleranceMs)
      overlaps.push({ start, end: Math.min(reached, end) })
    reached = Math.max(reached ?? end, end)
  }
  return { gaps, overlaps }
}
