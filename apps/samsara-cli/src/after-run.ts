import type { AfterRunTools, ExitCode } from '@cam/cli-kit'
import { hasSeedNames } from './flags.ts'
import { quotaLines } from './quota.ts'
import { writeRequestIds } from './request-ids.ts'

/** What follows the clips: the ids of what was ordered, where the quota stands, and the films made of them. */
export async function afterRun(tools: AfterRunTools): Promise<ExitCode | undefined> {
  const { flags, ledger, sourceId, report, timeZone } = tools
  if (hasSeedNames(flags)) await writeRequestIds(tools)
  for (const line of quotaLines(await ledger.notes(sourceId), timeZone)) report.info(line)
  return undefined
}
