import { Temporal } from 'temporal-polyfill'
import { isTimeZone } from '../flags/moment.ts'

/** `2026-10-25T02:30:00+01:00`: a moment on the wall clock of a zone, to the second; in UTC where there is no such zone. */
export function localTime(epochMs: number, zone: string): string {
  const moment = Temporal.Instant.fromEpochMilliseconds(Math.round(epochMs)).toZonedDateTimeISO(
    isTimeZone(zone) ? zone : 'UTC',
  )
  return moment.toString({ timeZoneName: 'never', smallestUnit: 'second' })
}
