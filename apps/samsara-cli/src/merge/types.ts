import type { Clock, Ledger, OutcomeName, TimeWindow } from '@cam/download-core'
import type { Ffmpeg } from '@cam/video-merge'

/** How footage is merged. */
export interface MergeSettings {
  /** Angles from left to right. Default: all there are, but for those that were never recorded. */
  readonly views?: readonly string[]
  /** IANA zone of names and of the time shown. Default: the one the ledger has for the vehicle, else the system's. */
  readonly timeZone?: string
  /** Names of the tool this one follows: `Videos/Road_Merged_<vehicle>_<start>.mp4`. Default: ours. */
  readonly seedNames?: boolean
  /** How the angles stand beside each other. Default: up to three in a row, more in a grid. */
  readonly arrange?: 'row' | 'grid'
  /** ffmpeg's name of the encoder for what stands side by side. Default: libx264. */
  readonly encoder?: string
  /** Consents to encode an angle whose clips cannot follow each other as they are. Default: several files. */
  readonly reEncode?: boolean
  /** What `findFfmpeg` found, or a path. Default: FFMPEG_PATH, PATH, ffmpeg-static. */
  readonly ffmpeg?: Ffmpeg | string
  /** Where for so long no angle shows anything, one film ends and the next begins. Default an hour. */
  readonly splitMs?: number
  readonly onEvent?: (event: MergeEvent) => void
  /** Ends ffmpeg at once; what was encoded is used by the next call. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

/** Which footage of an archive is merged. */
export interface MergeFootageOptions extends MergeSettings {
  readonly ledger: Ledger
  /** The archive's folder. */
  readonly root: string
  readonly sourceId: string
  /** Ids of vehicles. Default: all. */
  readonly cameras?: readonly string[]
  /** Default: what was merged before, where something of it changed; and where nothing was, all there is. */
  readonly window?: TimeWindow
}

/** The vehicle that a film or a hole is of. */
export interface Vehicle {
  readonly id: string
  readonly name: string
}

/** One file that was made, or that is there already and up to date. */
export interface MergedFilm {
  readonly vehicle: Vehicle
  /** An angle, or all of them beside each other. */
  readonly kind: 'angle' | 'side-by-side'
  /** One of an angle, several side by side. */
  readonly views: readonly string[]
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  /** What it is of: the time asked for, or what there is. */
  readonly window: TimeWindow
  /** `kept`: nothing had changed since it was made. */
  readonly how: 'copied' | 'repaired' | 'encoded' | 'kept'
}

/** Time for which an angle has no film. */
export interface Missing extends TimeWindow {
  readonly vehicle: Vehicle
  readonly view: string
  /** What the ledger says of it; `none`: nobody asked for it. `short`: a clip is there, and does not hold it. */
  readonly because: Exclude<OutcomeName, 'kept'> | 'unreadable' | 'short' | 'none'
  readonly reason: string
}

/** A clip that could not be used. It was not touched. */
export interface Unusable {
  readonly path: string
  readonly reason: string
  readonly vehicle?: Vehicle
}

/** A film that could not be made. */
export interface MergeFailure {
  readonly vehicle: Vehicle
  readonly kind: MergedFilm['kind']
  readonly views: readonly string[]
  readonly error: Error
}

/** What became of it all. */
export interface MergeResult {
  readonly films: readonly MergedFilm[]
  readonly missing: readonly Missing[]
  readonly unusable: readonly Unusable[]
  readonly failures: readonly MergeFailure[]
  /** Everything that is there was merged: no failure, nothing unusable. Missing time does not count. */
  readonly complete: boolean
}

/** What happens on the way. */
export type MergeEvent =
  | {
      readonly type: 'merging'
      readonly vehicle: Vehicle
      readonly kind: MergedFilm['kind']
      readonly views: readonly string[]
      readonly clips: number
      readonly path: string
    }
  /** At most every few seconds. */
  | {
      readonly type: 'progress'
      readonly path: string
      readonly doneMs: number
      readonly totalMs: number
      readonly etaMs?: number
    }
  | { readonly type: 'merged'; readonly film: MergedFilm }
  /** `timeZone`: the one of the film's name, in which people read it. */
  | { readonly type: 'missing'; readonly missing: Missing; readonly timeZone: string }
  | { readonly type: 'unusable'; readonly unusable: Unusable }
  | { readonly type: 'failed'; readonly failure: MergeFailure }
  | { readonly type: 'info' | 'warning'; readonly text: string }
