import { type PlanEvent, plan } from '@cam/download-core'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { openSource } from '../open-source.ts'
import { localTime } from '../report/local-time.ts'
import { durationText, printable } from '../report/measures.ts'
import { type Session, zoneFor } from '../session.ts'
import { tally } from '../tally.ts'
import { UsageError } from '../usage-error.ts'
import { archiveOptions, isAboutFlags } from './archive-options.ts'
import { askedFor } from './asked-for.ts'
import { ledgerToRead } from './plan.ts'

/** Prints what there is, and what of it is kept. Writes nothing. */
export async function list(session: Session): Promise<ExitCode> {
  const { flags, report, clock, about, command } = session
  await using open = await openSource(session)
  await using ledger = await ledgerToRead(flags.text('dest')!)
  const options = { ...(await archiveOptions(session, open, ledger)), ...(await askedFor(session, open, ledger)).asked }
  const seen = tally(() => clock.now())
  const count = { recordings: 0, kept: 0, failedLists: 0 }
  try {
    for await (const event of plan(options)) {
      seen.see(event)
      if (event.type === 'listing-failed') count.failedLists++
      if (event.type === 'planned') continue
      if (event.type !== 'recording-planned') {
        report.event(event)
        continue
      }
      const isKept = event.outcome?.outcome === 'kept' || event.outcome?.outcome === 'handed-over'
      count.recordings++
      if (isKept) count.kept++
      const { type: _, ...fields } = event
      report.item('recording', fields, textOf(session, event, isKept))
    }
  } catch (error) {
    throw isAboutFlags(error) ? new UsageError(error.message) : error
  }
  if (seen.listingError && seen.allListsFailed) report.error(explain(seen.listingError, about))
  const sum = `${count.recordings} recording${count.recordings === 1 ? '' : 's'}, of which ${count.kept} kept.`
  report.item(`${command.name}-ended`, count, sum)
  if (seen.allListsFailed) return exitCodes.notBegun
  return seen.listingError ? exitCodes.incomplete : exitCodes.done
}

function textOf(
  session: Session,
  { camera, recording }: Extract<PlanEvent, { type: 'recording-planned' }>,
  isKept: boolean,
): string {
  const { window, name = recording.id } = recording
  const when = window
    ? `${localTime(window.start, zoneFor(camera, session))}  ${durationText(window.end - window.start)}`
    : 'undated'
  const what = name.replace(/\.[a-z0-9]{1,5}$/i, '')
  return printable([when, camera.name || camera.id, what, ...(isKept ? ['kept'] : [])].join('  '))
}
