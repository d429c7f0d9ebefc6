import { randomUUID } from 'node:crypto'
import { systemClock } from '../clock.ts'
import type { Summary } from '../footage/outcome.ts'
import { disk } from '../transfer/disk.ts'
import { createSpeedLimit } from '../transfer/speed-limit.ts'
import { endInterruptedRuns, removeOldParts, settle, writePlan } from './begin.ts'
import { createChannel } from './channel.ts'
import { checkOptions } from './check-options.ts'
import type { Deciding } from './decide.ts'
import type { ArchiveEvent } from './events.ts'
import { expandOrder } from './expand.ts'
import { openArchiveFolder } from './folder.ts'
import { compileLayout } from './layout.ts'
import { lockArchive } from './lock.ts'
import { keyText } from './memory-ledger.ts'
import type { ArchiveOptions } from './options.ts'
import { createPaths } from './paths.ts'
import { makePlan } from './planning.ts'
import { createTally } from './tally.ts'
import { workOf } from './tasks.ts'
import { transferAll } from './transferring.ts'

/**
 * Archives what a source has in a window: each recording that is planned ends in exactly one outcome in the ledger, and `kept`
 * is only said once the file is proved, durable and named. A failed recording is an event. Throws only where the run cannot
 * begin or go on (CamError), for a wrong option (RangeError), and the signal's own reason. Neither the source nor the ledger
 * is closed.
 */
export async function* archive(options: ArchiveOptions): AsyncGenerator<ArchiveEvent, Summary> {
  checkOptions(options)
  const { source, ledger, clock = systemClock, fileSystem = disk, overwrite = false, handedOver = false } = options
  const layout = compileLayout(options.layout, options.timeZone)
  const began = clock.monotonic()
  const left = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal
  const stopAsked = options.stop ?? new AbortController().signal
  signal.throwIfAborted()

  const folder = await openArchiveFolder(options.into, { ...options, fileSystem, clock })
  const identity = await source.identify({ signal })
  // Asking may take a while, and a disk that went away meanwhile must not be begun anew.
  await folder.check()
  const lock = await lockArchive(folder.root, identity.id, fileSystem)
  const runId = randomUUID()
  let ending: 'finished' | 'stopped' | 'failed' = 'failed'
  let summary: Summary | undefined
  let working: Promise<unknown> | undefined
  let begun = false
  try {
    for (const run of await endInterruptedRuns(ledger, identity.id, clock)) yield { type: 'interrupted-run-found', run }
    const about = { sourceId: identity.id, sourceName: identity.name, vendor: source.vendor }
    await ledger.beginRun({ id: runId, ...about, startedAt: clock.now() })
    begun = true
    yield { type: 'archive-started', runId, vendor: source.vendor, source: identity, into: folder.root }

    const plan = yield* makePlan({
      ...options,
      sourceId: identity.id,
      onlyFailed: options.onlyFailed ?? false,
      now: clock.now(),
      signal,
    })
    await folder.check()
    await folder.register()
    await writePlan(plan, { ledger, runId, clock })
    const tally = createTally()
    for (const stretch of plan.stretches) tally.count(stretch.outcome, false)

    const paths = createPaths(layout, ledger, { vendor: source.vendor, source: identity.name || identity.id })
    const deciding: Deciding = {
      root: folder.root,
      fileSystem,
      overwrite,
      handedOver,
      ...(options.skip ? { skip: options.skip } : {}),
    }
    const work = await workOf(plan.recordings, deciding, paths)
    // A disk that went away in the meantime makes everything look lost.
    await folder.check()
    yield {
      type: 'planned',
      planned: plan.recordings.length + plan.stretches.length,
      toFetch: work.tasks.length,
      ...bytesOf(work.tasks),
    }
    if (paths.collisions > 0) {
      const text = `${paths.collisions} recordings have a name that another one has; each gets a suffix of its own.`
      yield { type: 'notice', text }
    }
    for (const { key, outcome } of work.lost) {
      yield { type: 'notice', text: `${'reason' in outcome ? outcome.reason : key.recordingId} It is fetched again.` }
    }
    await settle(work, { ledger, runId, clock })
    await removeOldParts(work, { root: folder.root, sourceId: identity.id, fileSystem })
    for (const { item, outcome, already } of work.settled) {
      tally.count(outcome, already)
      const { camera, recording } = item
      yield { type: 'recording-ended', camera, recording, outcome, ...(already ? { already } : {}) }
    }

    const accounted = new Set(
      [...plan.recordings.map(({ key }) => key), ...plan.stretches.map(({ row }) => row.key)].map(keyText),
    )
    const channel = createChannel<ArchiveEvent>()
    const bytesPerSecond = ((options.rateLimitMbps ?? 0) * 1e6) / 8
    const perCamera = Math.max(1, source.limits.transfersPerCamera)
    const transferring = transferAll(work.tasks, {
      source,
      sourceId: identity.id,
      folder,
      lock,
      paths,
      fileSystem,
      clock,
      ledger,
      runId,
      tally,
      signal,
      stopAsked,
      retry: options.retry ?? {},
      transfers: Math.max(1, Math.min(options.concurrency ?? source.limits.transfers, source.limits.transfers)),
      transfersPerCamera: perCamera,
      pendingDeadlineMs: options.pendingDeadlineMs ?? 900_000,
      ...(bytesPerSecond > 0 ? { speedLimit: createSpeedLimit(bytesPerSecond, clock) } : {}),
      ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
      ...(options.openMs === undefined ? {} : { openMs: options.openMs }),
      ...(options.reserveBytes === undefined ? {} : { reserveBytes: options.reserveBytes }),
      push: channel.push,
      expand: (task, into) =>
        expandOrder(task, into, {
          sourceId: identity.id,
          ledger,
          runId,
          clock,
          deciding,
          paths,
          tally,
          accounted,
          push: channel.push,
        }),
    })
    working = transferring.then(channel.end, channel.fail)
    yield* channel
    const halt = await transferring
    summary = tally.summary(Math.round(clock.monotonic() - began))
    ending = !halt ? 'finished' : halt.error ? 'failed' : 'stopped'
    yield { type: 'archive-ended', ...summary }
    options.signal?.throwIfAborted()
    return summary
  } finally {
    // Whoever stops reading stops the run.
    left.abort(new DOMException('Nobody reads the events of this run any more.', 'AbortError'))
    await working
    try {
      if (begun)
        await ledger.endRun(runId, summary || ending !== 'failed' ? ending : endingOf(options), clock.now(), summary)
    } finally {
      await lock.release()
    }
  }
}

function endingOf(options: ArchiveOptions): 'stopped' | 'failed' {
  return options.signal?.aborted || options.stop?.aborted ? 'stopped' : 'failed'
}

function bytesOf(tasks: readonly { readonly recording: { readonly bytes?: number } }[]): { readonly bytes?: number } {
  let bytes = 0
  for (const { recording } of tasks) {
    if (recording.bytes === undefined) return {}
    bytes += recording.bytes
  }
  return { bytes }
}
