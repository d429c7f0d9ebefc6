import { overlaps } from '@cam/download-core/source'
import type { Settings } from '../../options.ts'
import { createClassicSession } from '../../session/classic.ts'
import type { BackEnd } from '../back-end.ts'
import { partsBehind, withoutEchoes } from '../parts.ts'
import { isAttached, listCameras, refuseUnreadable } from './cameras.ts'
import { listIntervals } from './intervals.ts'
import type { ClassicSettings } from './log-in.ts'
import { openFilm } from './open-film.ts'
import { toRecordings } from './pieces.ts'

/** The classic interface. Throws TypeError for settings without a classic account; contacts nothing before the first call. */
export function createClassic({ classic, ...rest }: Settings): BackEnd {
  if (!classic) throw new TypeError('The option classic must be an object for api classic.')
  const settings: ClassicSettings = { ...rest, classic }
  const session = createClassicSession(settings)
  return {
    async identify(signal) {
      const { accountId, name } = await session.user(signal)
      return { id: accountId, name: name ?? accountId }
    },
    async *cameras(signal) {
      yield* await listCameras(session, signal)
    },
    async *recordings(camera, window, signal) {
      refuseUnreadable(camera)
      if (!isAttached(camera) && !classic.unattached) return
      const cutting = {
        cameraId: camera.id,
        format: settings.format,
        pieceMs: settings.pieceMs,
        settledUntil: settings.clock.now() - settings.settleMs,
      }
      const intervals = await listIntervals(session, settings, camera.id, window, signal)
      for (const interval of withoutEchoes(intervals, cutting.settledUntil)) {
        for (const recording of toRecordings(interval, cutting)) {
          if (!window || !recording.window || overlaps(recording.window, window)) yield recording
        }
      }
    },
    remainder: (recording, from) => partsBehind(recording, from, settings.pieceMs),
    open: (recording, from, signal) => openFilm(session, settings, recording, from, signal),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
