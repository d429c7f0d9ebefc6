import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ArchiveEvent, type ArchiveOptions, archive, type Ledger, memoryLedger } from '@cam/download-core'
import { type Clock, systemClock } from '@cam/download-core/source'
import { type SamsaraSimulator, type SamsaraSimulatorOptions, startSamsara } from '@cam/simulators/samsara'
import { onTestFinished } from 'vitest'
import { type SamsaraOptions, type SamsaraSource, samsara, type View } from '../src/index.ts'

export const call = { signal: new AbortController().signal }
export const minute = 60_000
export const hour = 60 * minute
/** 13:30 in Chicago, where the world begins. */
export const begin = Date.UTC(2025, 3, 16, 18, 30)
export const truck12 = '281474976710712'
export const truck13 = '281474976710713'
export const truck14 = '281474976710714'
export const three: readonly View[] = ['road', 'driver', 'analog1']

export const minutes = (from: number, to: number) => ({ start: begin + from * minute, end: begin + to * minute })

/** The time of cloud and client. Waits take no time; limits of an hour and more never come. */
export function hurriedClock(start = begin + 24 * hour): Clock & { readonly skipped: number[] } {
  const skipped: number[] = []
  let ahead = 0
  return {
    skipped,
    now: () => start + ahead,
    monotonic: () => ahead,
    async wait(ms, signal) {
      if (ms >= hour) return systemClock.wait(ms, signal)
      signal?.throwIfAborted()
      const until = ahead + ms
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      skipped.push(ms)
      ahead = Math.max(ahead, until)
    },
  }
}

/** Limits that never come, and pauses that are not random. */
export const calm = {
  timeouts: { connectMs: 2 * hour, tlsMs: 2 * hour, firstByteMs: 2 * hour, idleMs: 2 * hour },
  retry: { retries: 3, delayMs: 1000, growth: 'fixed' },
} as const

/** A pretend cloud, and what is archived of it. */
export interface Fleet {
  readonly cloud: SamsaraSimulator
  readonly clock: ReturnType<typeof hurriedClock>
  readonly into: string
  readonly ledger: Ledger
  source(options?: Partial<SamsaraOptions>): SamsaraSource
  run(options?: Partial<SamsaraOptions>, archiving?: Partial<ArchiveOptions>): Promise<Ran>
  /** `road 18:31 kept` for each recording in the ledger. */
  outcomes(): Promise<string[]>
  /** `18:31 road+driver` for each accepted order. */
  ordered(): string[]
  asked(node: string): number
}

interface Ran {
  readonly events: readonly ArchiveEvent[]
  readonly summary: ArchiveEvent & { readonly type: 'archive-ended' }
  readonly error?: unknown
}

export async function fleet(options: Partial<SamsaraSimulatorOptions> = {}, ledger = memoryLedger()): Promise<Fleet> {
  const clock = hurriedClock()
  // What the cloud itself waits for is real, so that a stall is one.
  const cloud = await startSamsara({ clock: { now: clock.now, wait: systemClock.wait }, ...options })
  onTestFinished(() => cloud.close())
  const into = await mkdtemp(join(tmpdir(), 'samsara-'))
  onTestFinished(() => rm(into, { recursive: true, force: true }))
  const self: Fleet = {
    ...{ cloud, clock, into, ledger },
    source(more = {}) {
      const { token, url: baseUrl } = cloud
      const source = samsara({ token, baseUrl, vehicles: ['Truck 12'], views: three, clock, ...calm, ...more })
      onTestFinished(() => source[Symbol.asyncDispose]())
      return source
    },
    run: (more = {}, archiving = {}) =>
      collect(
        archive({
          ...{ source: self.source(more), into, ledger, clock, window: minutes(0, 5), idleMs: 2 * hour },
          ...{ openMs: 2 * hour, retry: calm.retry, reserveBytes: 0, pendingDeadlineMs: 20 * minute, ...archiving },
        }),
      ),
    async outcomes() {
      const rows: string[] = []
      for await (const { key, recording, outcome } of ledger.rows({ kind: 'recording' })) {
        const at = new Date(recording?.window?.start ?? 0).toISOString().slice(11, 16)
        rows.push(`${key.view} ${at} ${outcome?.outcome}`)
      }
      return rows
    },
    ordered: () =>
      cloud.orders.map(({ start, inputs }) => {
        const views = inputs.map((input) => input.replace('dashcam', '').replace('Facing', '').toLowerCase())
        return `${new Date(start).toISOString().slice(11, 16)} ${views.join('+')}`
      }),
    asked: (node) => cloud.log.entries.filter((entry) => entry.node === node).length,
  }
  return self
}

async function collect(run: AsyncGenerator<ArchiveEvent, unknown>): Promise<Ran> {
  const events: ArchiveEvent[] = []
  let error: unknown
  try {
    for await (const event of run) events.push(event)
  } catch (caught) {
    error = caught
  }
  const summary = events.findLast((event) => event.type === 'archive-ended')
  if (!summary) throw error ?? new Error('The run did not end.')
  return { events, summary, ...(error === undefined ? {} : { error }) }
}
