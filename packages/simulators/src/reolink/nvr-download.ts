import type { Call } from './call.ts'
import type { Command } from './commands.ts'
import type { Device, SeenRecording } from './device.ts'
import type { Stretch } from './films.ts'
import { digitsOf, wallFrom } from './local-time.ts'
import { fields } from './login.ts'
import { type CommandReply, done, refused } from './wire.ts'
import { smallest } from './world.ts'

/** Makes a file of a stretch, which Download then fetches by the name it is given here. */
export async function nvrDownload(call: Call, { cmd, param }: Command): Promise<CommandReply> {
  const { device, exchange } = call
  if (device.profile.fragments === 'none') return refused(cmd, -9)
  const asked = fields(fields(param).NvrDownload)
  const [from, to] = [wallFrom(asked.StartTime), wallFrom(asked.EndTime)]
  const { channel, streamType: stream, iLogicChannel } = asked
  if (from === undefined || to === undefined || to <= from || typeof channel !== 'number') return refused(cmd, -4)
  if ((stream !== 'main' && stream !== 'sub') || !device.channel(channel)) return refused(cmd, -4)
  if (device.switches.logicChannel && iLogicChannel !== 0) return refused(cmd, -4)
  const free = await device.vod.prepare(async () => {
    const { prepareMs } = device.switches
    if (prepareMs > 0) await device.clock.wait(prepareMs, exchange.gone)
  })
  if (!free) return refused(cmd, -221)
  const stretches = stretchesOf(device, device.seen(channel, stream), from, to)
  if (stretches.length === 0) return refused(cmd, -222)
  const made = [...stretches, ...(device.switches.decoy ? [decoyOf(device, stretches[0]!)] : [])]
  const fileList = made.map(({ wall, ...stretch }) => {
    const { day, time } = digitsOf(wall)
    const fileName = `fragment_${String(channel + 1).padStart(2, '0')}_${day}${time}.mp4`
    device.fragment(fileName, stretch)
    return { fileName, fileSize: String(device.films.bytesOf(stretch)) }
  })
  return done(cmd, { fileCount: fileList.length, fileList })
}

/** What of the window each recording has, by the wall clock. */
export function stretchesOf(
  device: Device,
  recordings: readonly SeenRecording[],
  from: number,
  to: number,
): (Stretch & { wall: number })[] {
  return recordings.flatMap(({ spec, channel, stream, start, end }) => {
    const wall = device.wall(start)
    const [begin, finish] = [Math.max(start, start + from - wall), Math.min(end, start + to - wall)]
    if (finish <= begin) return []
    return [{ spec, channel, stream, start: begin, end: finish, wall: wall + begin - start }]
  })
}

/** A smaller file of another time base: five hours before. */
function decoyOf(device: Device, { wall, ...stretch }: Stretch & { wall: number }): Stretch & { wall: number } {
  const start = stretch.start - 5 * 3_600_000
  const end = start + Math.min(10_000, stretch.end - stretch.start)
  const bytes = Math.max(smallest(end - start), Math.floor(device.films.bytesOf(stretch) / 4))
  const spec = { start, end, bytes, streams: [stretch.stream] }
  return { ...stretch, spec, start, end, wall: wall - 5 * 3_600_000 }
}
