import { type Clock, DiskError, systemClock } from '@cam/download-core'
import { type Ffmpeg, findFfmpeg } from '@cam/video-merge'
import type { MergedFilm, MergeEvent, MergeFailure, MergeResult, MergeSettings, Missing, Unusable } from './types.ts'

/** One call at work: what it was asked for, and what has become of it so far. */
export interface Merging {
  readonly settings: MergeSettings
  readonly signal: AbortSignal
  readonly clock: Clock
  tell(event: MergeEvent): void
  /** Looked for when the first film has to be made. */
  ffmpeg(): Promise<Ffmpeg>
  film(film: MergedFilm): void
  missing(missing: Missing, timeZone: string): void
  unusable(unusable: Unusable): void
  /** Throws the signal's reason. */
  failed(failure: MergeFailure): void
  /** What makes it pointless to begin another film: a full disk. */
  readonly over: Error | undefined
  result(): MergeResult
}

export function beginMerging(settings: MergeSettings): Merging {
  const { signal = new AbortController().signal, clock = systemClock, ffmpeg, onEvent } = settings
  const films: MergedFilm[] = []
  const missing: Missing[] = []
  const unusable: Unusable[] = []
  const failures: MergeFailure[] = []
  let found: Promise<Ffmpeg> | undefined
  let over: Error | undefined
  const tell = (event: MergeEvent) => onEvent?.(event)
  return {
    ...{ settings, signal, clock, tell },
    ffmpeg() {
      if (typeof ffmpeg === 'object') return Promise.resolve(ffmpeg)
      found ??= findFfmpeg({ signal, ...(ffmpeg === undefined ? {} : { path: ffmpeg }) })
      return found
    },
    film(film) {
      films.push(film)
      tell({ type: 'merged', film })
    },
    missing(one, timeZone) {
      missing.push(one)
      tell({ type: 'missing', missing: one, timeZone })
    },
    unusable(one) {
      if (unusable.some(({ path }) => path === one.path)) return
      unusable.push(one)
      tell({ type: 'unusable', unusable: one })
    },
    failed(failure) {
      signal.throwIfAborted()
      if (failure.error instanceof DiskError) over ??= failure.error
      failures.push(failure)
      tell({ type: 'failed', failure })
    },
    get over() {
      return over
    },
    result: () => ({
      ...{ films, missing, unusable, failures },
      complete: failures.length === 0 && unusable.length === 0,
    }),
  }
}
