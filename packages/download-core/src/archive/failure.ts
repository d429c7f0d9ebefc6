import { type CamError, InterruptedError, isCamError, ProtocolError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Gap } from '../footage/recording.ts'

/** The outcome of what went wrong. */
export type Failed = Extract<Outcome, { outcome: 'failed' }>

/** Whatever a source threw, as one of ours. */
export function asCamError(error: unknown): CamError {
  if (isCamError(error)) return error
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new ProtocolError(`The source failed in a way that it does not declare: ${said}`, { cause: error })
}

/** How a recording ends with this error. */
export function outcomeOf(error: CamError, attempts: number): Outcome {
  if (error.code === 'EXPIRED') return { outcome: 'expired', reason: error.message }
  return failedOf(error, attempts)
}

/** An error as an outcome. `attempts`: how often it was tried. */
export function failedOf(error: CamError, attempts: number): Failed {
  return {
    outcome: 'failed',
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    attempts,
    ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
  }
}

/** What was planned and not tried, because the run ended before. */
export function notTried(error: CamError): Failed {
  return { ...failedOf(error, 0), retryable: true }
}

/** What everything that was not tried failed with when its user ended the run. */
export function interrupted(): InterruptedError {
  return new InterruptedError('The run was ended before this was fetched; the next run takes it up.')
}

/** How a stretch of time without footage ends. */
export function outcomeOfGap(gap: Gap, now: number): Outcome {
  if (gap.outcome !== 'pending') return { outcome: gap.outcome, reason: gap.reason }
  return {
    outcome: 'pending',
    reason: gap.reason,
    ...(gap.askAgainAfterMs === undefined ? {} : { askAgainAt: now + gap.askAgainAfterMs }),
  }
}
