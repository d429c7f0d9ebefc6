import { type BeforeRunTools, UsageError } from '@cam/cli-kit'
import { findFfmpeg, MergeError } from '@cam/video-merge'
import { costOf, costText } from './cost.ts'
import { mediaOf } from './flags.ts'

/** Nobody is asked about less: of all vehicles together. */
const askedFromMinutes = 180

/** Says what a run can cost and what it lacks, before anything is ordered; somebody at a terminal is asked about much. Throws UsageError. */
export async function beforeRun(tools: BeforeRunTools): Promise<void> {
  const { flags, report } = tools
  const cost = costOf(flags)
  if (cost) {
    report.info(costText(cost, flags))
    report.item('cost', { ...cost })
    if (!tools.dryRun) await askAbout(cost.minutes * Math.max(1, cost.vehicles), tools)
  }
  if (!tools.dryRun) await tellOfFfmpeg(tools)
}

/** Footage for months of quota is soon asked for by a slip of the keyboard. */
async function askAbout(minutes: number, { flags, interactive, ask }: BeforeRunTools): Promise<void> {
  if (minutes <= askedFromMinutes || !interactive || flags.on('yes') || flags.given('every')) return
  const answer = await ask(
    `That is ${(minutes / 60).toFixed(1)} hours of each angle. Order what is missing of it? (y/N) `,
  )
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new UsageError('Nothing was ordered, because you did not say yes. --yes says it beforehand.')
}

/** It would be needed hours later, when nobody looks any more. */
async function tellOfFfmpeg({ flags, report, signal }: BeforeRunTools): Promise<void> {
  if (flags.on('no-merge') || mediaOf(flags) === 'image') return
  const path = flags.text('ffmpeg')
  try {
    await findFfmpeg({ signal, ...(path === undefined ? {} : { path }) })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof MergeError)) throw error
    report.warning(
      `${error.message} No film can be made without it; the clips are fetched all the same. Later: samsara-cli merge ${flags.text('dest')}`,
    )
  }
}
