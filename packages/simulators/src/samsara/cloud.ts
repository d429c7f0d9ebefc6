import type { SimulatorClock } from '../kit/clock.ts'
import { initialValues, withChanges } from '../kit/switches.ts'
import { Films } from './films.ts'
import { type Asked, footageOf, type Means } from './footage.ts'
import { Orders } from './orders.ts'
import { RateLimits } from './rate-limits.ts'
import { Signatures } from './signatures.ts'
import { type SamsaraSwitches, samsaraSwitches } from './switches.ts'
import { checkTarget, isMeant, type TargetSwitch } from './targets.ts'
import { type SamsaraTruth, type TruthQuestion, truthOf } from './truth.ts'
import { uploadsOf } from './uploads.ts'
import { type SamsaraWorld, type Vehicle, worldVehicles } from './world.ts'
import { worldOf } from './worlds.ts'

/** The API of each region, and where films are. */
export const hostNames = ['us', 'eu', 'ca', 'media'] as const
export type HostName = (typeof hostNames)[number]

const targets = ['only', 'unrecorded', 'failed', 'unavailable', 'expired', 'offline'] as const
const violationsKept = 10_000

/** The state of the pretend cloud. */
export class Cloud {
  readonly clock: SimulatorClock
  readonly token: string
  readonly world: SamsaraWorld
  readonly vehicles: readonly Vehicle[]
  readonly films = new Films()
  readonly orders: Orders
  readonly limits = new RateLimits()
  readonly signatures: Signatures
  /** What happened that no client may ever do. */
  readonly violations: string[] = []
  /** Origins, once the servers listen. */
  hosts = {} as Readonly<Record<HostName, string>>
  switches: SamsaraSwitches
  readonly #times = new Map<string, number>()

  constructor(o: {
    clock: SimulatorClock
    token: string
    switches: Partial<SamsaraSwitches>
    world: SamsaraWorld | undefined
  }) {
    this.clock = o.clock
    this.token = o.token
    this.switches = checked(withChanges(samsaraSwitches, initialValues(samsaraSwitches), o.switches))
    this.world = worldOf(this.switches, o.world)
    this.vehicles = worldVehicles(this.world)
    this.orders = new Orders(this)
    this.signatures = new Signatures(this)
  }

  set(changes: Partial<SamsaraSwitches>): void {
    const next = checked(withChanges(samsaraSwitches, this.switches, changes))
    if (next.world !== this.switches.world) throw new TypeError('switch world can only be set at the start')
    this.switches = next
  }

  /** By its id, or as `key:value` of something it is known as elsewhere. */
  vehicle(written: unknown): Vehicle | undefined {
    const [, key, value] = /^([^:]+):(.+)$/.exec(String(written)) ?? []
    return this.vehicles.find(({ spec }) => {
      if (key === undefined) return spec.id === written
      const known: Record<string, string | undefined> = {
        ...{ 'samsara.vin': spec.vin, 'samsara.serial': spec.serial },
        ...spec.externalIds,
      }
      return known[key] === value
    })
  }

  readonly means: Means = (name, vehicle, input, start) => isMeant(this.switches[name], vehicle, input, start)

  /** Whether faults are for this. */
  suffers(vehicle: Vehicle, input?: Asked['input'], start?: number): boolean {
    return isMeant(this.switches.only, vehicle, input, start)
  }

  /** Whether this was in the list of uploaded media from the start, as a whole. */
  isUploaded({ vehicle, input, mediaType, window }: Asked): boolean {
    return uploadsOf(vehicle).some(
      (one) =>
        one.input === input &&
        one.mediaType === mediaType &&
        one.window.start <= window.start &&
        window.end <= one.window.end &&
        footageOf(one, this.means, true).is === 'there',
    )
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

  truth(question: TruthQuestion): SamsaraTruth[] {
    const { vehicles, means, films } = this
    const isUploaded = (asked: Asked) => this.isUploaded(asked)
    return truthOf(question, { vehicles, means, films, isUploaded, window: this.world.window })
  }
}

function checked(switches: SamsaraSwitches): SamsaraSwitches {
  for (const name of targets satisfies readonly TargetSwitch[]) checkTarget(name, switches[name])
  return switches
}
