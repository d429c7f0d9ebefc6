import { jpeg } from '@cam/simulators/media'
import type { Ledger, LedgerRow } from '../../src/archive/ledger.ts'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { slotsSourceId } from '../../src/capture/account.ts'
import { capture } from '../../src/capture/capture.ts'
import type { CaptureEvent, CaptureSummary } from '../../src/capture/events.ts'
import type { CaptureOptions } from '../../src/capture/options.ts'
import { parseTimetable, type Timetable } from '../../src/capture/timetable.ts'
import type { Clock } from '../../src/clock.ts'
import type { Camera } from '../../src/footage/camera.ts'
import { DiskError } from '../../src/footage/errors.ts'
import type { FootageSource, Snapshot } from '../../src/footage/source.ts'
import { type MemoryFileSystem, memoryFileSystem } from '../transfer/memory-file-system.ts'

export const minute = 60_000
export const hour = 3_600_000
export const day = 24 * hour
/** A Wednesday noon, in UTC. */
export const noon = Date.UTC(2026, 6, 1, 12)
export const iso = (at: number) => new Date(at).toISOString()

/** A clock that goes on when it is told, and whose wall clock can be set. */
interface TestClock extends Clock {
  /** Lets time pass, wait by wait. Whatever becomes possible at a moment happens before the next one. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock, as NTP or a person does; no timer notices. */
  set(to: number): void
  /** Waits under way. */
  readonly waiting: number
}

/** Everything that can go on without time passing; all I/O of these tests is in memory. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function testClock(start = noon): TestClock {
  let passed = 0
  let shift = start
  const waits = new Set<{ readonly at: number; done(): void }>()
  return {
    now: () => shift + passed,
    monotonic: () => passed,
    set(to) {
      shift = to - passed
    },
    get waiting() {
      return waits.size
    },
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          waits.delete(entry)
          reject(signal?.reason)
        }
        const entry = {
          at: passed + Math.max(0, ms),
          done() {
            waits.delete(entry)
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        waits.add(entry)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async advance(ms) {
      const end = passed + ms
      await settle()
      for (;;) {
        let next: { readonly at: number; done(): void } | undefined
        for (const wait of waits) if (!next || wait.at < next.at) next = wait
        if (!next || next.at > end) break
        passed = next.at
        next.done()
        // All that follows is in memory, and so done before the next turn.
        await new Promise((resolve) => setImmediate(resolve))
      }
      passed = end
    },
  }
}

const picture = jpeg({ width: 32, height: 16 }).bytes()

/** A small whole JPEG that no other call gives. */
export function freshPicture(number: number): Uint8Array {
  const comment = Buffer.from(`picture ${number}`)
  const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2])
  return Buffer.concat([picture.subarray(0, 2), head, comment, picture.subarray(2)])
}

/** What a camera of the test does when it is asked. Default: a fresh picture at once. */
export type Answer = (signal: AbortSignal, asked: number, camera: Camera) => Promise<Uint8Array | Snapshot>

export interface TestDevice extends FootageSource {
  /** Moments at which it was asked, by camera. */
  readonly asked: Map<string, number[]>
  /** Most requests at the same time, by camera. */
  readonly most: Map<string, number>
  answer: Answer
  identifies: () => Promise<void>
}

export function testDevice(
  clock: Clock,
  id = 'device',
  cameras: readonly Camera[] = [{ id: 'cam', name: 'Yard' }],
): TestDevice {
  const asked = new Map<string, number[]>()
  const most = new Map<string, number>()
  const now = new Map<string, number>()
  let count = 0
  const device: TestDevice = {
    vendor: 'Test',
    limits: { transfers: 1, transfersPerCamera: 1 },
    asked,
    most,
    answer: async (_, number) => freshPicture(number),
    identifies: async () => {},
    async identify() {
      await device.identifies()
      return { id, name: `The ${id}` }
    },
    async *cameras() {
      yield* cameras
    },
    async *recordings() {},
    async open() {
      throw new Error('not asked for')
    },
    async snapshot(camera, { signal }) {
      asked.set(camera.id, [...(asked.get(camera.id) ?? []).slice(-10_000), clock.now()])
      now.set(camera.id, (now.get(camera.id) ?? 0) + 1)
      most.set(camera.id, Math.max(most.get(camera.id) ?? 0, now.get(camera.id)!))
      try {
        const answer = await device.answer(signal, ++count, camera)
        return answer instanceof Uint8Array ? { bytes: answer, takenAt: clock.now(), extension: 'jpg' } : answer
      } finally {
        now.set(camera.id, now.get(camera.id)! - 1)
      }
    },
    async [Symbol.asyncDispose]() {},
  }
  return device
}

