import { type FilmForm, filmOf } from './films.ts'
import { clipsAt, type TimeWindow, type WorldCamera } from './world.ts'

/** What a right file of a clip is. */
export interface FilmTruth {
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

/** What should become of one clip. */
export interface EagleEyeTruth {
  readonly cameraId: string
  readonly start: number
  /** Of a clip that goes on: where it is now. */
  readonly end: number
  /** `pending`: it goes on. */
  readonly outcome: 'kept' | 'pending' | 'expired'
  /** The footage is there, but the user may not have it. */
  readonly denied?: true
  /** The whole clip through `asset/play/video.flv`. */
  readonly flv: FilmTruth
  /** The whole clip through `asset/play/video.mp4` or its `mp4Url`. */
  readonly mp4: FilmTruth
  /** The whole clip through an export job. */
  readonly exported: FilmTruth
}

/** Every clip of an attached camera that has a moment in the window. */
export function truthOf(
  cameras: readonly WorldCamera[],
  window: TimeWindow,
  now: number,
  sums: Map<string, FilmTruth>,
): EagleEyeTruth[] {
  return cameras
    .filter(({ spec }) => (spec.serviceStatus ?? 'ATTD') === 'ATTD')
    .flatMap((camera) =>
      clipsAt(camera, now)
        .filter(({ start, end }) => start < window.end && end > window.start)
        .map(({ start, end, growing, expired }) => ({
          ...{ cameraId: camera.spec.id, start, end },
          outcome: expired ? ('expired' as const) : growing ? ('pending' as const) : ('kept' as const),
          ...(camera.spec.denied ? { denied: true as const } : {}),
          flv: sumOf(camera, { start, end }, 'flv', now, sums),
          mp4: sumOf(camera, { start, end }, 'mp4', now, sums),
          exported: sumOf(camera, { start, end }, 'export', now, sums),
        })),
    )
}

/** A clip that ends where it ends has one film in each form. */
function sumOf(
  camera: WorldCamera,
  clip: TimeWindow,
  form: FilmForm,
  now: number,
  sums: Map<string, FilmTruth>,
): FilmTruth {
  const key = `${camera.spec.id} ${clip.start} ${clip.end} ${form}`
  const sum = sums.get(key) ?? filmTruth(camera, clip, form, now)!
  sums.set(key, sum)
  return sum
}

/** What a right file of any window is; undefined where nothing was recorded. */
export function filmTruth(camera: WorldCamera, window: TimeWindow, form: FilmForm, now: number): FilmTruth | undefined {
  const film = filmOf(camera, window, form, now)
  return film && { sha256: film.facts.sha256, bytes: film.size }
}
