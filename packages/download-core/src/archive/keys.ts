import type { Gap, Recording } from '../footage/recording.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import type { RowKey } from './ledger.ts'

/** The row of a recording. */
export function recordingKey(sourceId: string, recording: Recording): RowKey {
  return { sourceId, cameraId: recording.cameraId, view: recording.view ?? '', recordingId: recording.id }
}

/** The row of a gap: told by its stretch of time. */
export function gapKey(sourceId: string, gap: Gap): RowKey {
  return { sourceId, cameraId: gap.cameraId, view: gap.view ?? '', recordingId: `gap:${interval(gap)}` }
}

/** The row of a list that failed: told by the stretch of time that was asked for. */
export function listingKey(sourceId: string, cameraId: string, window: TimeWindow | undefined): RowKey {
  return { sourceId, cameraId, view: '', recordingId: `listing:${window ? interval(window) : 'all'}` }
}

function interval({ start, end }: TimeWindow): string {
  return `${new Date(start).toISOString()}/${new Date(end).toISOString()}`
}
