import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { archive } from '../archive/archive.ts'
import type { ArchiveEvent } from '../archive/events.ts'
import type { Ledger, LedgerRow } from '../archive/ledger.ts'
import { memoryLedger } from '../archive/memory-ledger.ts'
import type { ArchiveOptions } from '../archive/options.ts'
import type { Camera } from '../footage/camera.ts'
import type { Summary } from '../footage/outcome.ts'
import { isGap, type Recording } from '../footage/recording.ts'
import type { Call, FootageSource } from '../footage/source.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import { disk } from '../transfer/disk.ts'
import type { ConformanceTarget } from './target.ts'

const hourMs = 3_600_000

/** One run, to its end. */
interface Ran {
  readonly events: readonly ArchiveEvent[]
  readonly summary: Summary | undefined
  readonly error: unknown
}

/** An archive that cases run into, as often as they like. */
export interface Bench {
  readonly into: string
  readonly ledger: Ledger
  run(source: FootageSource, options?: Partial<ArchiveOptions>): Promise<Ran>
  rows(): Promise<LedgerRow[]>
  /** Throws unless each expected recording is kept, with exactly its bytes, and each row has one outcome. */
  assertWhole(): Promise<void>
}

/** An empty archive of the target's, with a ledger in memory. */
export async function bench(target: ConformanceTarget): Promise<Bench> {
  const into = await target.newFolder()
  const ledger = memoryLedger()
  const rows = () => collect(ledger.rows())
  return {
    into,
    ledger,
    rows,
    async run(source, options = {}) {
      const defaults = {
        ...(target.window ? { window: target.window } : {}),
        ...(target.clock ? { clock: target.clock, idleMs: hourMs, openMs: hourMs } : {}),
        retry: { retries: 3, delayMs: 1, growth: 'fixed' },
        reserveBytes: 0,
      } as const
      const events: ArchiveEvent[] = []
      try {
        const running = archive({ source, into, ledger, ...defaults, ...options })
        for (;;) {
          const { done, value } = await running.next()
          if (done) return { events, summary: value, error: undefined }
          events.push(value)
        }
      } catch (error) {
        return { events, summary: undefined, error }
      }
    },
    async assertWhole() {
      const found = new Map(
        (await rows()).filter(({ kind }) => kind === 'recording').map((row) => [name(row.key), row]),
      )
      for (const expected of target.truth()) {
        const row = found.get(name({ view: '', ...expected }))
        assert.ok(row, `${expected.recordingId} is not in the ledger; there are ${[...found.keys()].join(', ')}`)
        assert.equal(row.outcome?.outcome, 'kept', `${expected.recordingId}: ${JSON.stringify(row.outcome)}`)
        const bytes = await readWhole(join(into, ...row.file!.path.split('/')))
        assert.equal(sha256(bytes), expected.sha256, `${row.file!.path} is not what the source has`)
        assert.equal(row.file!.sha256, expected.sha256, `the ledger has another digest of ${row.file!.path}`)
      }
      assert.equal(found.size, target.truth().length, 'there are rows for recordings that the truth does not know')
    },
  }
}

/** Everything of a list, or of what a source yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A call that nobody ends. */
export const calm = (): Call => ({ signal: new AbortController().signal })

/** All recordings a source lists, camera by camera. */
export async function listAll(
  source: FootageSource,
  window: TimeWindow | undefined,
): Promise<{ readonly cameras: Camera[]; readonly recordings: Recording[] }> {
  const cameras = await collect(source.cameras(calm()))
  const recordings: Recording[] = []
  for (const camera of cameras) {
    for (const item of await collect(source.recordings(camera, window, calm()))) if (!isGap(item)) recordings.push(item)
  }
  return { cameras, recordings }
}

/** What tells one recording of a source from the others. */
export function name(key: { readonly cameraId: string; readonly view?: string; readonly recordingId: string }): string {
  return [key.cameraId, key.view ?? '', key.recordingId].join(' / ')
}

/** The same for a recording as it is listed. */
export function nameOf(recording: Recording): string {
  return name({ ...recording, recordingId: recording.id })
}

/** How many requests of one kind arrived so far. */
export function count(target: ConformanceTarget, kind: 'login' | 'media'): number {
  return target.requests().filter((request) => request.kind === kind).length
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read')
  try {
    const bytes = new Uint8Array(await file.size())
    await file.read(bytes, 0)
    return bytes
  } finally {
    await file.close()
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Files in an archive, without what it keeps for itself. */
export async function filesBelow(root: string): Promise<string[]> {
  const files: string[] = []
  for (const entry of await disk.list(root)) {
    if (entry === '.cam') continue
    const path = join(root, entry)
    if ((await disk.lstat(path))?.kind === 'folder') files.push(...(await filesBelow(path)))
    else files.push(path)
  }
  return files
}
