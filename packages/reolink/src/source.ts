import type { Call, Camera, FootageSource, Snapshot } from '@cam/download-core/source'
import { isGap } from '@cam/download-core/source'
import { createDevice } from './client/device.ts'
import { createOpener } from './client/download/open.ts'
import type { Channel, DeviceFacts, Session } from './client/facts.ts'
import { cameraIdOf, channelOf, listRecordings } from './client/recordings/list.ts'
import { vendor } from './failures.ts'
import { type ReolinkOptions, readOptions, type Settings } from './options.ts'

/** The footage of one camera, recorder or hub, and what else it tells. */
export interface Reolink extends FootageSource {
  /** What the device says of itself. */
  device(call: Call): Promise<DeviceFacts>
  /** Who is logged in on it, ourselves included. */
  sessions(call: Call): Promise<readonly Session[]>
  /** Ends one of them: devices have few. Throws NotFoundError for one that is not there. */
  endSession(id: string, call: Call): Promise<void>
  /** One whole JPEG of the camera as it is now. Throws ProtocolError where the camera only repeats itself. */
  snapshot(camera: Camera, call: Call): Promise<Snapshot>
}

/** How old what the device says of itself may be for a picture, and for one of a camera that it did not list then. */
const pictureFactsMs = 3_600_000
const awayFactsMs = 60_000

/**
 * The footage of one Reolink device. Throws TypeError or RangeError for options that make no sense; contacts nothing before the first
 * call. Disposing logs out.
 */
export function reolink(options: ReolinkOptions): Reolink {
  const settings = readOptions(options)
  const { address, stream } = settings
  const device = createDevice(settings)
  const open = createOpener({
    device,
    settings,
    async listedNow({ cameraId, id, window }, signal) {
      const { triggers: _all, ...everything } = settings
      const camera = { id: cameraId, name: '' }
      for await (const item of listRecordings({ device, settings: everything }, camera, window, signal)) {
        if (!isGap(item) && item.id === id) return item
      }
      return undefined
    },
  })

  return {
    vendor,
    // It plays one recording at a time, whichever of its cameras that is of. PROTOCOL.md §4.2.
    limits: { transfers: 1, transfersPerCamera: 1 },
    patience: patienceOf(settings),

    async identify({ signal }) {
      const { uid, serial, mac, name } = await device.facts(signal)
      return { id: uid ?? ([serial, mac].filter(Boolean).join('/') || address), name }
    },

    async *cameras({ signal }) {
      const facts = await device.facts(signal)
      for (const channel of facts.channels) if (!isEmptySlot(channel)) yield toCamera(channel, facts, settings)
    },

    recordings: (camera, window, { signal }) => listRecordings({ device, settings }, camera, window, signal),

    open: (recording, from, { signal }) => open(recording, from, signal),

    async snapshot({ id }, { signal }) {
      // A picture has its moment: what changes with a screwdriver is not asked for before each.
      const before = await indexOf(id, pictureFactsMs, signal)
      const picture = await device.snapshot(before, signal)
      // A new login may be one on another device that has the address now: then the facts are asked for again.
      const after = await indexOf(id, pictureFactsMs, signal)
      return after === before ? picture : device.snapshot(after, signal)
    },

    device: ({ signal }) => device.facts(signal),
    sessions: ({ signal }) => device.sessions(signal),
    endSession: (id, { signal }) => device.endSession(id, signal),

    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  }

  /** Of a camera that was not there when the device was asked, it may have come back since. */
  async function indexOf(id: string, maxAgeMs: number, signal: AbortSignal): Promise<number> {
    const known = await device.facts(signal, maxAgeMs)
    const isKnown = known.channels.some((channel) => cameraIdOf(channel) === id)
    return channelOf(isKnown ? known : await device.facts(signal, awayFactsMs), id, address).index
  }

  function toCamera(channel: Channel, { isNvr, firmware, hardware, model }: DeviceFacts, from: Settings): Camera {
    const own = channel.model ?? (isNvr ? undefined : model)
    return {
      ...{ id: cameraIdOf(channel), name: channel.name },
      ...(from.timeZone !== undefined && { timeZone: from.timeZone }),
      ...{ state: channel.online ? 'online' : 'offline', views: [stream] },
      facts: {
        ...{ address, channel: channel.index },
        ...(own !== undefined && own !== '' && { model: own }),
        ...(!isNvr && { firmware, hardware }),
        ...(channel.asleep !== undefined && { asleep: channel.asleep }),
      },
    }
  }
}

/** Recorders list the places where no camera is, too. One that is away has a name. */
function isEmptySlot({ online, name, uid }: Channel): boolean {
  return !online && name === '' && uid === undefined
}

/** Logging in, making a file of an hour, and the ways that lead nowhere before the one that does. */
const waysMs = 240_000

/** There is no limit on the whole: hubs send as slowly as life. PROTOCOL.md §1.1. */
function patienceOf({ timeouts }: Settings): NonNullable<FootageSource['patience']> {
  const { connectMs = 0, tlsMs = 0, firstByteMs = 0, idleMs } = timeouts
  return { openMs: waysMs + connectMs + tlsMs + firstByteMs, ...(idleMs !== undefined && { idleMs }) }
}
