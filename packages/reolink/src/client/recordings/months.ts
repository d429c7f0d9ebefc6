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
const emptyMonths = 36
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
  /** Ours: what was recorded before a clock lost the time lies there. */
  readonly here: number
  readonly signal: AbortSignal
}

/**
 * The midnights of all days on which something was recorded, by the device's own table, the oldest first; of a window those in it.
 * Today and yesterday are always among them: a table may lag behind. Throws where a month is refused. PROTOCOL.md §4.1.
 */
export async function recordedDays(asked: Dated, window: TimeWindow | undefined): Promise<WallMs[]> {
  const { zone, now, here } = asked
  const latest = Math.max(now, here)
  const newest = wallAt(zone, Math.min(window?.end ?? latest, latest)) + dayMs
  const oldest = window ? wallAt(zone, window.start) - dayMs : Number.NEGATIVE_INFINITY
  const days = new Set<WallMs>()
  const looked = new Set<WallMs>()
  const todays = [here, now].map((at) => Math.floor(wallAt(zone, at) / dayMs) * dayMs)
  // A clock that lost the time leaves footage at both ends of a gap of years.
  for (const from of [newest, ...todays.map((today) => Math.min(today + dayMs, newest))]) {
    await lookBack(asked, { from, oldest, endless: window !== undefined, looked, days })
  }
  for (const today of todays) for (const recent of [today - dayMs, today]) days.add(recent)
  return [...days].filter((day) => day + dayMs > oldest && day <= newest).sort((a, b) => a - b)
}

interface Walk {
  readonly from: WallMs
  readonly oldest: WallMs
  /** A window says itself how far back there is to look. */
  readonly endless: boolean
  /** Months that were asked for; what they hold is in `days`. */
  readonly looked: Set<WallMs>
  readonly days: Set<WallMs>
}

async function lookBack({ device, channel, stream, signal }: Dated, walk: Walk): Promise<void> {
  const { oldest, endless, looked, days } = walk
  let empty = 0
  let month = firstOf(walk.from)
  for (let count = 0; count < mostMonths && month.to >= oldest && empty < emptyMonths; count += monthsAtOnce) {
    if (looked.has(month.from)) return
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
    for (const { from } of batch) looked.add(from)
    if (endless) empty = 0
  }
}

/** The month a reading of the wall lies in. */
function firstOf(wall: WallMs) {
  const at = new Date(wall)
  const from = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)
  return { from, to: Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) - secondMs }
}
