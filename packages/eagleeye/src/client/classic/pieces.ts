import type { Recording } from '@cam/download-core/source'
import type { Interval } from '../../wire/classic/interval.ts'
import { recordingId } from '../../wire/recording-id.ts'
import { expectedOf } from '../parts.ts'

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
      expect: expectedOf(until - from),
      resume: 'validated',
    })
  }
  return recordings
}
