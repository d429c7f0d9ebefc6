import { ProtocolError, type TimeWindow } from '@cam/download-core/source'
import { vendor } from '../../failures.ts'
import type { Stream } from '../../options.ts'
import type { Device } from '../device.ts'
import { readFound } from './entry.ts'
import { searchParam } from './search.ts'
import { dayMs, secondMs, type WallMs } from './wall.ts'
import { wallAt, type Zone } from './zone.ts'

/** Asked for in one batch, which a device answers in one go. */
const monthsAtOnce = 6
/** After so many months without anything, nothing older is looked for. */
const emptyMonths = 12
/** Twenty years: no device is older. */
const mostMonths = 240

/** Whose days are looked for. */
export interface Dated {
  readonly device: Pick<Device, 'call'>
  readonly channel: number
  readonly stream: Stream
  readonly zone: Zone
  /** The device's own time. */
  readonly now: number
  readonly signal: AbortSignal
}

/**
 * The midnights of all days on which something was recorded, by the device's own table, the oldest first; of a window those in it.
 * Today and yesterday are always among them: a table may lag behind. Throws where a month is refused. PROTOCOL.md §4.1.
 */
export async function recordedDays(asked: Dated, window: TimeWindow | undefined): Promise<WallMs[]> {
  const { device, channel, stream, zone, now, signal } = asked
  const newest = wallAt(zone, Math.min(window?.end ?? now, now)) + dayMs
  const oldest = window ? wallAt(zone, window.start) - dayMs : Number.NEGATIVE_INFINITY
  const days = new Set<WallMs>()
  let empty = 0
  let month = firstOf(newest)
  for (let looked = 0; looked < mostMonths && month.to >= oldest && empty < emptyMonths; looked += monthsAtOnce) {
    const batch = [month]
    while (batch.length < monthsAtOnce) batch.push(firstOf(batch.at(-1)!.from - dayMs))
    month = firstOf(batch.at(-1)!.from - dayMs)
    const commands = batch.map((span) => ({ cmd: 'Search', param: searchParam(channel, stream, span, 1) }))
    for (const { error, value } of await device.call(commands, { signal })) {
      if (error) throw error
      const found = readFound(value)
      if (!found) throw new ProtocolError(`Channel ${channel} does not tell on which days it recorded.`, { vendor })
      empty = found.days.size === 0 ? empty + 1 : 0
      for (const day of found.days) days.add(day)
    }
    // A window says itself how far back there is to look.
    if (window) empty = 0
  }
  const today = Math.floor(wallAt(zone, now) / dayMs) * dayMs
  for (const recent of [today - dayMs, today]) days.add(recent)
  return [...days].filter((day) => day + dayMs > oldest && day <= newest).sort((a, b) => a - b)
}

/** The month a reading of the wall lies in. */
function firstOf(wall: WallMs) {
  const at = new Date(wall)
  const from = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)
  return { from, to: Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) - secondMs }
}
