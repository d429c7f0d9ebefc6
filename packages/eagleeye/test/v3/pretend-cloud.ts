import { createHash } from 'node:crypto'
import {
  type Camera,
  type Clock,
  type FootageSource,
  isGap,
  type Recording,
  type SessionStore,
  systemClock,
  type TimeWindow,
} from '@cam/download-core/source'
import { type EagleEyeSimulator, type EagleEyeSimulatorOptions, startEagleEye } from '@cam/simulators/eagleeye'
import { type EagleEyeOptions, eagleEye } from '../../src/index.ts'
import { loginKey, saveTokens } from '../../src/session/v3-stored.ts'

export const call = { signal: new AbortController().signal }
export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const client = { clientId: 'client-id', clientSecret: 'client-secret' }

/** A day after the worlds end. */
export const today = Date.UTC(2026, 1, 10)

/** The time of cloud and client. Waits are skipped, noted and counted; deadlines are real. */
export interface TestClock extends Clock {
  readonly skipped: number[]
  advance(ms: number): void
}

export function hurriedClock(start = today): TestClock {
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

/** What several processes share: values, and one lock for each key. */
export interface SharedStore extends SessionStore {
  readonly values: Map<string, string>
  /** What happened, in order: `lock`, `unlock`, `save`. */
  readonly steps: string[]
  /** Saves that fail from now on. */
  failing: number
}

export function sharedStore(): SharedStore {
  const values = new Map<string, string>()
  const steps: string[] = []
  const queues = new Map<string, Promise<void>>()
  const store: SharedStore = {
    ...{ values, steps, failing: 0 },
    load: async (key) => values.get(key),
    async save(key, value) {
      await new Promise((resolve) => setImmediate(resolve))
      if (store.failing > 0) {
        store.failing--
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      }
      steps.push('save')
      values.set(key, value)
    },
    remove: async (key) => void values.delete(key),
    async lock(key, signal) {
      const before = queues.get(key) ?? Promise.resolve()
      let free = () => {}
      queues.set(
        key,
        before.then(() => new Promise<void>((resolve) => (free = resolve))),
      )
      await before
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      steps.push('lock')
      return {
        async [Symbol.asyncDispose]() {
          steps.push('unlock')
          free()
        },
      }
    },
  }
  return store
}

/** What a client needs to reach the cloud. */
export function optionsFor(cloud: EagleEyeSimulator, sessions: SessionStore, clock: Clock): EagleEyeOptions {
  const { auth, api, apiCluster, apiOther, media } = cloud.hosts
  return {
    ...{ api: 'v3', v3: client, sessions, clock, env: {} },
    hosts: { auth, api, trusted: [apiCluster, apiOther, media] },
    retry: { retries: 3, delayMs: 10, growth: 'fixed' },
  }
}

export const keyOf = (cloud: EagleEyeSimulator) => loginKey({ auth: cloud.hosts.auth, clientId: client.clientId })

/** Stores a login as a consent would. */
export async function logIn(cloud: EagleEyeSimulator, sessions: SessionStore, clock: Clock): Promise<void> {
  const { access_token, refresh_token, expires_in } = cloud.issueTokens()
  const now = clock.now()
  await saveTokens(sessions, keyOf(cloud), {
    ...{ accessToken: access_token, receivedAt: now, expiresAt: now + expires_in * 1000 },
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...{ firstLoginAt: now, lastRefreshAt: now, base: cloud.hosts.apiCluster },
  })
}

/** A pretend cloud, a login, and sources that use it. */
export interface Pair extends AsyncDisposable {
  readonly cloud: EagleEyeSimulator
  readonly clock: TestClock
  readonly sessions: SharedStore
  readonly source: FootageSource
  again(options?: Partial<EagleEyeOptions>): FootageSource
  /** How often a node was asked. */
  asked(node: string): number
}

export async function pair(
  pretence: Omit<EagleEyeSimulatorOptions, 'clock'> = {},
  options: Partial<EagleEyeOptions> = {},
  clock: TestClock = hurriedClock(),
): Promise<Pair> {
  const cloud = await startEagleEye({ clock, ...pretence })
  const sessions = sharedStore()
  await logIn(cloud, sessions, clock)
  sessions.steps.length = 0
  const made: FootageSource[] = []
  const again = (more: Partial<EagleEyeOptions> = {}) => {
    const source = eagleEye({ ...optionsFor(cloud, sessions, clock), ...options, ...more })
    made.push(source)
    return source
  }
  return {
    ...{ cloud, clock, sessions, again, source: again() },
    asked: (node) => cloud.log.entries.filter((entry) => entry.node === node).length,
    async [Symbol.asyncDispose]() {
      for (const source of made) await source[Symbol.asyncDispose]()
      await cloud.close()
    },
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function cameraOf(source: FootageSource, id?: string): Promise<Camera> {
  const cameras = await collect(source.cameras(call))
  const found = id === undefined ? cameras[0] : cameras.find((camera) => camera.id === id)
  if (!found) throw new Error(`There is no camera ${id}.`)
  return found
}

/** The recordings of one camera, the first one of the list where none is named. */
export async function recordingsOf(
  source: FootageSource,
  { id, window }: { readonly id?: string; readonly window?: TimeWindow } = {},
): Promise<Recording[]> {
  const items = await collect(source.recordings(await cameraOf(source, id), window, call))
  return items.flatMap((item) => (isGap(item) ? [] : item))
}

/** Opens, and asks again while it is not ready. */
export async function openAtLast(source: FootageSource, recording: Recording, mostPolls = 20) {
  for (let polls = 0; polls < mostPolls; polls++) {
    const answer = await source.open(recording, { byte: 0 }, call)
    if (!('askAgainAfterMs' in answer) || 'outcome' in answer) return { answer, polls }
  }
  throw new Error('It never became ready.')
}

/** Reads a body; lower-case hex. */
export async function hashes(body: AsyncIterable<Uint8Array>) {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')]
  let bytes = 0
  for await (const chunk of body) {
    sha256.update(chunk)
    md5.update(chunk)
    bytes += chunk.byteLength
  }
  return { sha256: sha256.digest('hex'), md5: md5.digest('hex'), bytes }
}
