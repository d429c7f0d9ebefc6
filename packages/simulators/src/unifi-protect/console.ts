import type { SimulatorClock } from '../kit/clock.ts'
import { initialValues, withChanges } from '../kit/switches.ts'
import { Sessions } from './sessions.ts'
import { stretchOf, type UnifiProtectSwitches, unifiProtectSwitches } from './switches.ts'
import { type TruthQuery, truthOf, type UnifiProtectTruth } from './truth.ts'
import { edges, type ProtectEventSpec, type ProtectWorld, type WorldCamera, worldCamera } from './world.ts'
import { worldOf } from './worlds.ts'

const exportedKept = 10_000

/** The state of the pretend console. */
export class Console {
  readonly clock: SimulatorClock
  readonly username: string
  readonly password: string
  readonly world: ProtectWorld
  readonly cameras: readonly WorldCamera[]
  readonly sessions: Sessions
  /** CSRF tokens that `GET /` gave away. */
  readonly rootCsrf = new Set<string>()
  /** What happened that no client may ever do. */
  readonly violations: string[] = []
  /** Logins that reached the server. */
  readonly logins = { ok: 0, refused: 0, limited: 0 }
  /** When logins that count for the limit were. */
  loginTimes: number[] = []
  readonly exports = { asked: 0, inFlight: 0, maximum: 0 }
  /** Events the console makes of exports. */
  readonly exported: (ProtectEventSpec & { readonly camera: string })[] = []
  switches: UnifiProtectSwitches
  crashes = 0
  #downUntil = Number.NEGATIVE_INFINITY
  #edgeMoved = false
  readonly #times = new Map<string, number>()
  /** SHA-256 of films, for they do not change. */
  readonly #sums = new Map<string, string>()
  readonly #breakConnections: () => void

  constructor(o: {
    clock: SimulatorClock
    username: string
    password: string
    switches: Partial<UnifiProtectSwitches>
    world: ProtectWorld | undefined
    breakConnections: () => void
  }) {
    this.clock = o.clock
    this.username = o.username
    this.password = o.password
    this.switches = withChanges(unifiProtectSwitches, initialValues(unifiProtectSwitches), o.switches)
    this.world = worldOf(this.switches.world, o.world)
    this.cameras = this.world.cameras.map(worldCamera)
    this.sessions = new Sessions(o.clock)
    this.#breakConnections = o.breakConnections
  }

  set(changes: Partial<UnifiProtectSwitches>): void {
    const next = withChanges(unifiProtectSwitches, this.switches, changes)
    if (next.world !== this.switches.world) throw new TypeError('switch world can only be set at the start')
    this.switches = next
  }

  get legacy(): boolean {
    return this.switches.profile === 'legacy'
  }

  camera(id: string | null | undefined): WorldCamera | undefined {
    return this.cameras.find(({ spec }) => spec.id === id)
  }

  /** Whether a switch that names a camera means this one. */
  isMeant(written: string, { spec }: WorldCamera): boolean {
    return written === 'all' || written === spec.id || (written !== 'none' && written === spec.name)
  }

  /** The stretch of this camera that `drop` or `nonMonotonic` names. */
  stretch(which: 'drop' | 'nonMonotonic', camera: WorldCamera) {
    const found = stretchOf(this.switches[which])
    return found && this.isMeant(found.camera, camera) ? found : undefined
  }

  /** Counts one more of `what`, and says how many there were before. */
  countedBefore(what: string): number {
    const before = this.#times.get(what) ?? 0
    this.#times.set(what, before + 1)
    return before
  }

  get down(): boolean {
    return this.clock.now() < this.#downUntil
  }

  crash(): void {
    this.crashes++
    this.#downUntil = this.clock.now() + this.switches.downMs
    this.sessions.revoke()
    this.#breakConnections()
  }

  /** An export begins; call what it returns when it has ended. */
  exportBegins(): () => void {
    const { exports, switches } = this
    exports.asked++
    exports.maximum = Math.max(exports.maximum, ++exports.inFlight)
    if (exports.asked >= switches.edgeAfter && !this.#edgeMoved) {
      this.#edgeMoved = true
      this.moveRetentionEdge({ by: switches.edgeBy })
    }
    return () => {
      exports.inFlight--
    }
  }

  /** The oldest footage of one camera or all is gone: up to a moment, or so much of it. */
  moveRetentionEdge(o: { camera?: string; to?: number; by?: number }): void {
    for (const camera of this.cameras) {
      if (o.camera !== undefined && !this.isMeant(o.camera, camera)) continue
      const oldest = edges(camera, this.clock.now()).lowStart
      if (oldest === null) continue
      camera.lqFrom = Math.max(oldest, Math.ceil((o.to ?? oldest + (o.by ?? 0)) / 5000) * 5000)
    }
  }

  /** Exports become events themselves. */
  remember(event: ProtectEventSpec & { readonly camera: string }): void {
    this.exported.push(event)
    if (this.exported.length > exportedKept) this.exported.shift()
  }

  truth(query: TruthQuery = {}): UnifiProtectTruth[] {
    const { sparse, creationTime, overrunMs } = this.switches
    const rules = { sparse, creationTime, overrunMs }
    return truthOf(this.cameras, rules, this.clock.now(), { ...this.world.window, ...query }, this.#sums)
  }
}
