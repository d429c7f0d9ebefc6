import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Camera } from '../footage/camera.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import { disk } from '../transfer/disk.ts'
import type { ArchiveEvent } from './events.ts'
import { findArchive } from './folder.ts'
import { compileLayout } from './layout.ts'
import { memoryLedger } from './memory-ledger.ts'
import type { ArchiveOptions, PlanOptions } from './options.ts'
import { createPaths } from './paths.ts'
import { makePlan } from './planning.ts'
import { workOf } from './tasks.ts'

/** As for `archive`; without `ledger` nothing counts as kept. */
export interface DryRunOptions
  extends PlanOptions,
    Partial<
      Pick<
        ArchiveOptions,
        | 'into'
        | 'ledger'
        | 'layout'
        | 'timeZone'
        | 'overwrite'
        | 'onlyFailed'
        | 'handedOver'
        | 'registry'
        | 'acceptNewArchive'
        | 'stop'
        | 'clock'
        | 'fileSystem'
      >
    > {}

/** What a run would do. */
export type PlanEvent =
  | Extract<ArchiveEvent, { type: 'camera-listed' | 'listing-failed' | 'gap' | 'notice' | 'planned' }>
  | {
      readonly type: 'recording-planned'
      readonly camera: Camera
      readonly recording: Recording
      /** Relative to the archive: where it would go, or where it is. Absent where it is neither fetched nor kept. */
      readonly path?: string
      /** True where a run would ask the source for it. */
      readonly fetch: boolean
      /** What a run would record without asking the source. */
      readonly outcome?: Outcome
    }

/** The sum of a plan. */
export type PlannedEnd = Omit<Extract<PlanEvent, { type: 'planned' }>, 'type'>

/**
 * Says what `archive` would do with the same options, and writes nothing: no folder, no ledger row. Throws as `archive` does
 * where it could not begin.
 */
export async function* plan(options: DryRunOptions): AsyncGenerator<PlanEvent, PlannedEnd> {
  const { source, ledger = memoryLedger(), clock = systemClock, fileSystem = disk } = options
  const layout = compileLayout(options.layout, options.timeZone)
  const signal = options.signal ?? new AbortController().signal
  signal.throwIfAborted()
  const root = resolve(options.into ?? '.')
  if (options.into !== undefined) await findArchive(root, { ...options, fileSystem })
  const identity = await source.identify({ signal })
  const events = makePlan({
    ...options,
    ledger,
    sourceId: identity.id,
    onlyFailed: options.onlyFailed ?? false,
    now: clock.now(),
    signal,
  })
  let step = await events.next()
  for (; !step.done; step = await events.next()) yield step.value as PlanEvent
  const { recordings, stretches } = step.value
  const paths = createPaths(layout, ledger, { vendor: source.vendor, source: identity.name || identity.id })
  const { overwrite = false, handedOver = false, skip } = options
  const work = await workOf(recordings, { root, fileSystem, overwrite, handedOver, ...(skip ? { skip } : {}) }, paths)
  for (const { item, outcome } of work.settled) {
    const { camera, recording } = item
    const kept = outcome.outcome === 'kept' ? { path: outcome.path } : {}
    yield { type: 'recording-planned', camera, recording, fetch: false, outcome, ...kept }
  }
  let bytes: number | undefined = 0
  for (const { camera, recording, path } of work.tasks) {
    bytes = bytes === undefined || recording.bytes === undefined ? undefined : bytes + recording.bytes
    yield { type: 'recording-planned', camera, recording, path, fetch: true }
  }
  const end = {
    planned: recordings.length + stretches.length,
    toFetch: work.tasks.length,
    ...(bytes === undefined ? {} : { bytes }),
  }
  yield { type: 'planned', ...end }
  return end
}
