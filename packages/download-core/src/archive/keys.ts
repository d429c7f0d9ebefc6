import type { Gap, Recording } from '../footage/recording.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import type { RowKey } from './ledger.ts'

export function recordingKey(sourceId: string, recording: Recording): RowKey {
  return { sourceId, cameraId: recording.cameraId, view: recording.view ?? '', recordingId: recording.id }
}

export function gapKey(sourceId: string, gap: Gap): RowKey {
  return { sourceId, cameraId: gap.cameraId, view: gap.view ?? '', recordingId: `gap:${interval(gap)}` }
}

export function listingKey(sourceId: string, cameraId: string, window: TimeWindow | undefined): RowKey {
  return { sourceId, cameraId, view: '', recordingId: `listing:${window ? interval(window) : 'all'}` }
}

function interval({ start, end }: TimeWindow): string {
  return `${new Date(start).toISOString()}/${new Date(end).toISOString()}`
}
