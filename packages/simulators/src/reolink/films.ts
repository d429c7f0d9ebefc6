import { bytesFile, joinFiles, type SyncVirtualFile, sha256Of } from '../kit/virtual-file.ts'
import { dashcamClip } from '../media/dashcam-clip.ts'
import { flv } from '../media/flv.ts'
import { fragmentedMp4 } from '../media/fragmented-mp4.ts'
import { randomNumbers } from '../media/prng.ts'
import type { Device } from './device.ts'
import { type Recording, smallest } from './world.ts'

/** A stretch of one recording. */
export interface Stretch extends Recording {
  readonly start: number
  readonly end: number
}

/** What a right file of something is. */
export interface ReolinkFilmTruth {
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

/** A film as the device serves it. */
export interface Film extends ReolinkFilmTruth {
  readonly file: SyncVirtualFile
}

const mebibyte = 1024 * 1024
const heldInMemory = 200
const sumsKept = 100_000

/** Makes films when somebody looks, and keeps the last ones. Their sizes are known before. */
export class Films {
  readonly #device: Device
  readonly #known = new Map<string, Film>()
  readonly #sums = new Map<string, ReolinkFilmTruth>()

  constructor(device: Device) {
    this.#device = device
  }

  /** Exact, for a Search of hundreds of files needs no film. */
  bytesOf(stretch: Stretch): number {
    const { spec, start, end, stream } = stretch
    const stated = stream === 'main' || spec.streams?.length === 1
    if (spec.bytes !== undefined && stated && start === spec.start && end === spec.end) return spec.bytes
    const next = randomNumbers(keyOf(stretch))()
    const least = smallest(end - start) + this.#fragmentBytes(end - start)
    // A rounded size that is right by chance would show nothing.
    const more = this.#device.profile.sizes === 'mebibytes' ? mebibyte + (next % mebibyte) : next % 20_000
    return least + (stream === 'main' ? more : more >> 2)
  }

  film(stretch: Stretch): Film {
    const { replaced, fileEncryption } = this.#device.switches
    const key = `${keyOf(stretch)} ${replaced} ${fileEncryption}`
    const film = this.#known.get(key) ?? this.#made(stretch, replaced, fileEncryption)
    this.#known.delete(key)
    this.#known.set(key, film)
    if (this.#known.size > heldInMemory) this.#known.delete(this.#known.keys().next().value!)
    return film
  }

  /** The right one, whatever the switches do to it. */
  truth(stretch: Stretch): ReolinkFilmTruth {
    const key = keyOf(stretch)
    const known = this.#sums.get(key)
    if (known) return known
    const { sha256, bytes } = this.#made(stretch, false, false)
    if (this.#sums.size < sumsKept) this.#sums.set(key, { sha256, bytes })
    return { sha256, bytes }
  }

  /** What Playback gives where it gives FLV. */
  flv({ start, end, ...recording }: Stretch): SyncVirtualFile {
    const frames = Math.ceil((end - start) / 1000)
    return flv({ seed: keyOf({ start, end, ...recording }), frames, fps: 1 })
  }

  #fragmentBytes(ms: number): number {
    return this.#device.profile.container === 'fragmented' ? Math.ceil(ms / 1000) * 5000 : 0
  }

  #made(stretch: Stretch, replaced: boolean, encrypted: boolean): Film {
    const { channel, stream, start, end } = stretch
    const label = `${keyOf(stretch)}${replaced ? ' anew' : ''}`
    const seconds = Math.ceil((end - start) / 1000)
    const plain =
      this.#device.profile.container === 'fragmented'
        ? fragmentedMp4({ seed: label, frames: seconds, fps: 1, createdAt: start })
        : dashcamClip({
            ...{ shows: start, angle: channel.channel & 7, vehicle: stream === 'main' ? 0 : 1, label },
            ...{ durationMs: end - start, fps: 1, width: 256, height: 144 },
          })
    const whole = this.bytesOf(stretch)
    const rest = whole - plain.size
    if (rest < 8) throw new RangeError(`a film of ${plain.size} bytes does not fit into ${whole}`)
    const free = Buffer.alloc(rest)
    free.writeUInt32BE(rest)
    free.write('free', 4)
    const file = joinFiles([plain, bytesFile(free)])
    const served = encrypted ? bytesFile(file.read(0, whole).map((byte) => byte ^ 0x5a)) : file
    return { file: served, bytes: whole, sha256: sha256Of(served) }
  }
}

const keyOf = ({ channel, stream, start, end }: Stretch) => `${channel.channel} ${stream} ${start} ${end}`
