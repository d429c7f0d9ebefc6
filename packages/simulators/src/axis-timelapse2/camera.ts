import type { SimulatorClock } from '../kit/clock.ts'
import { initialValues, withChanges } from '../kit/switches.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { type AxisSwitches, axisSwitches } from './switches.ts'
import { type Archive, type ArchiveSpec, archiveOf, profiles, type Truth, truthOf } from './world.ts'
import { worldOf } from './worlds.ts'

/** A job that a 3.x application does beside answering. */
export interface MediaJob {
  readonly kind: 'archive' | 'refresh' | 'media_encode'
  readonly profileId: string
  readonly startedAt: number
}

const day = 86_400_000

/** The state of the pretend camera: its archives, its jobs, its switches. */
export class Camera {
  readonly serial: string
  readonly clock: SimulatorClock
  readonly startedAt: number
  dialect: Dialect
  switches: AxisSwitches
  archives: Archive[] = []
  /** What happened that no client may ever do. */
  readonly violations: string[] = []
  settings: Record<string, unknown> = { archiveSize: 500, archiveSplit: 'daily', retentionMonths: 12 }
  #job: MediaJob | undefined
  #archived = 0
  readonly #custom: readonly ArchiveSpec[]
  /** For each file name, how often something happened to it. */
  readonly #times = new Map<string, number>()

  constructor(o: {
    serial: string
    clock: SimulatorClock
    switches: Partial<AxisSwitches>
    archives: readonly ArchiveSpec[]
  }) {
    this.serial = o.serial
    this.clock = o.clock
    this.startedAt = o.clock.now()
    this.#custom = o.archives
    this.switches = withChanges(axisSwitches, initialValues(axisSwitches), o.switches)
    this.dialect = dialectOf(this.switches.version)
    this.#fill()
  }

  /** Turns switches; another version keeps the archives but lists and serves them in its own way. */
  set(changes: Partial<AxisSwitches>): void {
    const next = withChanges(axisSwitches, this.switches, changes)
    if (next.world !== this.switches.world) throw new TypeError('switch world can only be set at the start')
    this.switches = next
    if (next.version === this.dialect.version) return
    this.dialect = dialectOf(next.version)
    this.#fill()
  }

  /** Whether the archive nodes are there. */
  get ready(): boolean {
    const { startupMs, sdMissing, migration } = this.switches
    const migrating = this.dialect.container === 'mp4' && (migration === 'pending' || migration === 'running')
    return this.clock.now() - this.startedAt >= startupMs && !sdMissing && !migrating
  }

  /** The archive a name reaches: of two with one name the later one. `name` has one character per byte. */
  find(name: string, id?: string): Archive | undefined {
    const text = Buffer.from(name, 'latin1').toString('utf8')
    return this.archives.findLast(({ filename, ...one }) => filename === text && (id === undefined || one.id === id))
  }

  /** Counts one more of `what`, and says how many there were before. */
  countedBefore(what: string): number {
    const before = this.#times.get(what) ?? 0
    this.#times.set(what, before + 1)
    return before
  }

  /** Gives an archive other bytes under its own name. */
  change(archive: Archive): void {
    const changed = archiveOf({ ...archive.spec, filename: archive.filename }, this.dialect, archive.generation + 1)
    this.archives = this.archives.map((one) => (one === archive ? changed : one))
  }

  remove(archive: Archive): void {
    this.archives = this.archives.filter((one) => one.filename !== archive.filename)
  }

  /** The running job, if any; one whose time is over has just been finished. */
  get job(): MediaJob | undefined {
    const job = this.#job
    if (job && this.clock.now() - job.startedAt >= this.switches.jobMs) {
      this.#job = undefined
      if (job.kind === 'archive') this.archiveNow(job.profileId)
    }
    return this.#job
  }

  startJob(kind: MediaJob['kind'], profileId: string): void {
    this.#job = { kind, profileId, startedAt: this.clock.now() }
  }

  /** Turns the live recording of a profile into an archive. */
  archiveNow(profileId: string): void {
    const first = Date.UTC(2026, 3, 20, 6) + this.#archived++ * day
    const spec = { id: profileId, bytes: 60_000, first, last: first + 4 * 3_600_000 }
    this.archives = [...this.archives, archiveOf(spec, this.dialect)]
  }

  truth(): Truth[] {
    return truthOf(this.archives, this.dialect)
  }

  #fill(): void {
    const specs = worldOf(this.switches.world, this.dialect, this.#custom)
    this.archives = this.dialect.hasArchives ? specs.map((spec) => archiveOf(spec, this.dialect)) : []
  }

  profile(id: string | undefined) {
    return profiles.find((one) => one.id === id)
  }
}
