import { UsageError } from '@cam/cli-kit'
import { getPosition } from 'suncalc'
import { Temporal } from 'temporal-polyfill'

/** Whether a picture is due at this moment. */
export type Due = (at: number) => boolean

const degree = String.raw`([+-]?\d{1,3}(?:\.\d+)?)`
const place = new RegExp(`^${degree}\\s*,\\s*${degree}$`)
const span = /^([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)$/

/** The upper edge of the sun on the horizon, as seen through the air: its middle is half its width below. */
const sunriseDegrees = -0.267

/** `48.14,11.58`: from sunrise to sunset at that place, whatever the clocks there say. Throws UsageError. */
export function daylight(text: string): Due {
  const [, latitude, longitude] = place.exec(text.trim())?.map(Number) ?? []
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
    throw new UsageError(
      `--daylight: "${text}" is no place; latitude and longitude in degrees are wanted, such as 48.14,11.58.`,
    )
  }
  return (at) => getPosition(new Date(at), latitude, longitude).altitude > sunriseDegrees
}

/** `07:00-19:00` by the clock of a zone, its end left out; `22:00-06:00` is the night. Throws UsageError. */
export function between(text: string, timeZone: string): Due {
  const [, ...numbers] = span.exec(text.trim())?.map(Number) ?? []
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = numbers
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute]
  if (numbers.length === 0 || from > 1440 || to > 1440 || from === to) {
    throw new UsageError(`--between: "${text}" is no part of the day; two times are wanted, such as 07:00-19:00.`)
  }
  return (at) => {
    const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
    const now = hour * 60 + minute
    return from < to ? now >= from && now < to : now >= from || now < to
  }
}
