import { createHash } from 'node:crypto'
import type { Call } from './call.ts'
import type { Command } from './commands.ts'
import type { Device, SeenRecording } from './device.ts'
import { partsOf, sameDay, wallFrom } from './local-time.ts'
import { fields } from './login.ts'
import { type CommandReply, done, refused } from './wire.ts'

const mebibyte = 1024 * 1024
const mostMonths = 24

/** Days with recordings, and the files of one day; everything in the device's own time. */
export async function search(call: Call, { cmd, param }: Command): Promise<CommandReply> {
  const { device, exchange } = call
  const asked = fields(fields(param).Search)
  const [from, to] = [wallFrom(asked.StartTime), wallFrom(asked.EndTime)]
  const { channel, streamType: stream, onlyStatus } = asked
  if (from === undefined || to === undefined || to < from || (stream !== 'main' && stream !== 'sub'))
    return refused(cmd, -4)
  if (typeof channel !== 'number' || !device.channel(channel)) return refused(cmd, -4)
  if (device.switches.searchMs > 0) await device.clock.wait(device.switches.searchMs, exchange.gone)
  const all = device.seen(channel, stream)
  const status = monthsOf(device, all, from, to)
  const result = { channel, ...(status.length > 0 ? { Status: status } : {}) }
  if (onlyStatus === 1) return done(cmd, { SearchResult: result })
  const fault = await failed(call)
  if (fault !== undefined) return fault
  if (!sameDay(from, to)) {
    device.violation('Search: the files of more than one day')
    return done(cmd, { SearchResult: result })
  }
  const found = all.filter(({ start, end }) => device.wall(start) <= to && device.wall(end) >= from)
  if (found.length > device.switches.searchMost) return refused(cmd, -8)
  const files = ordered(found, device).map((one) => fileOf(device, one))
  return done(cmd, { SearchResult: { ...result, ...(files.length > 0 ? { File: files } : {}) } })
}

async function failed({ device, exchange }: Call): Promise<CommandReply | undefined> {
  const { searchFault, searchFaultTimes } = device.switches
  if (searchFault === 'none' || device.countedBefore('searchFault') >= searchFaultTimes) return undefined
  if (searchFault === 'hang') await device.clock.wait(2 ** 31 - 1, exchange.gone)
  if (searchFault === 'empty') return done('Search', {})
  return refused('Search', Number(searchFault))
}

/** A row for each month that has recordings, with a digit for each day. */
function monthsOf(device: Device, all: readonly SeenRecording[], from: number, to: number) {
  const days = new Set(all.flatMap(({ start, end }) => [device.wall(start), device.wall(end - 1)]).map(dayOf))
  const first = partsOf(from)
  return Array.from({ length: mostMonths }, (_, at) => new Date(Date.UTC(first.year, first.mon - 1 + at, 1)))
    .filter((month) => month.getTime() <= to)
    .map((month) => {
      const table = Array.from({ length: 31 }, (_, day) =>
        days.has(dayOf(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), 1) + day * 86_400_000)) &&
        new Date(month.getTime() + day * 86_400_000).getUTCMonth() === month.getUTCMonth()
          ? '1'
          : '0',
      ).join('')
      return { mon: month.getUTCMonth() + 1, table, year: month.getUTCFullYear() }
    })
    .filter(({ table }) => table.includes('1'))
}

const dayOf = (wall: number) => Math.floor(wall / 86_400_000)

function ordered(found: readonly SeenRecording[], { switches }: Device): readonly SeenRecording[] {
  const sum = ({ start }: SeenRecording) => createHash('md5').update(String(start)).digest('hex')
  if (switches.searchOrder === 'descending') return found.toReversed()
  if (switches.searchOrder === 'mixed') return found.toSorted((a, b) => (sum(a) < sum(b) ? -1 : 1))
  return found
}

function fileOf(device: Device, one: SeenRecording) {
  const { start, end, bytes, name, stream } = one
  const form = device.switches.sizeForm === 'profile' ? device.profile.sizes : device.switches.sizeForm
  const stated = bytes + (device.switches.sizeOff ? 1 : 0)
  return {
    ...{
      StartTime: partsOf(device.wall(start)),
      EndTime: partsOf(device.wall(end)),
      frameRate: 0,
      height: 0,
      width: 0,
    },
    ...(name === undefined ? {} : { name }),
    ...(device.profile.type === 'NVR' ? { PlaybackTime: partsOf(start) } : {}),
    size: form === 'exact' ? stated : String(form === 'text' ? stated : Math.round(bytes / mebibyte) * mebibyte),
    type: stream,
  }
}
