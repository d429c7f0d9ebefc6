import { bytesFile, type SyncVirtualFile, sha256Of } from '../kit/virtual-file.ts'
import { dashcamClip } from '../media/dashcam-clip.ts'
import { dashcamStill } from '../media/dashcam-still.ts'
import type { Media } from '../media/media.ts'
import { box } from '../media/mp4-boxes.ts'
import { noise } from '../media/prng.ts'
import type { Asked, Footage } from './footage.ts'
import { angleOf, inputs } from './world.ts'

/** What a right file of something is. */
export interface FilmTruth {
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

/** A file as the media host serves it. */
export interface StoredFilm extends FilmTruth {
  readonly type: 'video/mp4' | 'image/jpeg'
  readonly file: SyncVirtualFile
}

type There = Extract<Footage, { is: 'there' }>

/** A hyperlapse shows a picture of each second, ten a second. */
const hyperlapseSpeed = 10
const lowRes = { width: 256, height: 144, fps: 5, timescale: 15360 }

const heldInMemory = 400

/** Makes films when somebody looks, and keeps the last ones. */
export class Films {
  readonly #known = new Map<string, StoredFilm>()

  /** The same for the same footage, whoever asked for it and when; `replaced` is what another upload of it would be. */
  film(asked: Asked, there: There, replaced = false): StoredFilm {
    const { vehicle, input, mediaType } = asked
    const { start, end } = there.shows
    const key = `${vehicle.spec.id} ${input} ${mediaType} ${start} ${end} ${replaced}`
    const known = this.#known.get(key)
    this.#known.delete(key)
    const film = known ?? made(asked, there, replaced)
    this.#known.set(key, film)
    if (this.#known.size > heldInMemory) this.#known.delete(this.#known.keys().next().value!)
    return film
  }
}

function made(asked: Asked, there: There, replaced: boolean): StoredFilm {
  const whole = loaded(media(asked, there, replaced).bytes(), asked, there)
  const { damaged } = there.clip
  const bytes = damaged === 'empty' ? whole.subarray(0, 0) : damaged ? whole.subarray(0, whole.length >> 1) : whole
  const file = bytesFile(bytes)
  const type = asked.mediaType === 'image' ? 'image/jpeg' : 'video/mp4'
  return { ...{ type, file, bytes: bytes.length }, sha256: sha256Of(file) }
}

/** With a box at its end that players pass over. */
function loaded(bytes: Uint8Array, { mediaType }: Asked, { camera: { ballast = 0 }, shows }: There): Uint8Array {
  if (ballast === 0 || mediaType === 'image') return bytes
  return Buffer.concat([bytes, box('free', noise(`${shows.start}`, ballast))])
}

function media({ vehicle, input, mediaType }: Asked, { camera, clip, shows }: There, replaced: boolean): Media {
  const { width = camera.width, height = camera.height, timescale = camera.timescale } = clip
  const audio = clip.audio === null ? undefined : (clip.audio ?? camera.audio)
  const size = { ...(width ? { width } : {}), ...(height ? { height } : {}) }
  const stamp = {
    ...{ shows: shows.start, angle: inputs.indexOf(input), vehicle: vehicle.index & 63 },
    label: `${vehicle.spec.id} ${angleOf(input)} ${mediaType}${replaced ? ' anew' : ''}`,
  }
  if (mediaType === 'image') return dashcamStill({ ...size, ...stamp })
  const durationMs = shows.end - shows.start
  if (mediaType === 'videoLowRes') return dashcamClip({ ...stamp, ...lowRes, durationMs })
  const { fps, keyMs } = camera
  const film = { ...stamp, ...size, ...(timescale ? { timescale } : {}), ...(keyMs ? { keyMs } : {}) }
  if (mediaType === 'hyperlapse')
    return dashcamClip({ ...film, fps: 10, speed: hyperlapseSpeed, durationMs: durationMs / hyperlapseSpeed })
  return dashcamClip({ ...film, ...(fps ? { fps } : {}), durationMs, audio })
}
