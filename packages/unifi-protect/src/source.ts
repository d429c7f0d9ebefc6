import type { Call, Camera, EpochMs, FootageSource, Snapshot } from '@cam/download-core/source'
import { clips } from './client/clips.ts'
import { continuous } from './client/continuous.ts'
import { listEvents } from './client/events.ts'
import { createExporter } from './client/exporter.ts'
import { createList, refuseUnreadable, toCamera } from './client/list.ts'
import type { Kind, Reading } from './client/reading.ts'
import { snapshots, takeSnapshot } from './client/snapshots.ts'
import { timelapse } from './client/timelapse.ts'
import { vendor } from './failures/index.ts'
import { type Footage, readOptions, type Settings, type UnifiProtectOptions } from './options.ts'
import { createSession } from './session.ts'
import { isReadable } from './wire/camera.ts'
import type { ProtectEvent } from './wire/event.ts'

/** Which events to list. */
export interface EventQuery {
  /** Epoch milliseconds; half-open. Events that overlap the window are listed. */
  readonly start: EpochMs
  readonly end: EpochMs
  /** Ids of cameras. Default: all. */
  readonly cameras?: readonly string[] | undefined
  /** Default: those of the options. */
  readonly types?: readonly string[] | undefined
  /** Any of these. Default: those of the options. */
  readonly smartTypes?: readonly string[] | undefined
}

/** A console's footage, and what else a console tells. */
export interface UnifiProtectSource extends FootageSource {
  /** The events of a window, each once, in order of time for each camera. Throws ProtocolError where the list is not to be trusted. */
  events(query: EventQuery, call: Call): AsyncIterable<ProtectEvent>
  /** One live picture, read into memory. Throws PermissionError without the right to the live stream. */
  snapshot(camera: Camera, call: Call): Promise<Snapshot>
}

/** Key frames lie 5 s apart, and a bound snaps to one at either end. PROTOCOL.md §3.1. */
const granularityMs = 10_000

const kinds: Readonly<Record<Footage, (reading: Reading) => Kind>> = { continuous, events: clips, timelapse, snapshots }

/**
 * The footage of one UniFi Protect console. Throws TypeError or RangeError for options that make no sense; contacts nothing
 * before the first call.
 */
export function unifiProtect(options: UnifiProtectOptions): UnifiProtectSource {
  const settings = readOptions(options)
  const { address, channel, clock } = settings
  const session = createSession(settings)
  const list = createList(session, address)
  const reading: Reading = { settings, session, list, exporter: createExporter(session, list, settings) }
  const kind = kinds[settings.footage](reading)

  const identify = async ({ signal }: Call) => {
    const { id, mac, name } = await list.nvr(signal)
    const { origin } = await session.console(signal)
    // What one kind of footage holds says nothing about another: each has its own rows in a ledger.
    const parts = [id ?? mac ?? hostOf(origin), kind.name, channel === 0 ? '' : `channel-${channel}`]
    return { id: parts.filter(Boolean).join('/'), name: name ?? address }
  }

  return {
    vendor,
    identity: kind.identity,
    granularityMs,
    patience: patienceOf(settings),
    limits: { transfers: settings.exports, transfersPerCamera: settings.exports },
    identify,

    async *cameras({ signal }) {
      const nvr = await list.nvr(signal)
      for (const camera of await list.cameras(signal)) {
        if (!isReadable(camera) || !camera.foreign) yield toCamera(camera, nvr)
      }
    },

    async *recordings(camera, window, call) {
      refuseUnreadable(address, camera)
      yield* kind.recordings(camera, window, call)
    },

    open: (recording, from, call) => kind.open(recording, from, call),

    async *events({ start, end, cameras, types, smartTypes }, { signal }) {
      const common = {
        start,
        end,
        types: types?.length ? types : settings.events.types,
        smartTypes: smartTypes ?? settings.events.smartTypes,
        now: clock.now(),
      }
      for (const cameraId of cameras ?? [undefined]) {
        yield* listEvents(session, address, { ...common, ...(cameraId !== undefined && { cameraId }) }, signal)
      }
    },

    snapshot: (camera, call) => takeSnapshot(reading, camera, call),

    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** Logging in and asking again what "nothing recorded" means, both with retries. */
const questionsMs = 180_000

/** To open is to wait for the pause since the last export, to log in where needed, to connect, and to let the console render. */
function patienceOf({ timeouts, pauseBetweenMs }: Settings): NonNullable<FootageSource['patience']> {
  const { connectMs = 0, tlsMs = 0, firstByteMs = 0, idleMs } = timeouts
  return {
    openMs: pauseBetweenMs + questionsMs + connectMs + tlsMs + firstByteMs,
    ...(idleMs !== undefined && { idleMs }),
  }
}

/** With the port, also where it is the usual one. */
function hostOf(origin: string): string {
  const { hostname, port } = new URL(origin)
  return `${hostname}:${port || '443'}`
}
