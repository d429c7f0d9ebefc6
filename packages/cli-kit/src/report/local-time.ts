import { Temporal } from 'temporal-polyfill'

/** `2026-10-25T02:30:00+01:00`: a moment on the wall clock of a zone, to the second. */
export function localTime(epochMs: number, zone: string): string {
  const moment = Temporal.Instant.fromEpochMilliseconds(Math.round(epochMs)).toZonedDateTimeISO(zone)
  return moment.toString({ timeZoneName: 'never', smallestUnit: 'second' })
}
