import { type ArchiveEvent, archive, type Ledger, openArchiveFolder, type Summary } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { type OpenSource, openSource } from '../open-source.ts'
import type { Session } from '../session.ts'
import { knownArchives } from '../state/known-archives.ts'
import { stateFolder } from '../state/state-folder.ts'
import { type Tally, tally } from '../tally.ts'
import { UsageError } from '../usage-error.ts'

/** Fetches what is not kept yet, or only what failed before. */
export async function download(session: Session, { onlyFailed = false } = {}): Promise<ExitCode> {
  const { flags, report, clock, surroundings } = session
  await using open = await openSource(session)
  const registry = knownArchives(stateFolder(surroundings.env), clock, (text) => report.warning(text))
  const acceptNewArchive = flags.on('new-archive')
  const folder = await openArchiveFolder(flags.text('dest')!, { registry, acceptNewArchive, clock })
  await using ledger = await openLedger(folder.root)
  const options = { ...archiveOptions(session, open, ledger), onlyFailed, registry }
  const window = await open.window()
  // Awaited here: the source and the ledger are closed when this function returns.
  return await tellRun(session, archive({ ...options, ...(window ? { window } : {}) }))
}

/** What the flags mean for the core. */
export function archiveOptions({ flags, definition, clock, interruption }: Session, open: OpenSource, ledger: Ledger) {
  const layout = flags.text('layout')!
  const concurrency = flags.number('concurrency')
  const timeZone = flags.text('timezone')
  return {
    source: open.source,
    ledger,
    into: flags.text('dest')!,
    clock,
    cameras: flags.list('cameras'),
    layout: layout === 'seed' ? definition.defaults.seedLayout : layout,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(concurrency === undefined ? {} : { concurrency }),
    rateLimitMbps: flags.number('rate-limit')!,
    retry: open.retry,
    idleMs: open.timeouts.idleMs,
    // Opening may take a login, a redirect and a first byte; the source's own limits are tighter.
    openMs: Math.max(120_000, open.timeouts.firstByteMs * 2 + 30_000),
    overwrite: flags.on('overwrite'),
    handedOver: flags.on('handed-over'),
    acceptNewArchive: flags.on('new-archive'),
    signal: interruption.abort,
    stop: interruption.stop,
  }
}

/** Reports a run to its end and says how it went. Throws what kept it from beginning. */
async function tellRun(session: Session, events: AsyncGenerator<ArchiveEvent, Summary>): Promise<ExitCode> {
  const { clock, interruption, report } = session
  const seen = tally(() => clock.now())
  let broken = false
  try {
    for await (const event of events) tell(session, seen, event)
  } catch (error) {
    if (!seen.begun) throw isAboutFlags(error) ? new UsageError(error.message) : error
    broken = true
    if (!interruption.abort.aborted) report.error(explain(error, session.about))
  }
  interruption.gentle = false
  const wasAsked = interruption.stop.aborted
  if (seen.listingError && seen.allListsFailed && !wasAsked) report.error(explain(seen.listingError, session.about))
  const summary = seen.summary(clock.monotonic() - session.startedAt)
  report.end(summary, wasAsked ? 'interrupted' : 'done')
  if (seen.allListsFailed) return exitCodes.notBegun
  const allIsWell = summary.failed === 0 && !broken && !seen.stopped && !seen.overdue
  return allIsWell ? exitCodes.done : exitCodes.incomplete
}

function tell({ report, interruption, about, command }: Session, seen: Tally, event: ArchiveEvent): void {
  seen.see(event)
  if (event.type === 'planned') interruption.gentle = true
  report.event(event)
  if (event.type === 'planned' && event.planned === 0 && command.name === 'retry') {
    report.info('Nothing failed that may be retried.')
  }
  if (event.type === 'stopping' && event.error && !interruption.abort.aborted) report.error(explain(event.error, about))
}

/** A camera that is not there or a template that cannot be: the user's to mend. */
export function isAboutFlags(error: unknown): error is RangeError {
  return (
    error instanceof RangeError &&
    /^(cameras|layout|timeZone|window|concurrency|[a-z]+Mbps|[a-z]+Ms)\b/i.test(error.message)
  )
}
