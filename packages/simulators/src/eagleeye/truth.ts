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

/** What the truth needs to know beside the world. */
export interface TruthRules {
  readonly now: number
  isExpired(camera: WorldCamera, start: number): boolean
  isDenied(camera: WorldCamera): boolean
  /** SHA-256 of films, which do not change. */
  readonly sums: Map<string, FilmTruth>
}

/** Every clip of an attached camera that has a moment in the window. */
export function truthOf(cameras: readonly WorldCamera[], window: TimeWindow, rules: TruthRules): EagleEyeTruth[] {
  return cameras
    .filter(({ spec }) => (spec.serviceStatus ?? 'ATTD') === 'ATTD')
    .flatMap((camera) =>
      clipsAt(camera, rules.now)
        .filter(({ start, end }) => start < window.end && end > window.start)
        .map((clip): EagleEyeTruth => {
          const { start, end, growing } = clip
          const expired = clip.expired || rules.isExpired(camera, start)
          const sum = (form: FilmForm) => sumOf(camera, { start, end }, form, rules)
          return {
            ...{ cameraId: camera.spec.id, start, end },
            outcome: expired ? 'expired' : growing ? 'pending' : 'kept',
            ...(rules.isDenied(camera) ? { denied: true as const } : {}),
            // Made when somebody looks: films of a week take half a second.
            get flv() {
              return sum('flv')
            },
            get mp4() {
              return sum('mp4')
            },
            get exported() {
              return sum('export')
            },
          }
        }),
    )
}

/** A clip that ends where it ends has one film in each form. */
function sumOf(camera: WorldCamera, clip: TimeWindow, form: FilmForm, { now, sums }: TruthRules): FilmTruth {
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
