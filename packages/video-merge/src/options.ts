import type { Clock, EpochMs } from '@cam/download-core/source'
import type { Ffmpeg } from './ffmpeg.ts'

/** A clip, and when it began. */
export interface ClipInput {
  readonly path: string
  /** Wall clock, epoch milliseconds: of the file's own beginning. */
  readonly start?: EpochMs
}

/** What everything that writes a video takes. */
export interface MergeOptions {
  /** The file to write. Its folder is made. */
  readonly into: string
  /** Default false: refused where something has that name already. */
  readonly overwrite?: boolean
  /** What `findFfmpeg` found, or the path of one. Default: looked for. */
  readonly ffmpeg?: Ffmpeg | string
  /** An input that is missing, cut off or no video: `refuse` (default) everything, or `leave-out` that one and say so. */
  readonly unreadable?: 'refuse' | 'leave-out'
  /** Ends ffmpeg at once. What was encoded stays beside the target and is used by the next call. */
  readonly signal?: AbortSignal
  /** Hears what happens. An error it throws ends the work. */
  readonly onEvent?: (event: MergeEvent) => void
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** How pictures are encoded, where they have to be. */
export interface EncodingOptions {
  /** ffmpeg's name for it: `libx264`, `h264_nvenc`, `h264_vaapi`, `h264_qsv`, `h264_videotoolbox` … Default: libx264, or what there is. */
  readonly encoder?: string
  /** Its own arguments, in place of ours: `['-crf', '20', '-preset', 'slow']`. */
  readonly encoderOptions?: readonly string[]
}

/** What happens on the way. */
export type MergeEvent =
  /** All inputs were looked at. */
  | { readonly type: 'probed'; readonly clips: number }
  /** A clip is rewritten without touching its pictures, so that it can be joined. */
  | { readonly type: 'repairing'; readonly path: string; readonly why: readonly string[] }
  /** At most four times a second. `etaMs` once there is something to reckon from. */
  | { readonly type: 'progress'; readonly doneMs: number; readonly totalMs: number; readonly etaMs?: number }
  /** A piece is there and proved; `reused` where an earlier call had encoded it. */
  | { readonly type: 'chunk'; readonly index: number; readonly count: number; readonly reused: boolean }
  | { readonly type: 'warning'; readonly message: string }
  /** A result has its final name. */
  | { readonly type: 'written'; readonly path: string; readonly bytes: number; readonly durationMs: number }

/** A stretch of a composite, which another one can take over as it is. */
export interface PieceNote {
  /** The same for the same clips, encoded in the same way. */
  readonly key: string
  /** Pictures in it. */
  readonly pictures: number
}

/** A composite that is there, and what the `pieces` of its result said when it was made. */
export interface EarlierFilm {
  readonly path: string
  readonly pieces: readonly PieceNote[]
}

/** An input that was not used. */
export interface LeftOut {
  readonly path: string
  readonly reason: string
}

/** A stretch of time, epoch milliseconds. */
export interface Span {
  readonly start: EpochMs
  readonly end: EpochMs
}

/** A video that was written, as it was found to be afterwards. */
export interface MergedFile {
  readonly path: string
  readonly bytes: number
  readonly durationMs: number
  readonly frames: number
  readonly width: number
  readonly height: number
  /** It has sound. */
  readonly audio: boolean
}
