import { createHash } from 'node:crypto'
import { type Camera, type Clock, type Gap, isGap, type Recording, systemClock } from '@cam/download-core/source'
import {
  type ProtectCameraSpec,
  type ProtectWorld,
  startUnifiProtect,
  type UnifiProtectSimulator,
  type UnifiProtectSimulatorOptions,
} from '@cam/simulators/unifi-protect'
import { type UnifiProtectOptions, type UnifiProtectSource, unifiProtect } from '../src/index.ts'

export const hour = 3_600_000
export const minute = 60_000
export const call = { signal: new AbortController().signal }
export const at = (text: string) => Date.parse(text)
export const span = (from: string, to: string) => ({ start: at(from), end: at(to) })

/** The moment it is in these tests: a day after all footage. */
const today = at('2026-11-03T12:00:00Z')

/** The time of console and client. Waits for retries and pauses are skipped, noted and counted; deadlines are real. */
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
      // Drains last 2 s, deadlines 10 s and more.
      if (ms >= 10_000 || ms === 2000) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      skipped.push(ms)
      ahead += ms
      return Promise.resolve()
    },
  }
}

/** A pretend console, and sources that read it. Nobody may have touched what deletes footage. */
export interface Pair extends AsyncDisposable {
  readonly console: UnifiProtectSimulator
  readonly source: UnifiProtectSource
  readonly clock: TestClock
  /** Another source, as a later run has one. Ends with the pair. */
  again(options?: Partial<UnifiProtectOptions>): UnifiProtectSource
}

/** What a source needs to reach it. */
export function optionsFor(console: UnifiProtectSimulator, clock: Clock): UnifiProtectOptions {
  return {
    address: console.host,
    username: 'archivist',
    password: 'pass',
    tls: { fingerprint256: console.certificate.fingerprint256 },
    clock,
    env: {},
  }
}

/** Starts both. `options` are the client's. */
export async function pair(
  pretence: Omit<UnifiProtectSimulatorOptions, 'clock'> = {},
  options: Partial<UnifiProtectOptions> = {},
  clock: TestClock = hurriedClock(),
): Promise<Pair> {
  const console = await startUnifiProtect({ clock, ...pretence })
  const made: UnifiProtectSource[] = []
  const again = (more: Partial<UnifiProtectOptions> = {}) => {
    const source = unifiProtect({ ...optionsFor(console, clock), ...options, ...more })
    made.push(source)
    return source
  }
  return {
    console,
    clock,
    again,
    source: again(),
    async [Symbol.asyncDispose]() {
      for (const source of made) await source[Symbol.asyncDispose]()
      await console.close()
      if (console.violations.length > 0) throw new Error(`The client touched ${console.violations.join(', ')}.`)
    },
  }
}

export const cameraA = '61b3f5c90050a703e700042a'
export const cameraB = '61b3f5c90050a703e700042b'

/** A console with these cameras, in Berlin. */
export function worldOf(
  window: { readonly start: number; readonly end: number },
  ...cameras: Partial<ProtectCameraSpec>[]
): ProtectWorld {
  return {
    nvr: { id: '61b3f5c7033ea703e7000424', mac: '4B8290F6D7A3', name: 'Home Console', timezone: 'Europe/Berlin' },
    window,
    cameras: cameras.map((spec, index) => ({
      id: index === 0 ? cameraA : index === 1 ? cameraB : `61b3f5c90050a703e70005${String(index).padStart(2, '0')}`,
      mac: `E063DA00A00${index + 1}`,
      name: `Camera ${index + 1}`,
      recorded: [window],
      ...spec,
    })),
  }
}

/** The camera of that id or name, as the source lists it. */
export async function cameraOf(source: UnifiProtectSource, word: string = cameraA): Promise<Camera> {
  for await (const camera of source.cameras(call)) if (camera.id === word || camera.name === word) return camera
  throw new Error(`There is no camera ${word}.`)
}

/** Everything one camera lists. */
export async function listed(
  source: UnifiProtectSource,
  window?: { readonly start: number; readonly end: number },
  word: string = cameraA,
): Promise<{ readonly recordings: Recording[]; readonly gaps: Gap[] }> {
  const camera = await cameraOf(source, word)
  const found = { recordings: [] as Recording[], gaps: [] as Gap[] }
  for await (const item of source.recordings(camera, window, call)) {
    if (isGap(item)) found.gaps.push(item)
    else found.recordings.push(item)
  }
  return found
}

/** What `open` makes of a recording: its digest, or the gap it turned out to be. */
export async function fetched(
  source: UnifiProtectSource,
  recording: Recording,
  signal: AbortSignal = call.signal,
): Promise<{ readonly bytes: number; readonly sha256: string } | Gap> {
  const opened = await source.open(recording, { byte: 0 }, { signal })
  if (isGap(opened)) return opened
  if (!('body' in opened)) throw new Error('Nothing to read.')
  const sum = createHash('sha256')
  let bytes = 0
  for await (const chunk of opened.body) {
    bytes += chunk.byteLength
    sum.update(chunk)
  }
  return { bytes, sha256: sum.digest('hex') }
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
