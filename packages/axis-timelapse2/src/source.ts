import {
  type Call,
  type Camera,
  type FootageSource,
  type OpenedRecording,
  type OpenFrom,
  overlaps,
  type Recording,
  systemClock,
  type TimeWindow,
} from '@cam/download-core/source'
import { onlyOwnContent } from './client/namesakes.ts'
import { isNoSuchFile, openArchive } from './client/open-archive.ts'
import { missing, otherCamera, unusable, vanished, vendor } from './failures.ts'
import { type AxisTimelapse2Options, readOptions } from './options.ts'
import { type App, createSession } from './session.ts'
import { present } from './wire/app.ts'
import { exportIdOf, toRecordings } from './wire/recordings.ts'

/**
 * The timelapse archives of one Axis camera, whichever of the three apps it runs. Throws TypeError or RangeError for options
 * that make no sense; contacts nothing before the first call.
 */
export function axisTimelapse2(options: AxisTimelapse2Options): FootageSource {
  const settings = readOptions(options)
  const clock = settings.clock ?? systemClock
  const session = createSession(settings)
  const { asked } = session.conversation

  const identityOf = ({ cameraId, page }: App) => ({
    id: cameraId,
    name: page.hostname ?? page.model ?? settings.address,
  })

  const list = async ({ signal }: Call): Promise<Recording[]> => {
    const { client, cameraId } = await session.app(signal)
    return toRecordings({ cameraId, entries: await client.list(signal), media: client.media, now: clock.now() })
  }

  const start = async (recording: Recording, name: string, from: OpenFrom, call: Call): Promise<OpenedRecording> => {
    const { client } = await session.app(call.signal)
    const targets = client.targets({ name, exportId: exportIdOf(recording) })
    const representation = `${client.media === 'unknown' ? 'timelapseme' : 'timelapse2'}/${recording.extension}`
    const { extension, resume } = recording
    try {
      return await openArchive(session.conversation, { name, targets }, from, call.signal, {
        ...{ representation, extension, resume, clock },
      })
    } catch (error) {
      throw isNoSuchFile(error) ? error : await client.explain(error, call.signal)
    }
  }

  /** The camera says that there is no such file: what that means only a new list can tell. */
  const searched = async (recording: Recording, name: string, from: OpenFrom, call: Call, error: unknown) => {
    const { client } = await session.app(call.signal)
    const now = (await list(call)).find(({ id }) => id === recording.id)
    if (!now) throw vanished(asked, name)
    const hopeless = client.unspeakable(name)
    if (hopeless) throw hopeless
    // Converted since it was planned: the same footage under another name. PROTOCOL.md §3.8.
    if (now.name === undefined || now.name === name) throw missing(asked, name, error)
    return start(now, now.name, from, call)
  }

  return {
    vendor,
    // The app has one thread. PROTOCOL.md §1.2.
    limits: { transfers: 1, transfersPerCamera: 1 },

    identify: async ({ signal }) => identityOf(await session.app(signal)),

    async *cameras({ signal }) {
      const app = await session.app(signal)
      const { model, firmware, version, friendlyName } = app.page
      const camera: Camera = {
        ...identityOf(app),
        state: 'online',
        facts: present({
          address: settings.address,
          model,
          firmware,
          app: friendlyName ?? (app.client.media === 'unknown' ? 'TimelapseMe' : 'Timelapse2'),
          appVersion: version,
        }) as NonNullable<Camera['facts']>,
      }
      yield camera
    },

    async *recordings(camera: Camera, window: TimeWindow | undefined, call: Call) {
      const { cameraId } = await session.app(call.signal)
      if (camera.id !== cameraId) throw otherCamera(asked, camera.id, cameraId)
      for (const recording of await list(call)) {
        // Undated ones are never outside.
        if (!window || !recording.window || overlaps(recording.window, window)) yield recording
      }
    },

    async open(recording, from, call) {
      const { name, facts } = recording
      if (name === undefined) throw unusable(asked, String(facts?.problem), String(facts?.entry))
      const begin = async () => {
        try {
          return await start(recording, name, from, call)
        } catch (error) {
          if (!isNoSuchFile(error)) throw error
          return searched(recording, name, from, call, error)
        }
      }
      if (facts?.namesakes === undefined) return begin()
      return onlyOwnContent(recording, await list(call), begin)
    },

    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