/** Never answers; ends with its signal. */
export const hang: Answer = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/** Never answers, and does not listen. */
export const deaf: Answer = () => new Promise(() => {})

export interface Bench {
  readonly clock: TestClock
  readonly ledger: Ledger
  readonly disk: MemoryFileSystem
  readonly device: TestDevice
}

export function bench(start = noon): Bench {
  const clock = testClock(start)
  return { clock, ledger: memoryLedger(), disk: memoryFileSystem(), device: testDevice(clock) }
}

/** One capture under way. */
export interface Running {
  readonly events: CaptureEvent[]
  readonly stop: AbortController
  readonly abort: AbortController
  /** Ends it gently and says how it ended. */
  end(): Promise<CaptureSummary>
  /** When it ends by itself. */
  readonly ended: Promise<CaptureSummary>
}

export async function start(
  { clock, ledger, disk, device }: Bench,
  options: Partial<Omit<CaptureOptions, 'timetable'>> & { readonly timetable?: string | Timetable } = {},
  /** Of how many devices something is heard at once. */
  devices = Array.isArray(options.source) ? options.source.length : 1,
): Promise<Running> {
  const events: CaptureEvent[] = []
  const stop = new AbortController()
  const abort = new AbortController()
  const { timetable = '1m', ...rest } = options
  const run = capture({
    source: device,
    into: '/archive',
    ledger,
    fileSystem: disk,
    clock,
    stop: stop.signal,
    signal: abort.signal,
    ...rest,
    timetable: typeof timetable === 'string' ? parseTimetable(timetable) : timetable,
  })
  const ended = (async () => {
    for (;;) {
      const { done, value } = await run.next()
      if (done) return value
      events.push(value)
    }
  })()
  ended.catch(() => {})
  await begun(events, ended, devices)
  return {
    events,
    stop,
    abort,
    ended,
    async end() {
      stop.abort()
      return ended
    },
  }
}

/** Taking the lock looks at the machine, which takes real time. */
async function begun(events: readonly CaptureEvent[], ended: Promise<unknown>, devices: number): Promise<void> {
  let over = false
  ended.then(
    () => (over = true),
    () => (over = true),
  )
  for (let turn = 0; turn < 5000 && !over; turn++) {
    const heard = events.filter(({ type }) => ['capture-started', 'device-not-reached', 'stopping'].includes(type))
    if (heard.length >= devices) break
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await settle()
}

export async function rowsOf(ledger: Ledger, deviceId = 'device', cameraId?: string): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = []
  const filter = { sourceId: slotsSourceId(deviceId), ...(cameraId === undefined ? {} : { cameraId }) }
  for await (const row of ledger.rows(filter)) rows.push(row)
  return rows
}

/** `12:00:00 kept`, in order. */
export async function outcomes(ledger: Ledger, deviceId = 'device', cameraId?: string): Promise<string[]> {
  return (await rowsOf(ledger, deviceId, cameraId)).map(
    ({ key, outcome }) => `${key.recordingId.slice(11, 19)} ${outcome?.outcome ?? 'nothing'}`,
  )
}

/** Pictures in the archive's tree. */
export function pictures(disk: MemoryFileSystem): string[] {
  return [...disk.files.keys()].filter((path) => !path.includes('/.cam/')).sort()
}

export function parts(disk: MemoryFileSystem): string[] {
  return [...disk.files.keys()].filter((path) => path.includes('/.cam/parts/'))
}

export function missed(events: readonly CaptureEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'slots-missed'
      ? [`${iso(event.from).slice(11, 19)}-${iso(event.to).slice(11, 19)} ${event.count} ${event.why}`]
      : [],
  )
}

/** The same ledger, with a way to break each method. */
export function breakable(ledger: Ledger): Ledger & { broken: Set<keyof Ledger> } {
  const broken = new Set<keyof Ledger>()
  const through =
    (name: 'plan' | 'record' | 'saveNote' | 'endRun') =>
    async (...args: never[]) => {
      if (broken.has(name)) throw new DiskError('the ledger cannot be written', { code: 'DISK_IO' })
      return (ledger[name] as (...args: never[]) => Promise<void>)(...args)
    }
  return {
    ...ledger,
    broken,
    plan: through('plan'),
    record: through('record'),
    saveNote: through('saveNote'),
    endRun: through('endRun'),
  }
}
