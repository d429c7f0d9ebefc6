import type { Call, Gap, OpenedRecording, PermissionError, Recording } from '@cam/download-core/source'
import { isCamError } from '@cam/download-core/source'
import { foreignRecording } from '../failures/index.ts'
import type { Settings } from '../options.ts'
import type { Query, Session } from '../session.ts'
import type { Edges, ProtectCamera } from '../wire/camera.ts'
import { meaningOfEmpty } from './emptiness.ts'
import { askForExport } from './export.ts'
import type { List } from './list.ts'
import { createPacing } from './pacing.ts'
import { pieceId } from './segments.ts'

/** Everything that is exported goes through one of these. */
export interface Exporter {
  /** Video of the recording's window; `query` is what is asked beside camera, start and end. */
  open(recording: Recording, how: How, call: Call): Promise<OpenedRecording | Gap>
}

/** What one kind of footage does differently. */
interface How {
  readonly query: Query
  readonly representation: string
  /** Which age decides between "never recorded" and "no longer there". */
  edgesOf(camera: ProtectCamera): Edges | undefined
}

/** A right that was refused is not asked for again for so long: each piece of a camera would get the same answer. */
const deniedForMs = 5 * 60_000

/** One at a time or a few, with pauses; a camera that is refused does not cost a request for each of its pieces. */
export function createExporter(session: Session, list: List, settings: Settings): Exporter {
  const { clock, address, pauseBetweenMs } = settings
  const pacing = createPacing(pauseBetweenMs, clock)
  const denied = new Map<string, { readonly error: PermissionError; readonly at: number }>()

  return {
    async open(recording, how, { signal }) {
      const { cameraId, window } = recording
      if (!window) throw foreignRecording(recording.id)
      const before = denied.get(cameraId)
      if (before && clock.monotonic() - before.at < deniedForMs) throw before.error
      await pacing.turn(signal)
      const about = { address, camera: list.known(cameraId) }
      const query = { camera: cameraId, start: window.start, end: window.end, ...how.query }
      try {
        const wanted = { about, query, stretch: pieceId(window), representation: how.representation }
        const exported = await askForExport(session, wanted, clock, signal)
        if ('body' in exported) return { ...exported, body: pacing.paced(exported.body) }
        pacing.ended()
        const empty = {
          about,
          window,
          said: exported.empty,
          edgesOf: (camera: ProtectCamera) => how.edgesOf(camera) ?? 'none',
        }
        return await meaningOfEmpty(empty, list, clock, signal)
      } catch (error) {
        pacing.ended()
        if (isCamError(error) && error.code === 'PERMISSION') {
          denied.set(cameraId, { error: error as PermissionError, at: clock.monotonic() })
        }
        throw error
      }
    },
  }
}
