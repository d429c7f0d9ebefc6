import type { EpochMs, Recording, TimeWindow } from '@cam/download-core/source'
import { readRecordingId, recordingId } from '../wire/recording-id.ts'

/** Pictures that can be shown by themselves lie so far apart at most, as far as is known. */
const keyFrameMs = 5000
/** A film begins at the key frame before its start, and may end as much early. */
const toleranceMs = 2 * keyFrameMs

/** What a film of so many milliseconds has to be like. Of a short one at most half may be missing: else one picture would pass for all of it. */
export function expectedOf(durationMs: number): NonNullable<Recording['expect']> {
  return { durationMs, toleranceMs: Math.min(toleranceMs, Math.max(1000, Math.floor(durationMs / 2))) }
}

/** What of a clip, or of a part of one, lies behind `from`: parts of at most `longestMs`. None of what this package never listed. */
export function partsBehind(recording: Recording, from: EpochMs, longestMs: number): Recording[] {
  const place = readRecordingId(recording.id)
  const { window } = recording
  const parts: Recording[] = []
  if (!place || !window || from <= window.start) return parts
  for (let start = from; start < window.end; start += longestMs) {
    const end = Math.min(start + longestMs, window.end)
    parts.push({
      ...recording,
      id: recordingId({ start: place.start, offsetMs: start - place.start }),
      window: { start, end },
      expect: expectedOf(end - start),
    })
  }
  return parts
}

/**
 * A clip that goes on may be listed a second time, with a later start and the same end, which is no clip: asked for, it is never
 * found. What is settled counts whatever it ends with; of the others, that may still grow, the first that ends at a moment.
 */
export function withoutEchoes<T extends TimeWindow>(listed: readonly T[], settledUntil: EpochMs): T[] {
  const first = new Map<EpochMs, EpochMs>()
  for (const { start, end } of listed) first.set(end, Math.min(start, first.get(end) ?? start))
  return listed.filter(({ start, end }) => end <= settledUntil || first.get(end) === start)
}
