import type { AfterRunTools, ExitCode } from '@cam/cli-kit'
import { quotaOf } from '@cam/samsara'
import { hasSeedNames } from './flags.ts'
import { mergeAfterRun } from './merge-command.ts'
import { quotaLines } from './quota.ts'
import { writeRequestIds } from './request-ids.ts'

/** What follows the clips: the ids of what was ordered, where the quota stands, and the films made of them. */
export async function afterRun(tools: AfterRunTools): Promise<ExitCode | undefined> {
  const { flags, ledger, sourceId, report, timeZone, summary } = tools
  if (hasSeedNames(flags)) await writeRequestIds(tools)
  const notes = await ledger.notes(sourceId)
  if (quotaOf(notes).told) for (const line of quotaLines(notes, timeZone)) report.info(line)
  if (flags.on('no-wait') && summary.pending > 0 && !flags.on('no-merge')) {
    report.info(`${summary.pending} clips are not there yet: the run that collects them makes the films.`)
    return undefined
  }
  return mergeAfterRun(tools)
}
