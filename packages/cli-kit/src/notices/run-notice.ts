import type { EpochMs, Run, TimeWindow } from '@cam/download-core'
import type { RunNotice } from '@cam/notify'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { NoticeFacts } from '../report/notice-facts.ts'

/** What does not come from the events of a run. */
export interface RunContext {
  /** The vendor as people write it. */
  readonly vendor: string
  readonly address: string
  readonly startedAt: EpochMs
  readonly window?: TimeWindow
}

/** How a run ended, for its process. */
export interface HowItEnded {
  readonly code: ExitCode
  /** Asked to end: by a signal, or because nobody reads the output. */
  readonly interrupted: boolean
  /** In place of what the error itself advises. */
  readonly nextAction?: string
}

/** What is known of a run from its first moment on. */
export function aboutRun(facts: NoticeFacts, context: RunContext): Omit<RunNotice, 'event'> {
  const { started } = facts
  const { vendor, address, startedAt, window } = context
  return {
    ...(started ? { runId: started.runId } : {}),
    vendor,
    source: started?.source.name || started?.source.id || address || vendor,
    startedAt,
    ...(window ? { window } : {}),
  }
}

/** The notice at the end of a run; `undefined` where another run does the telling. */
export function endNotice(
  facts: NoticeFacts,
  context: RunContext,
  how: HowItEnded,
  endedAt: EpochMs,
): RunNotice | undefined {
  const event = eventOf(facts, how)
  if (event === undefined) return undefined
  const { error, summary, perCamera, failures, failuresInAll } = facts
  const nextAction = how.nextAction ?? (event === 'finish' ? undefined : (error?.advice ?? whatNext(event, facts)))
  return {
    event,
    ...aboutRun(facts, context),
    endedAt,
    ...(summary ? { summary } : {}),
    ...(summary && perCamera.length > 0 ? { perCamera } : {}),
    ...(failures.length > 0 ? { failures, failuresInAll } : {}),
    ...(error && event !== 'finish' ? { error: { code: error.code, message: error.message } } : {}),
    ...(nextAction ? { nextAction } : {}),
    exitCode: how.code,
  }
}

function eventOf({ error }: NoticeFacts, { code, interrupted }: HowItEnded): RunNotice['event'] | undefined {
  if (code === exitCodes.locked) return undefined
  if (interrupted) return 'interrupted'
  if (code === exitCodes.done) return 'finish'
  return code === exitCodes.incomplete && error?.code !== 'INTERNAL' ? 'partial' : 'fail'
}

function whatNext(event: RunNotice['event'], { summary }: NoticeFacts): string | undefined {
  if (event === 'interrupted') return 'The next run goes on from here.'
  return summary && summary.failed > 0 ? 'The next run tries again what may be retried.' : undefined
}

/** An earlier run that never said how it ended. When it died, nobody knows. */
export function deadRunNotice(run: Run, vendor: string): RunNotice {
  const since = new Date(run.startedAt).toISOString()
  return {
    event: 'interrupted',
    runId: run.id,
    vendor,
    source: run.sourceName || run.sourceId,
    startedAt: run.startedAt,
    error: { message: `The run of ${since} ended without saying so: it was killed, or the power failed.` },
    nextAction: 'A new run has begun and goes on from there.',
  }
}
