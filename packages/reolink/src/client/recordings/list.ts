import {
  type Camera,
  type Gap,
  NotFoundError,
  overlaps,
  ProtocolError,
  type Recording,
  type TimeWindow,
} from '@cam/download-core/source'
import { vendor } from '../../failures.ts'
import type { Settings } from '../../options.ts'
import type { Device } from '../device.ts'
import type { Channel, DeviceFacts } from '../facts.ts'
import { recordedDays } from './months.ts'
import { onlyOnce } from './once.ts'
import type { Reading } from './recording.ts'
import { searchFiles } from './search.ts'
import { type Span, spansOf, wholeDay } from './spans.ts'
import { dayMs } from './wall.ts'
import { deviceZone, namedZone, wallAt, type Zone } from './zone.ts'

/** Above this the device's table of days is asked first: most days of a year are empty. */
const manyDaysMs = 45 * dayMs
/** Nobody's clock is farther ahead. */
const aheadMs = 2 * dayMs

/**
 * Every recording of a camera that overlaps the window, each once. Throws NotFoundError for a camera the device does not have, and,
 * after all that could be read, ProtocolError where the device listed files that could not.
 */
export async function* listRecordings(
  { device, settings }: { readonly device: Device; readonly settings: Settings },
  camera: Camera,
  window: TimeWindow | undefined,
  signal: AbortSignal,
): AsyncGenerator<Recording | Gap, void, undefined> {
  signal.throwIfAborted()
  const facts = await device.facts(signal)
  const channel = channelOf(facts, camera.id, settings.address).index
  const zone = zoneOf(facts, settings)
  const now = settings.clock.now() + (facts.clockAheadMs ?? 0)
  const { stream } = settings
  const reading: Reading = { cameraId: camera.id, zone, now, settings }
  const once = onlyOnce()
  let unreadable = 0
  const spans = await spansToAsk({ device, channel, stream, zone, now, here: settings.clock.now(), signal }, window)
  for (const span of spans) {
    if (span.from > wallAt(zone, Math.max(now, settings.clock.now())) + aheadMs) break
    const { entries, withheld, ...rest } = await searchFiles({ device, channel, stream, signal }, span)
    unreadable += rest.unreadable
    if (withheld) yield withheldDay(camera.id, stream, span, zone)
    for (const { recording, open, lasting } of once(entries, reading)) {
      if (window && !overlaps(recording.window!, window)) continue
      if (isUnwanted(recording, settings)) continue
      // What is known by its end has none yet.
      if (open && !lasting) yield growing(recording)
      else yield recording
    }
  }
  if (unreadable > 0) {
    throw new ProtocolError(
      `${settings.address} lists ${unreadable} files of ${camera.name || camera.id} in a way that cannot be read. The others were taken.`,
      { vendor },
    )
  }
}

/** Throws NotFoundError. */
export function channelOf({ channels }: Pick<DeviceFacts, 'channels'>, cameraId: string, address: string): Channel {
  const found = channels.find((channel) => cameraIdOf(channel) === cameraId)
  if (found) return found
  throw new NotFoundError(`${address} has no camera ${JSON.stringify(cameraId)} any more.`, { vendor })
}

/** Stable where the camera has a uid: a channel's number is only where it is plugged in. */
export function cameraIdOf({ uid, index }: Pick<Channel, 'uid' | 'index'>): string {
  return uid ?? String(index)
}

/** The user's word goes before the device's. Throws ProtocolError where there is neither. */
export function zoneOf({ time }: Pick<DeviceFacts, 'time'>, settings: Pick<Settings, 'timeZone' | 'address'>): Zone {
  if (settings.timeZone !== undefined) return namedZone(settings.timeZone)
  if (time) return deviceZone(time)
  throw new ProtocolError(
    `${settings.address} does not tell in which time zone its clock is set. Give it with the option timeZone.`,
    { vendor },
  )
}

async function spansToAsk(
  dated: Parameters<typeof recordedDays>[0],
  window: TimeWindow | undefined,
): Promise<Iterable<Span>> {
  if (window && window.end - window.start <= manyDaysMs) return spansOf(window, dated.zone)
  return (await recordedDays(dated, window)).map(wholeDay)
}

/** Where the name does not tell what started it, it is wanted. */
function isUnwanted({ facts }: Recording, { triggers }: Pick<Settings, 'triggers'>): boolean {
  if (!triggers || typeof facts?.triggers !== 'string') return false
  const own = facts.triggers.split(', ')
  return !triggers.some((trigger) => own.includes(trigger))
}

function growing({ cameraId, view, window }: Recording): Gap {
  const { start, end } = window!
  const reason = 'The device is still recording this file.'
  return { cameraId, ...(view !== undefined && { view }), start, end, outcome: 'pending', reason }
}

function withheldDay(cameraId: string, view: string, { from }: Span, zone: Zone): Gap {
  const midnight = (wall: number) => wall - zone.offsetAt(wall - zone.offsetAt(wall))
  const day = new Date(from).toISOString().slice(0, 10)
  const reason = `By its own table of days the device recorded something on ${day}, and yet it lists no file of that day.`
  return { cameraId, view, start: midnight(from), end: midnight(from + dayMs), outcome: 'pending', reason }
}
