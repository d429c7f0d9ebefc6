import type { TimeWindow } from '@cam/download-core/source'
import { at, isObject } from './fields.ts'
import { readTimestamp } from './time.ts'

/** One entry of `GET /media`. */
export interface Interval extends TimeWindow {
  /** Null where the vendor offers none. */
  readonly mp4Url: string | null
}

/** Reads one entry of one camera's list, or says what is wrong with it. PROTOCOL.md §2.4. */
export function readInterval(value: unknown, cameraId: string): Interval | { readonly problem: string } {
  if (!isObject(value)) return { problem: 'is no object' }
  if (value.deviceId !== undefined && value.deviceId !== cameraId) return { problem: 'belongs to another camera' }
  if (value.type !== undefined && value.type !== 'main') return { problem: 'is of another stream' }
  const start = readTimestamp(value.startTimestamp)
  const end = readTimestamp(value.endTimestamp)
  if (start === undefined || end === undefined) return { problem: 'has no readable start and end' }
  if (end < start) return { problem: 'ends before it starts' }
  const url = at(value, 'mp4Url')
  return { start, end, mp4Url: typeof url === 'string' && url !== '' ? url : null }
}
