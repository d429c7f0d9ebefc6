import { randomUUID } from 'node:crypto'
import { systemClock } from '../clock.ts'
import type { Summary } from '../footage/outcome.ts'
import { disk } from '../transfer/disk.ts'
import { createSpeedLimit } from '../transfer/speed-limit.ts'
import { askAgain, createKeptNow, type KeptNow } from './ask-again.ts'
import { endInterruptedRuns } from './begin.ts'
import { type Carrying, carryOut } from './carry-out.ts'
import { checkOptions } from './check-options.ts'
import type { ArchiveEvent } from './events.ts'
import { openArchiveFolder } from './folder.ts'
import { compileLayout } from './layout.ts'
import { lockArchive } from './lock.ts'
import type { ArchiveOptions } from './options.ts'
import { createPaths } from './paths.ts'
import { makePlan } from './planning.ts'
import { createTally } from './tally.ts'

/**
 * Archives what a source has in a window: each recording that is planned ends in exactly one outcome in the ledger, and `kept`
 * is only said once the file is proved, durable and named. A failed recording is an event. Throws only where the run cannot
 * begin or go on (CamError), for a wrong option (RangeError), and the signal's own reason. Neither the source nor the ledger
 * is closed.
 */
export async function* archive(options: ArchiveOptions): AsyncGenerator<ArchiveEvent, Summary> {
  checkOptions(options)
  const { source, ledger, clock = systemClock, fileSystem = disk, overwrite = false, handedOver = false } = options
  const { idleMs = source.patience?.idleMs, openMs = source.patience?.openMs } = options
  const layout = compileLayout(options.layout, options.timeZone)
  const began = clock.monotonic()
  const left = new AbortController()
  const abandon = () => left.abort(new DOMException('Nobody reads the events of this run any more.', 'AbortError'))
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
  let begun = false
  try {
    for (const run of await endInterruptedRuns(ledger, identity.id, clock)) yield { type: 'interrupted-run-found', run }
    const about = { sourceId: identity.id, sourceName: identity.name, vendor: source.vendor }
    await ledger.beginRun({ id: runId, ...about, startedAt: clock.now() })
    begun = true
    yield { type: 'archive-started', runId, vendor: source.vendor, source: identity, into: folder.root }

    const planning = {
      ...options,
      sourceId: identity.id,
      onlyFailed: options.onlyFailed ?? false,
      now: clock.now(),
      signal,
    }
    const plan = yield* makePlan(planning)
    await folder.check()
    await folder.register()
    const tally = createTally()
    const bytesPerSecond = ((options.rateLimitMbps ?? 0) * 1e6) / 8
    const how: Carrying = {
      source,
      sourceId: identity.id,
      folder,
      lock,
      paths: createPaths(layout, ledger, { vendor: source.vendor, source: identity.name || identity.id }),
      fileSystem,
      clock,
      ledger,
      runId,
      tally,
      signal,
      stopAsked,
      deciding: {
        root: folder.root,
        fileSystem,
        overwrite,
        handedOver,
        ...(options.skip ? { skip: options.skip } : {}),
      },
      accounted: new Set(),
      abandon,
      retry: options.retry ?? {},
      transfers: Math.max(1, Math.min(options.concurrency ?? source.limits.transfers, source.limits.transfers)),
      transfersPerCamera: Math.max(1, source.limits.transfersPerCamera),
      pendingDeadlineMs: options.pendingDeadlineMs ?? 900_000,
      ...(bytesPerSecond > 0 ? { speedLimit: createSpeedLimit(bytesPerSecond, clock) } : {}),
      ...(idleMs === undefined ? {} : { idleMs }),
      ...(openMs === undefined ? {} : { openMs }),
      ...(options.reserveBytes === undefined ? {} : { reserveBytes: options.reserveBytes }),
    }
    const kept = createKeptNow(identity.id)
    const halt = (yield* watched(carryOut(plan, how), kept)) ?? (yield* watched(askAgain(how, planning, kept), kept))
    summary = tally.summary(Math.round(clock.monotonic() - began))
    ending = !halt ? 'finished' : halt.error ? 'failed' : 'stopped'
    yield { type: 'archive-ended', ...summary }
    options.signal?.throwIfAborted()
    return summary
  } finally {
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

/** The same events, seen on their way. */
async function* watched<T>(run: AsyncGenerator<ArchiveEvent, T>, kept: KeptNow): AsyncGenerator<ArchiveEvent, T> {
  try {
    for (;;) {
      const { done, value } = await run.next()
      if (done) return value
      kept.see(value)
      yield value
    }
  } finally {
    // Whoever stops reading stops the run.
    await run.return(undefined as never)
  }
}
