import type { SimulatorClock } from '../kit/clock.ts'
import type { Exchange } from '../kit/exchange.ts'
import { initialValues, withChanges } from '../kit/switches.ts'
import { ClassicSessions } from './classic/sessions.ts'
import type { FilmForm } from './films.ts'
import { type EagleEyeSwitches, eagleEyeSwitches } from './switches.ts'
import { type EagleEyeTruth, type FilmTruth, filmTruth, truthOf } from './truth.ts'
import { Exports } from './v3/export-state.ts'
import { MediaUrls } from './v3/media-urls.ts'
import { Tokens } from './v3/tokens.ts'
import { type Clip, clipsAt, type EagleEyeWorld, type TimeWindow, type WorldCamera, worldCameras } from './world.ts'
import { worldOf } from './worlds.ts'

/** The hosts of the real thing: `login.`, `cNNN.`, an archiver, `auth.`, `api.`, `api.cNNN.` twice, `media.cNNN.`. */
export const hostNames = [
  ...(['classicLogin', 'classicBranded', 'classicArchiver'] as const),
  ...(['auth', 'api', 'apiCluster', 'apiOther', 'media'] as const),
]
export type HostName = (typeof hostNames)[number]

export interface Credentials {
  readonly username: string
  readonly password: string
  readonly clientId: string
  readonly clientSecret: string
}

const violationsKept = 10_000

/** The state of the pretend cloud. */
export class Cloud {
  readonly clock: SimulatorClock
  readonly credentials: Credentials
  readonly world: EagleEyeWorld
  readonly cameras: readonly WorldCamera[]
  readonly sessions: ClassicSessions
  readonly tokens: Tokens
  readonly mediaUrls = new MediaUrls()
  readonly exports = new Exports()
  /** What happened that no client may ever do. */
  readonly violations: string[] = []
  /** Origins, once the servers listen. */
  hosts = {} as Readonly<Record<HostName, string>>
  /** Which cluster the account is on. */
  cluster: 'apiCluster' | 'apiOther' = 'apiCluster'
  switches: EagleEyeSwitches
  readonly #times = new Map<string, number>()
  /** Bodies under way, by the access token they were asked with. */
  readonly #bodies = new Map<string, Set<Exchange>>()
  readonly #sums = new Map<string, FilmTruth>()

  constructor(o: {
    clock: SimulatorClock
    credentials: Credentials
    switches: Partial<EagleEyeSwitches>
    world: EagleEyeWorld | undefined
  }) {
    this.clock = o.clock
    this.credentials = o.credentials
    this.switches = withChanges(eagleEyeSwitches, initialValues(eagleEyeSwitches), o.switches)
    this.world = worldOf(this.switches, o.world, o.clock.now())
    this.cameras = worldCameras(this.world)
    this.sessions = new ClassicSessions(this)
    this.tokens = new Tokens(this)
  }

  set(changes: Partial<EagleEyeSwitches>): void {
    const next = withChanges(eagleEyeSwitches, this.switches, changes)
    for (const name of ['world', 'until'] as const)
      if (next[name] !== this.switches[name]) throw new TypeError(`switch ${name} can only be set at the start`)
    this.switches = next
  }

  /** A camera that is attached, or any. */
  camera(id: string | undefined): WorldCamera | undefined {
    return this.cameras.find(({ spec }) => spec.id === id)
  }

  /** Whether a switch means this camera, or the clip of it that begins at `start`. */
  means(
    switchName: 'only' | 'denied' | 'expired' | 'bridgeOffline' | 'mp4UrlNull',
    camera: WorldCamera,
    start?: number,
  ) {
    const written = this.switches[switchName]
    const { id, name } = camera.spec
    if (written === 'all' || written === id) return true
    if (written === 'none' || written === '') return false
    return (
      written === name ||
      (start !== undefined && written.startsWith(`${id}@`) && Date.parse(written.slice(9)) === start)
    )
  }

  mayNot(camera: WorldCamera): boolean {
    return camera.spec.denied === true || this.means('denied', camera)
  }

  /** What lists show: in order, and without what has expired where lists do not show that. */
  clips(camera: WorldCamera): Clip[] {
    return this.allClips(camera).filter(({ expired }) => this.switches.expiredListed || !expired)
  }

  allClips(camera: WorldCamera): Clip[] {
    return clipsAt(camera, this.clock.now()).map((clip) =>
      this.means('expired', camera, clip.start) ? { ...clip, expired: true } : clip,
    )
  }

  /** Whether the footage that begins at `start` can only be had from a bridge that is not there. */
  outOfReach(camera: WorldCamera, start: number): boolean {
    const clip = this.allClips(camera).find((one) => one.start <= start && start < one.end)
    return this.means('bridgeOffline', camera, start) || (clip?.inCloud === false && camera.bridge.online === false)
  }

  violation(text: string): void {
    if (this.violations.length < violationsKept) this.violations.push(text)
  }

  /** Counts one more of `what`, and says how many there were before. */
  countedBefore(what: string): number {
    const before = this.#times.get(what) ?? 0
    this.#times.set(what, before + 1)
    return before
  }

  /** A body asked for with this token begins; call what it returns when it has ended. */
  bodyBegins(token: string, exchange: Exchange): () => void {
    const open = this.#bodies.get(token) ?? new Set()
    this.#bodies.set(token, open.add(exchange))
    return () => {
      open.delete(exchange)
      if (open.size === 0) this.#bodies.delete(token)
    }
  }

  /** The access token is no longer good. */
  tokenEnded(token: string): void {
    if (!this.switches.rotationCuts) return
    for (const exchange of this.#bodies.get(token) ?? []) exchange.drop()
  }

  /** Lets a clip end later, or earlier. */
  extend(cameraId: string, start: number, by: number): void {
    const camera = this.camera(cameraId)
    if (!camera?.clips.some((clip) => clip.start === start))
      throw new TypeError(`camera ${cameraId} has no clip at ${start}`)
    camera.clips = camera.clips.map((clip) => (clip.start === start ? { ...clip, end: clip.end + by } : clip))
  }

  truth(window: Partial<TimeWindow> = {}): EagleEyeTruth[] {
    return truthOf(
      this.cameras,
      { ...this.world.window, ...window },
      {
        now: this.clock.now(),
        isExpired: (camera, start) => this.means('expired', camera, start),
        isDenied: (camera) => this.mayNot(camera),
        sums: this.#sums,
      },
    )
  }

  film(cameraId: string, window: TimeWindow, form: FilmForm): FilmTruth | undefined {
    const camera = this.camera(cameraId)
    return camera && filmTruth(camera, window, form, this.clock.now())
  }
}
