import { createHash } from 'node:crypto'
import { type Clock, type FootageSource, isGap, type Recording, systemClock } from '@cam/download-core/source'
import {
  type AxisTimelapse2Simulator,
  type AxisTimelapse2Options as Pretence,
  startAxisTimelapse2,
} from '@cam/simulators/axis-timelapse2'
import { type AxisTimelapse2Options, axisTimelapse2 } from '../src/index.ts'

type SimulatorClock = NonNullable<Pretence['clock']>

/** A pretend camera and a source that reads it; both end with the test, and nobody may have touched `reset`. */
export interface Pair extends AsyncDisposable {
  readonly camera: AxisTimelapse2Simulator
  readonly source: FootageSource
}

export const call = { signal: new AbortController().signal }

/** Waits for retries are skipped and counted; deadlines are real. */
export function hurriedClock(): Clock & { readonly skipped: number[] } {
  const skipped: number[] = []
  return {
    ...systemClock,
    skipped,
    wait(ms, signal) {
      // Only the waits between tries: drains (2 s) and deadlines (10 s and more) stay as they are.
      if (ms >= 10_000 || ms === 2000) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      skipped.push(ms)
      return Promise.resolve()
    },
  }
}

/** The camera's own clock, which only moves when told. */
export function cameraClock(start: number = Date.UTC(2026, 7, 1)): SimulatorClock & { advance(ms: number): void } {
  let now = start
  return {
    now: () => now,
    wait: (ms, signal) => systemClock.wait(ms, signal),
    advance(ms) {
      now += ms
    },
  }
}

/** Starts both. `options` are the client's. */
export async function pair(pretence: Pretence = {}, options: Partial<AxisTimelapse2Options> = {}): Promise<Pair> {
  const camera = await startAxisTimelapse2(pretence)
  const source = axisTimelapse2({
    host: camera.url,
    username: 'root',
    password: 'pass',
    clock: hurriedClock(),
    env: {},
    ...(camera.certificate && { tls: { fingerprint256: camera.certificate.fingerprint256 } }),
    ...options,
  })
  return {
    camera,
    source,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]()
      await camera.close()
      if (camera.violations.length > 0) throw new Error(`The client touched ${camera.violations.join(', ')}.`)
    },
  }
}

/** Every recording of the only camera. */
export async function listed(
  source: FootageSource,
  window?: { readonly start: number; readonly end: number },
): Promise<Recording[]> {
  const found: Recording[] = []
  for await (const camera of source.cameras(call)) {
    for await (const recording of source.recordings(camera, window, call)) {
      if (isGap(recording)) throw new Error('A gap where only recordings are listed.')
      found.push(recording)
    }
  }
  return found
}

/** Length and SHA-256 of what the source serves for a recording. */
export async function fetched(
  source: FootageSource,
  recording: Recording,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const opened = await source.open(recording, { byte: 0 }, call)
  if (!('body' in opened)) throw new Error('Nothing to read.')
  const sum = createHash('sha256')
  let bytes = 0
  for await (const chunk of opened.body) {
    bytes += chunk.byteLength
    sum.update(chunk)
  }
  return { bytes, sha256: sum.digest('hex') }
}

/** The error a promise or an iteration ends with. */
export async function failure(work: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('There was no error.')
}
