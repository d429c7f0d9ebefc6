import { type Clock, systemClock } from '@cam/download-core/source'
import { type Ffmpeg, findFfmpeg } from './ffmpeg.ts'
import type { MergeEvent, MergeOptions } from './options.ts'

/** What one call works with. */
export interface Work {
  readonly ffmpeg: Ffmpeg
  readonly signal: AbortSignal
  readonly clock: Clock
  report(event: MergeEvent): void
}

/** Finds ffmpeg and makes sure that nobody's listener can break the work without ending it. */
export async function beginWork(options: MergeOptions): Promise<Work> {
  const broken = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, broken.signal]) : broken.signal
  signal.throwIfAborted()
  const { ffmpeg } = options
  return {
    ffmpeg: typeof ffmpeg === 'object' ? ffmpeg : await findFfmpeg({ signal, ...(ffmpeg ? { path: ffmpeg } : {}) }),
    signal,
    clock: options.clock ?? systemClock,
    report(event) {
      try {
        options.onEvent?.(event)
      } catch (error) {
        broken.abort(error)
      }
    },
  }
}

const betweenReportsMs = 250

/** Turns what ffmpeg says into progress events. `totalMs` is what there is to write. */
export function progressOf(work: Work, totalMs: number) {
  const began = work.clock.monotonic()
  let reported = Number.NEGATIVE_INFINITY
  let before = 0
  return {
    /** So much of the current piece is written. */
    at(doneMs: number) {
      const now = work.clock.monotonic()
      if (now - reported < betweenReportsMs) return
      reported = now
      const done = Math.min(totalMs, before + Math.max(0, doneMs))
      const etaMs = done > 0 ? Math.round(((now - began) * (totalMs - done)) / done) : undefined
      work.report({
        ...{ type: 'progress', doneMs: Math.round(done), totalMs: Math.round(totalMs) },
        ...(etaMs === undefined ? {} : { etaMs }),
      })
    },
    /** A piece of that length is done. */
    finished(pieceMs: number) {
      before += pieceMs
    },
  }
}
