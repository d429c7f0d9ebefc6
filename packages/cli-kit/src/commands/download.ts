import { type ArchiveEvent, archive, type Ledger, openArchiveFolder, type Summary } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { openSource } from '../open-source.ts'
import { writeFailedList } from '../report/failed-list.ts'
import { logFolder } from '../report/log-folder.ts'
import type { Session } from '../session.ts'
import { reasonOf } from '../state/durable-file.ts'
import { knownArchives } from '../state/known-archives.ts'
import { stateFolder } from '../state/state-folder.ts'
import { type Tally, tally } from '../tally.ts'
import { UsageError } from '../usage-error.ts'
import { type AfterRun, afterRun } from './after-run.ts'
import { archiveOptions, isAboutFlags } from './archive-options.ts'
import { askedFor } from './asked-for.ts'

/** Fetches what is not kept yet, or only what failed before. */
export async function download(session: Session, { onlyFailed = false } = {}): Promise<ExitCode> {
  const { flags, report, clock, surroundings } = session
  // What failed stands in an archive: where there is none, none is begun.
  if (onlyFailed) await (await openLedger(flags.text('dest')!, { readOnly: true }))[Symbol.asyncDispose]()
  await using open = await openSource(session)
  session.notices?.reaches(open.source.vendor, open.context)
  const registry = knownArchives(stateFolder(surroundings.env), clock, (text) => report.warning(text))
  const acceptNewArchive = flags.on('new-archive')
  const folder = await openArchiveFolder(flags.text('dest')!, { registry, acceptNewArchive, clock })
  await using ledger = await openLedger(folder.root)
  const options = { ...(await archiveOptions(session, open, ledger)), onlyFailed, registry }
  const { asked, marks } = await askedFor(session, open, ledger)
  const following = afterRun(session, { context: open.context, ledger, root: folder.root, window: asked.window })
  const see = async (event: ArchiveEvent) => {
    if (onlyFailed && event.type === 'planned' && event.planned === 0) await sayNothingToRetry(session, ledger)
    following.see(event)
    await marks?.see(event, folder.root)
  }
  const known = session.notices?.asks(asked) ?? asked
  // Nobody is there who could say `retry`.
  const more = flags.given('every') && !onlyFailed ? { alsoFailed: true } : {}
  // Awaited here: the source and the ledger are closed when this function returns.
  try {
    return await tellRun(session, archive({ ...options, ...known, ...more }), see, following)
  } finally {
    await listFailed(session, ledger, folder.root)
  }
}

/** Whoever mended what was wrong expects it to be fetched now. */
async function sayNothingToRetry({ report }: Session, ledger: Ledger): Promise<void> {
  let others = 0
  for await (const { outcome } of ledger.rows({ outcomes: ['failed'], kind: 'recording' })) {
    if (outcome?.outcome === 'failed' && !outcome.retryable) others++
  }
  report.info('Nothing failed that may be retried.')
  if (others > 0) {
    report.info(`${others} failed in another way: mend the cause, then download with a --start before them.`)
  }
}

/** Replaces the list of what failed, where the run leaves a log. */
async function listFailed({ definition, flags, clock, report }: Session, ledger: Ledger, root: string): Promise<void> {
  const folder = logFolder(definition, flags)?.path
  if (folder === undefined) return
  try {
    await writeFailedList({ ledger, folder, root, clock })
  } catch (error) {
    report.warning(`The list of what failed cannot be written into ${folder} (${reasonOf(error)}).`)
  }
}

/** Reports a run to its end and says how it went. Throws what kept it from beginning. */
async function tellRun(
  session: Session,
  events: AsyncGenerator<ArchiveEvent, Summary>,
  see: (event: ArchiveEvent) => Promise<void>,
  following: AfterRun,
): Promise<ExitCode> {
  const { clock, interruption, report } = session
  const seen = tally(() => clock.now())
  let broken = false
  try {
    for await (const event of events) {
      tell(session, seen, event)
      await see(event)
    }
  } catch (error) {
    if (!seen.begun) throw isAboutFlags(error) ? new UsageError(error.message) : error
    broken = true
    if (!interruption.abort.aborted) report.error(explain(error, session.about))
  }
  interruption.gentle = false
  if (seen.listingError && seen.allListsFailed && !interruption.stop.aborted) {
    report.error(explain(seen.listingError, session.about))
  }
  const summary = seen.summary(clock.monotonic() - session.startedAt)
  const isOver = !seen.allListsFailed && (!broken || interruption.abort.aborted)
  const afterwards = isOver ? await following.run(summary) : undefined
  report.end(summary, interruption.stop.aborted ? 'interrupted' : 'done')
  if (seen.allListsFailed) return exitCodes.notBegun
  const allIsWell = summary.failed === 0 && !broken && !seen.stopped && !seen.overdue
  return allIsWell ? (afterwards ?? exitCodes.done) : exitCodes.incomplete
}

function tell({ report, interruption, about }: Session, seen: Tally, event: ArchiveEvent): void {
  seen.see(event)
  if (event.type === 'planned') interruption.gentle = true
  report.event(event)
  if (event.type === 'stopping' && event.error && !interruption.abort.aborted) report.error(explain(event.error, about))
}
