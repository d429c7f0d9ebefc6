import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { onTestFinished } from 'vitest'
import { archive } from '../../src/archive/archive.ts'
import type { ArchiveEvent } from '../../src/archive/events.ts'
import type { Ledger, LedgerRow, RowFilter } from '../../src/archive/ledger.ts'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import type { ArchiveOptions } from '../../src/archive/options.ts'
import type { Clock } from '../../src/clock.ts'
import type { Summary } from '../../src/footage/outcome.ts'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource } from '../../src/footage/source.ts'
import type { TimeWindow } from '../../src/footage/time-window.ts'
import { mp4WithHoles, seconds } from '../container/mp4-with-holes.ts'
import { type ToyServer, toyServer, video } from './toy-server.ts'
import { type ToyOptions, toySource } from './toy-source.ts'

export const minute = 60_000
/** 2026-03-01T12:00:00Z. */
export const noon = Date.UTC(2026, 2, 1, 12)

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'archive-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface Toy {
  readonly server: ToyServer
  readonly into: string
  readonly ledger: Ledger
  source(options?: Partial<ToyOptions>): FootageSource
  /** Runs to the end with a source and defaults of its own. */
  run(options?: Partial<ArchiveOptions>): Promise<Ran>
  rows(filter?: RowFilter): Promise<LedgerRow[]>
  /** Adds a clip of one minute that begins `at` minutes after noon. */
  clip(id: string, more?: Partial<Recording> & { readonly at?: number; readonly size?: number }): void
  /** The archive's files, relative, without what the archive keeps for itself. */
  files(): Promise<string[]>
}

export interface Ran {
  readonly events: readonly ArchiveEvent[]
  readonly summary: Summary
  readonly error?: unknown
}

/** A toy device with one camera, an empty folder and a ledger. */
export async function toy(ledger: Ledger = memoryLedger()): Promise<Toy> {
  const server = await toyServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  server.cameras.push({ id: 'cam-1', name: 'Yard', timeZone: 'UTC' })
  const into = await temporaryFolder()
  const self: Toy = {
    server,
    into,
    ledger,
    source(options = {}) {
      const source = toySource({ url: server.url, ...options })
      onTestFinished(() => source[Symbol.asyncDispose]())
      return source
    },
    run: (options = {}) =>
      collect(archive({ source: options.source ?? self.source(), ...quick, into, ledger, ...options })),
    async rows(filter) {
      const rows: LedgerRow[] = []
      for await (const row of ledger.rows(filter)) rows.push(row)
      return rows
    },
    clip(id, { at = server.clips.length, size = 20_000, ...more } = {}) {
      const bytes = video(size, id)
      const start = noon + at * minute
      const window = { start, end: start + minute }
      server.clips.push({
        bytes,
        recording: {
          id,
          cameraId: 'cam-1',
          window,
          windowFrom: 'source',
          extension: 'mp4',
          bytes: bytes.length,
          resume: 'validated',
          ...more,
        },
      })
    },
    async files() {
      return (await filesBelow(into)).filter((path) => !path.startsWith('.cam/'))
    },
  }
  return self
}

export const quick = { retry: { retries: 2, delayMs: 1, growth: 'fixed' }, reserveBytes: 0 } as const

/** A film of one picture a second that fills a window, which has no hole. */
export function filmOf({ start, end }: TimeWindow, seed: string, sampleBytes = 40): Uint8Array {
  return mp4WithHoles({ times: seconds((end - start) / 1000), seed, sampleBytes })
}

/** Reads a run to its end, whatever that is. */
export async function collect(run: AsyncGenerator<ArchiveEvent, Summary>): Promise<Ran> {
  const events: ArchiveEvent[] = []
  try {
    for (;;) {
      const { done, value } = await run.next()
      if (done) return { events, summary: value }
      events.push(value)
    }
  } catch (error) {
    const last = events.at(-1)
    const summary = last?.type === 'archive-ended' ? last : ({} as Summary)
    return { events, summary, error }
  }
}

export async function filesBelow(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort()
}

/**
 * A clock on which pauses take no time. Limits of an hour and more never come: give those to what must not be cut short.
 */
export function leapClock(startMs = Date.UTC(2026, 2, 2)): Clock & { readonly waited: number[] } {
  let now = 0
  const waited: number[] = []
  return {
    waited,
    now: () => startMs + now,
    monotonic: () => now,
    async wait(ms, signal) {
      signal?.throwIfAborted()
      if (ms >= 60 * minute) {
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
        )
      }
      await new Promise(setImmediate)
      signal?.throwIfAborted()
      now += ms
      waited.push(ms)
    },
  }
}

/** Options that leave nothing but pauses to a leaping clock. */
export function leaping(clock: Clock = leapClock()) {
  return { clock, idleMs: 120 * minute, openMs: 120 * minute } as const
}

/** The sum that has to be right whatever happens. */
export function sumOf(summary: Summary): number {
  const { kept, alreadyKept, absent, expired, pending, failed, skipped } = summary
  return kept + alreadyKept + absent + expired + pending + failed + skipped
}
