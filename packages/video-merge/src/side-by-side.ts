import { type Clip, gatherClips, spanOf } from './clips.ts'
import { formatter } from './clock-strip.ts'
import { findEncoder } from './encoders.ts'
import { MergeError } from './errors.ts'
import { mergedFile } from './judge.ts'
import type {
  ClipInput,
  EarlierFilm,
  EncodingOptions,
  LeftOut,
  MergedFile,
  MergeOptions,
  PieceNote,
  Span,
} from './options.ts'
import { leastBytes, sizeOf } from './picture-plan.ts'
import { renderPieces } from './pieces.ts'
import { shapeFor } from './shape.ts'
import { blackSpans, planPieces } from './timeline.ts'
import { beginWork, type Work } from './work.ts'
import { openWorkFolder } from './work-folder.ts'

/** One camera angle: its clips with the moments they begin, in any order. May be empty: then it stays black. */
export interface ViewInput {
  readonly name: string
  readonly clips: readonly Required<ClipInput>[]
}

/** What `sideBySide` is asked for. */
export interface SideBySideOptions extends MergeOptions, EncodingOptions {
  /** From left to right, and from top to bottom. 1 to 16. */
  readonly views: readonly ViewInput[]
  /** What the result shows, widened to whole seconds. Default: from the first to the last picture of all views. */
  readonly window?: Span
  /** `row`, `grid`, or so many `columns`. Default: up to three in a row, more in a grid. */
  readonly layout?: 'row' | 'grid' | { readonly columns: number }
  /** Pixels of each view, even. Default: the largest view's, as far as the whole stays within 3840×2160. */
  readonly cell?: { readonly width: number; readonly height: number }
  /** Whole pictures a second. Default: the fastest view's, at most 30. */
  readonly frameRate?: number
  /** Shows date, time and offset in the upper left corner. Default true. */
  readonly showTime?: boolean
  /** IANA zone of the time shown. Default `UTC`. */
  readonly timeZone?: string
  /** What is heard: the `first` view that has sound (default), unless another has more of it; all of them (`mix`), one by name, or nothing. */
  readonly audio?: 'first' | 'mix' | 'none' | { readonly view: string }
  /** Pieces that are encoded, and done again after an interruption, at a time: milliseconds, a whole number of seconds. Default a minute. */
  readonly chunkMs?: number
  /** A composite that was made of some of these clips before: of what has not changed the pictures are copied out of it. */
  readonly earlier?: EarlierFilm
}

