import { type ArchiveEvent, type ArchiveOptions, archive, type Outcome, type Summary } from '@cam/download-core'
import {
  type Camera,
  type Clock,
  type FootageSource,
  isGap,
  type Recording,
  type SessionStore,
  systemClock,
} from '@cam/download-core/source'
import {
  type EagleEyeClipSpec,
  type EagleEyeSimulator,
  type EagleEyeSimulatorOptions,
  type EagleEyeWorld,
  startEagleEye,
} from '@cam/simulators/eagleeye'
import { expect } from 'vitest'
import { type EagleEyeOptions, eagleEye } from '../../src/index.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const call = { signal: new AbortController().signal }
export const cameraA = '100a1000'
export const cameraB = '100a1001'

/** A day after all footage. */
export const today = Date.UTC(2026, 1, 10)

/** The time of cloud and client. Waits for retries and polls are skipped, noted and counted; deadlines are real. */
export interface TestClock extends Clock {
  readonly skipped: number[]
  advance(ms: number): void
}

export function hurriedClock(start: number = today): TestClock {
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
      // Drains and the end of a session last 2 and 3 s, deadlines of connections 20 s and more.
      if (ms === 2000 || ms === 3000 || ms >= 20_000) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      skipped.push(ms)
      ahead += ms
      return new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** Two cameras on one bridge, with these clips. */
export function worldOf(
  clipsOfA: readonly EagleEyeClipSpec[],
  clipsOfB: readonly EagleEyeClipSpec[] = [],
  window = { start: today - 2 * day, end: today - day },
): EagleEyeWorld {
  const bridgeId = '100b1000'
  return {
    accountId: '00032123',
    window,
    bridges: [{ id: bridgeId, name: 'Bridge' }],
    cameras: [
      { id: cameraA, name: 'Dock', bridgeId, clips: clipsOfA },
      { id: cameraB, name: 'Yard / Süd', bridgeId, clips: clipsOfB },
    ],
  }
}

/** A clip that begins so long after the start of the usual window. */
export function clip(afterMs: number, lastsMs: number, more: Partial<EagleEyeClipSpec> = {}): EagleEyeClipSpec {
  const start = today - 2 * day + afterMs
  return { start, end: start + lastsMs, ...more }
}

export function optionsFor(cloud: EagleEyeSimulator, clock: Clock): EagleEyeOptions {
  const { classicLogin, classicBranded, classicArchiver } = cloud.hosts
  return {
    api: 'classic',
    classic: { username: 'archivist@example.com', password: 'pass' },
    hosts: { classic: classicLogin, branded: classicBranded, trusted: [classicArchiver] },
    clock,
    env: {},
  }
}

/** A pretend cloud and sources that read it; nobody may have done what no client ever does. */
export interface Pair extends AsyncDisposable {
  readonly cloud: EagleEyeSimulator
  readonly source: FootageSource
  readonly clock: TestClock
  /** Another source, as a later run has one. Ends with the pair. */
  again(options?: Partial<EagleEyeOptions>): FootageSource
}

export async function pair(
  pretence: Omit<EagleEyeSimulatorOptions, 'clock'> = {},
  options: Partial<EagleEyeOptions> = {},
  clock: TestClock = hurriedClock(),
): Promise<Pair> {
  const cloud = await startEagleEye({ clock, ...pretence })
  const made: FootageSource[] = []
  const again = (more: Partial<EagleEyeOptions> = {}) => {
    const source = eagleEye({ ...optionsFor(cloud, clock), ...options, ...more })
    made.push(source)
    return source
  }
  return {
    cloud,
    clock,
    again,
    source: again(),
    async [Symbol.asyncDispose]() {
      for (const source of made) await source[Symbol.asyncDispose]()
      await cloud.close()
      if (cloud.violations.length > 0) throw new Error(`The client did ${cloud.violations.join(', ')}.`)
    },
  }
}

export async function camerasOf(source: FootageSource): Promise<Camera[]> {
  const cameras: Camera[] = []
  for await (const camera of source.cameras(call)) cameras.push(camera)
  return cameras
}

/** What one camera lists. */
export async function listed(
  source: FootageSource,
  window?: { readonly start: number; readonly end: number },
  id: string = cameraA,
): Promise<Recording[]> {
  const camera = (await camerasOf(source)).find((one) => one.id === id)
  if (!camera) throw new Error(`There is no camera ${id}.`)
  const found: Recording[] = []
  for await (const item of source.recordings(camera, window, call)) {
    if (isGap(item)) throw new Error('There are no gaps here.')
    found.push(item)
  }
  return found
}

/** How often a node was asked. */
export function asked(cloud: EagleEyeSimulator, ...nodes: string[]): number {
  return cloud.log.entries.filter(({ node }) => nodes.includes(node)).length
}

/** The error a promise ends with. */
export async function failure(work: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('There was no error.')
}

/** One run, to its end. */
export interface Ran {
  readonly summary: Summary
  readonly events: readonly ArchiveEvent[]
  /** By camera and id of the recording. */
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

/** Keeps sessions in memory. */
export function memoryStore(values: Map<string, string> = new Map()): SessionStore & { values: Map<string, string> } {
  let last: Promise<void> = Promise.resolve()
  return {
    values,
    load: async (key) => values.get(key),
    async save(key, value) {
      values.set(key, value)
    },
    async remove(key) {
      values.delete(key)
    },
    async lock() {
      const before = last
      let release = () => {}
      last = new Promise((resolve) => {
        release = resolve
      })
      await before
      return {
        async [Symbol.asyncDispose]() {
          release()
        },
      }
    },
  }
}
