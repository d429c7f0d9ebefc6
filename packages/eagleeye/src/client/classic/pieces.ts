import type { Recording } from '@cam/download-core/source'
import type { Interval } from '../../wire/classic/interval.ts'
import { recordingId } from '../../wire/recording-id.ts'

/** Pictures that can be shown by themselves lie so far apart at most, as far as is known. */
const keyFrameMs = 5000
/** A film begins at the key frame before its start, and may end as much early. */
const toleranceMs = 2 * keyFrameMs

/** How an interval becomes recordings. */
export interface Cutting {
  readonly cameraId: string
  readonly format: 'flv' | 'mp4'
  /** Longest piece. */
  readonly pieceMs: number
  /** What ends after this moment may still grow. */
  readonly settledUntil: number
}

/**
 * One recording, or the pieces of a long interval. All but the last are as long as may be, so that an interval that grows keeps
 * the pieces that it has.
 */
export function toRecordings({ start, end }: Interval, cutting: Cutting): Recording[] {
  const { cameraId, format, pieceMs, settledUntil } = cutting
  const recordings: Recording[] = []
  for (let from = start; from < end; from += pieceMs) {
    const until = Math.min(from + pieceMs, end)
    recordings.push({
      id: recordingId({ start, ...(from > start && { offsetMs: from - start }) }),
      cameraId,
      window: { start: from, end: until },
      windowFrom: 'source',
      ...(until > settledUntil && { settled: false }),
      extension: format,
      expect: { durationMs: until - from, toleranceMs: toleranceOf(until - from) },
      resume: 'validated',
    })
  }
  return recordings
}

/** Of a short clip at most half may be missing: else one picture would pass for all of it. */
function toleranceOf(durationMs: number): number {
  return Math.min(toleranceMs, Math.max(1000, Math.floor(durationMs / 2)))
}
