import {
  isCamError,
  type Ledger,
  memoryLedger,
  type PlanEvent,
  plan as planArchive,
  type Recording,
} from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import { commandTools } from '../command-tools.ts'
import type { Words } from '../definition.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { openSource } from '../open-source.ts'
import { recordingName } from '../report/event-lines.ts'
import { bytesText, printable } from '../report/measures.ts'
import type { Session } from '../session.ts'
import { knownArchives } from '../state/known-archives.ts'
import { stateFolder } from '../state/state-folder.ts'
import { tally } from '../tally.ts'
import { UsageError } from '../usage-error.ts'
import { archiveOptions, isAboutFlags } from './archive-options.ts'
import { askedFor } from './asked-for.ts'

/** Shows what a download would do. Writes nothing: no folder, no ledger. */
export async function plan(session: Session): Promise<ExitCode> {
  const { definition, flags, report, clock, surroundings, interruption, about } = session
  await using open = await openSource(session)
  const registry = knownArchives(stateFolder(surroundings.env), clock, (text) => report.warning(text))
  await using ledger = await ledgerToRead(flags.text('dest')!)
  const options = {
    ...(await archiveOptions(session, open, ledger)),
    ...(await askedFor(session, open, ledger)).asked,
    registry,
  }
  const seen = tally(() => clock.now())
  const recordings: Recording[] = []
  try {
    for await (const event of planArchive(options)) {
      seen.see(event)
      tell(session, event)
      if (event.type === 'recording-planned' && event.fetch) recordings.push(event.recording)
    }
  } catch (error) {
    throw isAboutFlags(error) ? new UsageError(error.message) : error
  }
  if (seen.listingError && seen.allListsFailed) report.error(explain(seen.listingError, about))
  if (definition.afterPlan && !seen.listingError && !interruption.stop.aborted) {
    const { source, context } = open
    const { id: sourceId } = await source.identify({ signal: interruption.abort })
    await definition.afterPlan({ ...commandTools(session, context), source, ledger, sourceId, recordings })
  }
  report.end(seen.summary(clock.monotonic() - session.startedAt), interruption.stop.aborted ? 'interrupted' : 'dry-run')
  if (seen.allListsFailed) return exitCodes.notBegun
  return seen.listingError ? exitCodes.incomplete : exitCodes.done
}

/** The archive's ledger, or an empty one where there is no archive yet. */
export async function ledgerToRead(dest: string): Promise<Ledger> {
  try {
    return await openLedger(dest, { readOnly: true })
  } catch (error) {
    // No archive yet: everything would be fetched.
    if (isCamError(error) && error.code === 'ARCHIVE_MISSING') return memoryLedger()
    throw error
  }
}

function tell({ report, flags, definition }: Session, event: PlanEvent): void {
  if (event.type === 'recording-planned') {
    const { type, ...fields } = event
    report.item(type, fields, plannedText(event, definition.words))
  } else if (event.type === 'planned') {
    const { type, ...fields } = event
    const size = event.bytes === undefined ? '' : `, ${bytesText(event.bytes)}`
    const text = `Would fetch ${event.toFetch} of ${event.planned}${size}, into ${flags.text('dest')}. Nothing was written.`
    report.item(type, fields, text)
  } else report.event(event)
}

function plannedText(event: Extract<PlanEvent, { type: 'recording-planned' }>, words: Words): string {
  const { recording, camera, path, outcome, fetch } = event
  if (fetch) {
    const bytes = recording.bytes ?? recording.approximateBytes
    const size = bytes === undefined ? '' : ` (${recording.bytes === undefined ? 'about ' : ''}${bytesText(bytes)})`
    return printable(`PLAN  ${path}${size}`)
  }
  const why = outcome?.outcome === 'kept' ? 'already exists' : `${outcome?.outcome ?? 'nothing to do'}`
  return printable(`SKIP  ${recordingName(recording, camera, words)} (${why})`)
}