/** What `sideBySide` did. */
export interface SideBySideResult {
  readonly output: MergedFile
  readonly window: Span
  /** Each view, and where it is black. */
  readonly views: readonly { readonly name: string; readonly clips: number; readonly black: readonly Span[] }[]
  /** Names of the views that are heard; empty where there is no sound. */
  readonly heard: readonly string[]
  /** The time is shown. False where that was not asked for, or where this ffmpeg cannot: then a warning said so. */
  readonly timeShown: boolean
  readonly encoder: string
  /** Pieces there are, and those that an earlier call had encoded: one that was interrupted, or that made `earlier`. */
  readonly chunks: number
  readonly reusedChunks: number
  /** What a later call takes as `earlier`, with the path. */
  readonly pieces: readonly PieceNote[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Puts camera angles beside each other, each at its own moment of the wall clock, black where footage is missing. It is encoded
 * minute by minute: a call that was ended goes on where it was when it is made again. Throws MergeError, DiskError, and the
 * signal's reason; nothing has the final name then, and no input was touched.
 */
export async function sideBySide(options: SideBySideOptions): Promise<SideBySideResult> {
  const { views: asked, showTime = true, timeZone = 'UTC', chunkMs = 60_000 } = options
  checkOptions(asked, chunkMs)
  formatter(timeZone)
  const work = await beginWork(options)
  const views: { name: string; clips: readonly Clip[] }[] = []
  const leftOut: LeftOut[] = []
  for (const { name, clips } of asked) {
    const gathered = await gatherClips(clips, work, options.unreadable)
    views.push({ name, clips: gathered.clips })
    leftOut.push(...gathered.leftOut)
  }
  const all = views.flatMap(({ clips }) => clips)
  const window = windowOf(options.window, all)
  const used = all.filter((clip) => spanOf(clip).end > window.start && spanOf(clip).start < window.end)
  if (used.length === 0)
    throw new MergeError('None of the clips shows anything of the time asked for.', {
      ...{ code: 'CLIP_UNREADABLE', advice: 'Look at the window and at the clips’ starts.' },
    })
  work.report({ type: 'probed', clips: all.length })
  const shape = shapeFor(used, { ...gridOf(options.layout, views.length), ...sizeWish(options) })
  const heard = heardViews(options.audio ?? 'first', views, work)
  const timeShown = showTime && canDraw(work)
  const pieces = planPieces({
    ...{ window, heard, chunkMs, frameRate: shape.frameRate },
    views: views.map(({ clips }) => clips),
    clockZone: timeShown ? timeZone : undefined,
  })
  const folder = await openWorkFolder(options.into, {
    overwrite: options.overwrite ?? false,
    inputs: all.map(({ path }) => path),
    needsBytes: leastBytes(shape, (window.end - window.start) / 1000, heard.length > 0),
  })
  try {
    const encoder = await findEncoder(work.ffmpeg, options, sizeOf(shape), work.signal)
    const file = folder.own('composite.mp4')
    const rendering = { shape, encoder, work, folder, ...(options.earlier ? { earlier: options.earlier } : {}) }
    const { found, reused, notes } = await renderPieces(pieces, file, window.start, rendering)
    work.signal.throwIfAborted()
    await folder.publish(file)
    await folder.remove()
    const output = mergedFile(found, folder.target)
    work.report({ type: 'written', path: output.path, bytes: output.bytes, durationMs: output.durationMs })
    return {
      ...{
        output,
        window,
        timeShown,
        leftOut,
        encoder: encoder.name,
        chunks: pieces.length,
        reusedChunks: reused,
        pieces: notes,
      },
      views: views.map(({ name, clips }) => ({ name, clips: clips.length, black: blackSpans(clips, window) })),
      heard: heard.map((index) => views[index]!.name),
    }
  } catch (error) {
    // Pieces stay for the next call.
    await folder.removeIfEmpty()
    throw error
  }
}

const mostViews = 16

function checkOptions(views: readonly ViewInput[], chunkMs: number): void {
  if (views.length < 1 || views.length > mostViews)
    throw new RangeError(`views holds 1 to ${mostViews} views, got ${views.length}`)
  if (new Set(views.map(({ name }) => name)).size < views.length) throw new RangeError('two views have the same name')
  if (!Number.isSafeInteger(chunkMs) || chunkMs < 1000 || chunkMs % 1000 !== 0)
    throw new RangeError(`chunkMs is a whole number of seconds in milliseconds, got ${chunkMs}`)
  for (const { name, clips } of views)
    for (const { path, start } of clips)
      if (!Number.isFinite(start)) throw new RangeError(`${path} of view ${name} has no start`)
}

function windowOf(asked: Span | undefined, clips: readonly Clip[]): Span {
  const spans = clips.map(spanOf)
  const start = asked?.start ?? Math.min(...spans.map((span) => span.start))
  const end = asked?.end ?? Math.max(...spans.map((span) => span.end))
  if (clips.length > 0 && !(end > start)) throw new RangeError(`window ends (${end}) before it starts (${start})`)
  return { start: Math.floor(start / 1000) * 1000, end: Math.ceil(end / 1000) * 1000 }
}

function gridOf(layout: SideBySideOptions['layout'], views: number) {
  const inGrid = Math.ceil(Math.sqrt(views))
  const columns =
    typeof layout === 'object'
      ? layout.columns
      : layout === 'grid'
        ? inGrid
        : layout === 'row' || views <= 3
          ? views
          : inGrid
  if (!Number.isSafeInteger(columns) || columns < 1) throw new RangeError(`layout.columns is 1 or more, got ${columns}`)
  const across = Math.min(columns, views)
  return { columns: across, rows: Math.ceil(views / across) }
}

function sizeWish({ cell, frameRate }: SideBySideOptions) {
  return { ...(cell ? { cell } : {}), ...(frameRate === undefined ? {} : { frameRate }) }
}

function heardViews(
  audio: NonNullable<SideBySideOptions['audio']>,
  views: readonly { readonly name: string; readonly clips: readonly Clip[] }[],
  work: Work,
): number[] {
  if (audio === 'none') return []
  const sounding = views.flatMap(({ clips }, index) => (clips.some(({ probe }) => probe.audio) ? [index] : []))
  if (audio === 'mix') return sounding
  if (audio === 'first') {
    const lengths = sounding.map((index) => soundOf(views[index]!.clips))
    // A view with the sound of a minute or two is not to silence one that has all of it.
    return sounding.filter((_, place) => lengths[place]! >= 0.9 * Math.max(...lengths)).slice(0, 1)
  }
  const index = views.findIndex(({ name }) => name === audio.view)
  if (index < 0) throw new RangeError(`audio.view names no view: ${audio.view}`)
  if (sounding.includes(index)) return [index]
  work.report({ type: 'warning', message: `${audio.view} has no sound: the result has none.` })
  return []
}

/** Milliseconds. */
function soundOf(clips: readonly Clip[]): number {
  return clips.reduce((sum, { probe: { audio } }) => sum + (audio ? audio.endMs - audio.startMs : 0), 0)
}

function canDraw(work: Work): boolean {
  if (work.ffmpeg.filters.has('overlay')) return true
  work.report({ type: 'warning', message: `The time is not shown: ${work.ffmpeg.path} lacks the overlay filter.` })
  return false
}
