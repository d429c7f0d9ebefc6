import { createHash } from 'node:crypto'
import type { SimulatorClock } from '../kit/clock.ts'
import { cameraStill } from '../media/camera-still.ts'
import type { ReolinkStream } from './world.ts'

/** A picture that was sent whole. */
export interface ReolinkShot {
  readonly channel: number
  readonly stream: ReolinkStream
  /** Epoch milliseconds of the simulator's clock, when it was taken. */
  readonly at: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

export interface Picture {
  readonly at: number
  readonly bytes: Uint8Array
}

const shotsKept = 200_000

/** Takes pictures: the same for the same channel, stream, size and millisecond. */
export class Shots {
  /** The last 200,000 that were sent whole. */
  readonly sent: ReolinkShot[] = []
  readonly #clock: SimulatorClock
  readonly #frozen = new Map<string, number>()

  constructor(clock: SimulatorClock) {
    this.#clock = clock
  }

  take(channel: number, stream: ReolinkStream, width: number, height: number, frozen: boolean): Picture {
    const key = `${channel} ${stream}`
    const now = this.#clock.now()
    if (frozen && !this.#frozen.has(key)) this.#frozen.set(key, now)
    const at = frozen ? this.#frozen.get(key)! : now
    const label = `channel ${channel} ${stream}`
    const vehicle = stream === 'main' ? 0 : 1
    return { at, bytes: cameraStill({ shows: at, angle: channel & 7, vehicle, width, height, label }).bytes() }
  }

  /** Frozen pictures move again. */
  thaw(): void {
    this.#frozen.clear()
  }

  whole(channel: number, stream: ReolinkStream, { at, bytes }: Picture): void {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.sent.push({ channel, stream, at, sha256, bytes: bytes.length })
    if (this.sent.length > shotsKept) this.sent.shift()
  }
}
