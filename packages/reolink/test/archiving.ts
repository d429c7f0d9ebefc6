import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ArchiveEvent,
  type ArchiveOptions,
  archive,
  type Clock,
  type Ledger,
  type LedgerRow,
  type Outcome,
  type Summary,
  systemClock,
} from '@cam/download-core'
import {
  type ReolinkChannelSpec,
  type ReolinkRecordingSpec,
  type ReolinkRecordingTruth,
  type ReolinkSimulator,
  type ReolinkSimulatorOptions,
  type ReolinkSwitches,
  reolinkZones,
  startReolink,
} from '@cam/simulators/reolink'
import { expect, onTestFinished } from 'vitest'
import { type Reolink, type ReolinkOptions, reolink } from '../src/index.ts'

export const second = 1000
export const minute = 60_000
export const hour = 3_600_000

/** Noon in Berlin, days after everything in the worlds below. */
const today = Date.UTC(2026, 10, 10, 11)

/** Drains last 2 s, a logout 5 s, limits 10 s and more; the device is left alone for one minute, then for two. */
function isLimit(ms: number): boolean {
  if (ms > 50_000 && ms <= 120_000) return false
  return ms >= 10_000 || ms === 5000 || ms === 2000
}

/** Pauses take no time on it, and limits are those of the machine. */
export interface HurriedClock extends Clock {
  advance(ms: number): void
  readonly skipped: readonly number[]
}

export function hurriedClock(start: number = today): HurriedClock {
  const skipped: number[] = []
  let ahead = 0
  return {
    skipped,
    now: () => start + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    advance(ms) {
      ahead += ms
    },
    wait(ms, signal) {
      if (isLimit(ms)) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      skipped.push(ms)
      ahead += ms
      // Whoever waits again and again must let others have their turn.
      return new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** A pretend device, and sources that read it. */
export interface Pair {
  readonly device: ReolinkSimulator
  readonly source: Reolink
  readonly clock: HurriedClock
  again(options?: Partial<ReolinkOptions>): Reolink
}

/** Ends with the test. No client may ever have done what a real device stumbles over. */
export async function pair(
  pretence: ReolinkSimulatorOptions = {},
  options: Partial<ReolinkOptions> = {},
  clock: HurriedClock = hurriedClock(),
): Promise<Pair> {
  const device = await startReolink({ clock, ...pretence })
  const made: Reolink[] = []
  const again = (more: Partial<ReolinkOptions> = {}) => {
    const { host, username, password } = device
    const source = reolink({ host, username, password, clock, env: {}, ...options, ...more })
    made.push(source)
    return source
  }
  onTestFinished(async () => {
    for (const source of made) await source[Symbol.asyncDispose]()
    // Sessions are few, and what nobody ends stays for an hour.
    expect(device.truth().sessions.open).toBe(0)
    await device.close()
    expect(device.violations).toEqual([])
  })
  return { device, clock, again, source: again() }
}

/** Gone when the test ends. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'reolink-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

export type ProfileName = ReolinkSwitches['profile']
export const profileNames = ['camera', 'nvr-classic', 'nvr-365', 'hub'] as const satisfies readonly ProfileName[]

/** Uids as the vendor's are. */
export const uidOfChannel = (channel: number) => `95270005ABCDEFG${channel}`

/** Channels of a device in Berlin; a camera has one, and its number is not always its place. */
export function channelsOf(recordings: readonly (readonly ReolinkRecordingSpec[])[]): readonly ReolinkChannelSpec[] {
  const names = ['Front Door', 'Yard & Süd', 'Roof']
  return recordings.map((own, at) => ({
    ...{ channel: at * 3, name: names[at]!, uid: uidOfChannel(at * 3), recordings: own },
  }))
}

export const berlin = reolinkZones.berlin

/** One run. */
export interface Ran {
  readonly summary: Summary
  readonly events: readonly ArchiveEvent[]
  /** By camera and id. */
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/** Archives, and checks the sum that always holds. */
export async function run(options: ArchiveOptions): Promise<Ran> {
  const events: ArchiveEvent[] = []
  const outcomes = new Map<string, Outcome>()
  for await (const event of archive({
    retry: { retries: 3, delayMs: 1, growth: 'fixed' },
    reserveBytes: 0,
    ...options,
  })) {
    events.push(event)
    if (event.type === 'recording-ended') outcomes.set(`${event.camera.id} ${event.recording.id}`, event.outcome)
  }
  const last = events.at(-1)
  if (last?.type !== 'archive-ended') throw new Error('The run did not end.')
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped } = last
  expect(planned).toBe(kept + alreadyKept + absent + expired + pending + failed + skipped)
  return { summary: last, events, outcomes }
}

/** The id that a recording has to have, whatever else its name says. The device is in Berlin. */
export function idOf({ name, start, end }: Pick<ReolinkRecordingTruth, 'name' | 'start' | 'end'>): string {
  if (name === undefined) return `${new Date(start).toISOString()}/${new Date(end).toISOString()}`
  if (!name.endsWith('.mp4')) return `${name}/${berlinDigits.format(end).replace(/\D/g, '')}`
  return name.replace(/^\/mnt\/.*?(?=Mp4Record)/, '').replace(/(_\d{6})_\d{6}_.*$/, '$1')
}

const two = '2-digit'
const berlinDigits = new Intl.DateTimeFormat('sv', {
  ...{ timeZone: 'Europe/Berlin', year: 'numeric', month: two, day: two },
  ...{ hour: two, minute: two, second: two },
})

/** Ledger and disk against the device: each recording of the truth kept, with its bytes; nothing else, and nothing twice. */
export async function expectWhole(
  into: string,
  ledger: Ledger,
  truth: readonly ReolinkRecordingTruth[],
  cameraId: (channel: number) => string,
  leaveOut: (row: LedgerRow) => boolean = () => false,
): Promise<void> {
  const found = new Map<string, readonly (string | number)[]>()
  const paths = new Set<string>()
  for await (const row of ledger.rows()) {
    const { key, kind, outcome, file } = row
    if (kind !== 'recording' || leaveOut(row)) continue
    expect([key, outcome?.outcome]).toEqual([key, 'kept'])
    const bytes = await readFile(join(into, ...file!.path.split('/')))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect([key, file!.sha256]).toEqual([key, sha256])
    expect(paths).not.toContain(file!.path)
    paths.add(file!.path)
    found.set(`${key.cameraId} ${key.view} ${key.recordingId}`, [bytes.byteLength, sha256])
  }
  const wanted = truth.map((one) => [`${cameraId(one.channel)} ${one.stream} ${idOf(one)}`, [one.bytes, one.sha256]])
  expect(Object.fromEntries([...found].sort())).toEqual(Object.fromEntries(wanted.sort()))
  expect(found.size).toBe(truth.length)
}

/** How often each command was asked. */
export function asked({ requests }: Pick<ReolinkSimulator, 'requests'>, node: string): number {
  return requests.filter((request) => request.node === node).length
}

/** Everything there is, in order. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
