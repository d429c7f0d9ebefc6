import { type Clip, joinToleranceMs, spanOf } from './clips.ts'
import { clockText } from './clock-strip.ts'
import type { Span } from './options.ts'
import { type PictureSegment, type Piece, type SoundSegment, sampleRate } from './picture-plan.ts'

/** What stands on the time line of one view, in pictures or samples from the window's start. */
interface Placed {
  readonly clip: Clip
  readonly from: number
  readonly to: number
  /** Where the clip itself begins, which may be before `from`. */
  readonly begins: number
}

/** What a composite is planned from. */
export interface TimelineOptions {
  /** Whole seconds. */
  readonly window: Span
  readonly views: readonly (readonly Clip[])[]
  /** Indices of the views that are heard. */
  readonly heard: readonly number[]
  readonly frameRate: number
  readonly chunkMs: number
  /** IANA name; no clock without. */
  readonly clockZone: string | undefined
}

/** Cuts the window at whole minutes of the wall clock (or another chunk) and says for each piece what is seen and heard. */
export function planPieces(options: TimelineOptions): Piece[] {
  const { window, views, heard, frameRate, chunkMs, clockZone } = options
  const seen = views.map((clips) => placePictures(clips, window, frameRate))
  const sounds = heard.map((view) => placeSounds(views[view]!, window))
  const pieces: Piece[] = []
  for (let start = window.start; start < window.end; ) {
    const end = Math.min(window.end, (Math.floor(start / chunkMs) + 1) * chunkMs)
    const pictures = ((end - start) / 1000) * frameRate
    const first = ((start - window.start) / 1000) * frameRate
    const firstSample = ((start - window.start) / 1000) * sampleRate
    const samples = ((end - start) / 1000) * sampleRate
    pieces.push({
      pictures,
      views: seen.map((placed) => cut(placed, first, pictures)),
      sounds: sounds.map((placed) => cut(placed, firstSample, samples)),
      ...(clockZone === undefined ? {} : { clock: clockTexts(start, end, clockZone) }),
    })
    start = end
  }
  return pieces
}

function clockTexts(start: number, end: number, zone: string): string[] {
  return Array.from({ length: (end - start) / 1000 }, (_, second) => clockText(start + second * 1000, zone))
}

/** A clip, for as long as it is the one that is seen or heard. */
interface Shown extends Span {
  readonly clip: Clip
}

/** A clip gives way to one that begins later, and comes back where that ends before it. */
function layered(clips: readonly Shown[]): Shown[] {
  let shown: Shown[] = []
  for (const next of clips) {
    const around = shown.flatMap((one) =>
      one.end <= next.start || one.start >= next.end
        ? [one]
        : [
            { ...one, end: next.start },
            { ...one, start: next.end },
          ],
    )
    shown = [...around, next].filter(({ start, end }) => end > start)
  }
  return shown.sort((a, b) => a.start - b.start)
}

/** A pause too short to be footage that is missing shows the picture before it. */
function placePictures(clips: readonly Clip[], window: Span, frameRate: number): Placed[] {
  const place = (at: number) => Math.round(((at - window.start) / 1000) * frameRate)
  const shown = layered(clips.map((clip) => ({ clip, ...spanOf(clip) })))
  return shown.flatMap(({ clip, start, end }, index) => {
    const next = shown[index + 1]?.start ?? window.end
    const until = next > end && next - end <= joinToleranceMs ? next : end
    return within({ clip, begins: place(spanOf(clip).start), from: place(start), to: place(until) }, place(window.end))
  })
}

function placeSounds(clips: readonly Clip[], window: Span): Placed[] {
  const place = (at: number) => Math.round(((at - window.start) / 1000) * sampleRate)
  const heard = (clip: Clip) => {
    const { start, end } = spanOf(clip)
    const { audio } = clip.probe
    if (!audio) return { start, end }
    return { start: Math.min(start, clip.start! + audio.startMs), end: Math.max(end, clip.start! + audio.endMs) }
  }
  return layered(clips.map((clip) => ({ clip, ...heard(clip) }))).flatMap(({ clip, start, end }) => {
    const { audio } = clip.probe
    if (!audio) return []
    const begins = place(clip.start! + audio.startMs)
    const until = Math.min(place(end), place(clip.start! + audio.endMs))
    return within({ clip, begins, from: Math.max(begins, place(start)), to: until }, place(window.end))
  })
}

function within(placed: Placed, end: number): Placed[] {
  const cut = { ...placed, from: Math.max(0, placed.from), to: Math.min(end, placed.to) }
  return cut.from < cut.to ? [cut] : []
}

/** What of a view lies between `first` and `first + count`, with nothing in the gaps. */
function cut(placed: readonly Placed[], first: number, count: number): (PictureSegment & SoundSegment)[] {
  const segments: PictureSegment[] = []
  let at = first
  const gap = (until: number) => {
    if (until > at) segments.push({ from: 0, count: until - at })
    at = Math.max(at, until)
  }
  for (const { clip, from, to, begins } of placed) {
    const [start, end] = [Math.max(from, at), Math.min(to, first + count)]
    if (start >= end) continue
    gap(start)
    segments.push({ clip, from: start - begins, count: end - start })
    at = end
  }
  gap(first + count)
  return segments
}

/** Where a view shows nothing. */
export function blackSpans(clips: readonly Clip[], window: Span): Span[] {
  const spans: Span[] = []
  let reached = window.start
  for (const clip of clips) {
    const { start, end } = spanOf(clip)
    if (start > reached && (start - reached > joinToleranceMs || reached === window.start))
      spans.push({ start: reached, end: Math.min(start, window.end) })
    reached = Math.max(reached, Math.min(end, window.end))
    if (start >= window.end) break
  }
  if (window.end - reached > joinToleranceMs) spans.push({ start: reached, end: window.end })
  return spans.filter(({ start, end }) => end > start)
}
