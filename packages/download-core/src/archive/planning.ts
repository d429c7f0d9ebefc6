import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Gap } from '../footage/recording.ts'
import type { FootageSource } from '../footage/source.ts'
import type { TimeWindow } from '../footage/time-window.ts'
import { askedRanges } from './asked.ts'
import type { PlannedRecording } from './decide.ts'
import type { ArchiveEvent } from './events.ts'
import type { Ledger, PlannedRow, RowKey } from './ledger.ts'
import { keyText } from './memory-ledger.ts'
import { type Draft, planCamera } from './plan-camera.ts'
import type { AskedRange } from './windows.ts'

/** Rows that are no recordings: their outcome is known as soon as they are planned. */
export interface PlannedStretch {
  readonly row: PlannedRow
  readonly outcome: Outcome
  readonly gap?: Gap
}

/** Everything a run will account for. */
export interface Plan {
  readonly recordings: readonly PlannedRecording[]
  readonly stretches: readonly PlannedStretch[]
  /** Gaps, failed listings and growing pieces of earlier runs that this one's listings contradict. */
  readonly outdated: readonly RowKey[]
  /** What is left of failed listings of which this run's listings cover a part. Not counted: no part of this run. */
  readonly remainders: readonly PlannedStretch[]
  /** Why the source must not be asked anything any more. Only in plans for given ranges; others throw it. */
  readonly stopped?: CamError
}

/** What a plan is made from. */
export interface Planning {
  readonly source: FootageSource
  readonly sourceId: string
  readonly ledger: Ledger
  readonly window?: TimeWindow
  readonly windowFor?: (camera: Camera) => TimeWindow | undefined | Promise<TimeWindow | undefined>
  readonly cameras?: readonly string[]
  readonly onlyFailed: boolean
  readonly alsoFailed?: boolean
  readonly now: number
  readonly signal: AbortSignal
  readonly stop?: AbortSignal
}

/**
 * Asks the source what should exist. A camera whose list fails is in the plan as just that. Writes nothing. `ranges`: what to ask
 * for, in place of what `planning` says; a refusal that stops the run then leaves only the lists that failed in the plan.
 */
export async function* makePlan(
  planning: Planning,
  ranges?: readonly AskedRange[],
): AsyncGenerator<ArchiveEvent, Plan> {
  const draft: Draft = { recordings: new Map(), stretches: new Map(), outdated: [], remainders: [] }
  for await (const asked of ranges ?? askedRanges(planning)) {
    const stopped = yield* planCamera(planning, asked, draft)
    if (!stopped) continue
    if (!ranges) throw stopped
    const failed = [...draft.stretches.values()].filter((stretch) => stretch.row.kind === 'listing')
    return { recordings: [], stretches: failed, outdated: [], remainders: [], stopped }
  }
  const { recordings, stretches, outdated, remainders } = draft
  return {
    recordings: [...recordings.values()],
    stretches: [...stretches.values()],
    outdated: outdated.filter((key) => !stretches.has(keyText(key))),
    remainders,
  }
}
