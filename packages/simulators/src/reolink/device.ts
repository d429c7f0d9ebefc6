import type { SimulatorClock } from '../kit/clock.ts'
import { initialValues, withChanges } from '../kit/switches.ts'
import { Films, type Stretch } from './films.ts'
import { type ReolinkZone, reolinkZones, wallOf } from './local-time.ts'
import { Lock } from './lock.ts'
import { nameOf } from './names.ts'
import { Sessions } from './sessions.ts'
import { Shots } from './shots.ts'
import { fixedSwitches, type ReolinkSwitches, reolinkSwitches, settled } from './switches.ts'
import { Vod } from './vod.ts'
import { type Recording, type ReolinkChannelSpec, type ReolinkWorld, recordingsOf } from './world.ts'
import { worldOf } from './worlds.ts'

export interface DeviceOptions {
  readonly clock: SimulatorClock
  readonly username: string
  readonly password: string
  readonly switches: Partial<ReolinkSwitches>
  readonly world: ReolinkWorld | undefined
}

/** A recording as it is at this moment. */
export interface SeenRecording extends Recording {
  readonly start: number
  /** What is there of it by now. */
  readonly end: number
  readonly growing: boolean
  readonly bytes: number
  /** What a Search calls it. */
  readonly name: string | undefined
}

const violationsKept = 1000

/** Everything the device knows, apart from what goes over the wire. */
export class Device {
  readonly clock: SimulatorClock
  readonly username: string
  readonly password: string
  readonly world: ReolinkWorld
  readonly zone: ReolinkZone
  /** The profile, with what somebody turned. */
  profile: ReturnType<typeof settled>
  readonly recordings: readonly Recording[]
  readonly sessions: Sessions
  readonly lock: Lock
  readonly films: Films
  readonly shots: Shots
  readonly vod = new Vod()
  readonly violations: string[] = []
  /** Of encrypted logins that have begun, and when each is too old. */
  readonly nonces = new Map<string, number>()
  /** After a Logout without a token, where that poisons. */
  poisoned = false
  /** Commands, pictures and downloads being answered, by who asked. */
  readonly busy = new Map<string, number>()
  breakConnections: () => void = () => {}
  readonly #fragments = new Map<string, Stretch>()
  #switches: ReolinkSwitches
  readonly #counts = new Map<string, number>()
  #downUntil = Number.NEGATIVE_INFINITY
  #reboots = 0

  constructor({ clock, username, password, switches, world }: DeviceOptions) {
    this.clock = clock
    this.username = username
    this.password = password
    this.#switches = withChanges(reolinkSwitches, initialValues(reolinkSwitches), switches)
    this.profile = settled(this.#switches)
    this.world = worldOf(this.#switches, world)
    this.zone = this.#switches.zone === 'world' ? this.world.zone : reolinkZones[this.#switches.zone]
    this.recordings = recordingsOf(this.world)
    this.sessions = new Sessions(clock)
    this.lock = new Lock(clock)
    this.films = new Films(this)
    this.shots = new Shots(clock)
  }

  get switches(): ReolinkSwitches {
    return this.#switches
  }

  set(changes: Partial<ReolinkSwitches>): void {
    for (const name of fixedSwitches)
      if (changes[name] !== undefined && changes[name] !== this.#switches[name])
        throw new TypeError(`switch ${name} can only be set at the start`)
    this.#switches = withChanges(reolinkSwitches, this.#switches, changes)
    this.profile = settled(this.#switches)
    if (changes.snapFault !== undefined) this.shots.thaw()
    if (changes.poisonedLogout === false) this.poisoned = false
    // Counts of what suffered a fault begin anew with the fault.
    for (const [key] of this.#counts) if (Object.hasOwn(changes, key.split(' ', 1)[0]!)) this.#counts.delete(key)
  }

  /** How often this was asked before; counts it. The first word of `key` is the switch it is about. */
  countedBefore(key: string): number {
    const before = this.#counts.get(key) ?? 0
    this.#counts.set(key, before + 1)
    return before
  }

  violation(what: string): void {
    if (this.violations.length < violationsKept) this.violations.push(what)
  }

  /** The device's own clock, which may be wrong. */
  ownTime(): number {
    return this.clock.now() + this.#switches.skew
  }

  channel(channel: unknown): ReolinkChannelSpec | undefined {
    return this.world.channels.find((one) => one.channel === channel)
  }

  /** What is on its disk, in the order of the world. */
  seen(channel?: number, stream?: string): SeenRecording[] {
    const now = Math.floor(this.clock.now() / 1000) * 1000
    return this.recordings
      .filter((one) => channel === undefined || (one.channel.channel === channel && one.stream === stream))
      .filter(({ spec }) => spec.start < now)
      .map((recording) => this.#seen(recording, now))
  }

  #seen(recording: Recording, now: number): SeenRecording {
    const { start } = recording.spec
    const growing = recording.spec.end > now
    const end = growing ? now : recording.spec.end
    const bytes = this.films.bytesOf({ ...recording, start, end })
    const stated = bytes + (this.#switches.sizeOff ? 1 : 0)
    const name = nameOf(recording, this.profile, this.zone, growing ? undefined : end, stated)
    return { ...recording, start, end, growing, bytes, name }
  }

  /** What NvrDownload made under a name. */
  fragmentOf(name: string): Stretch | undefined {
    return this.#fragments.get(name)
  }

  /** Keeps the last hundred. */
  fragment(name: string, stretch: Stretch): void {
    this.#fragments.delete(name)
    this.#fragments.set(name, stretch)
    if (this.#fragments.size > 100) this.#fragments.delete(this.#fragments.keys().next().value!)
  }

  wall(at: number): number {
    return wallOf(this.zone, at)
  }

  /** Whether it takes no connection. */
  get down(): boolean {
    return this.clock.now() < this.#downUntil
  }

  get reboots(): number {
    return this.#reboots
  }

  reboot(): void {
    this.#reboots++
    this.sessions.revoke()
    this.vod.unwedge()
    this.poisoned = false
    this.#downUntil = this.clock.now() + this.#switches.bootMs
    for (const [key] of this.#counts) if (key.startsWith('bootTimes')) this.#counts.delete(key)
    this.breakConnections()
  }
}
