import type { Clock } from '../clock.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Gap, Recording } from '../footage/recording.ts'
import type { FootageSource, Note, Preparation } from '../footage/source.ts'
import { asCamError, failedOf, notTried, outcomeOf } from './failure.ts'
import type { Ledger } from './ledger.ts'
import { createOrdered, type Ordered } from './ordered.ts'
import type { Task } from './queue.ts'

const defaultWaitMs = 30_000
const shortestWaitMs = 1000
const longestWaitMs = 600_000
const gettingReady = 'The source is still getting it ready.'

/** What ordering needs, and where its results go. */
export interface Preparing {
  readonly source: FootageSource
  readonly sourceId: string
  readonly ledger: Ledger
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How long to ask again; 0 asks once. */
  readonly deadlineMs: number
  /** Throws DiskError where nothing that is ordered could be stored. */
  ensureRoom(): Promise<void>
  /** It can be fetched now; `known` is what the vendor only now knows of it. */
  ready(task: Task, known: Pick<Recording, 'bytes' | 'checksum'>): Promise<void>
  ended(task: Task, outcome: Outcome, error?: CamError): void
  /** The order turned out to be these. */
  expand(task: Task, into: readonly (Recording | Gap)[]): Promise<void>
}

/**
 * Orders footage, and asks until it is ready, without holding a transfer slot. Every note of the source is durable before the
 * source is called on: that it is about to ask, and what became of it. Where the source throws, whatever is not done with may be
 * tried again: what was asked for by its note, and the rest as if nothing had been. Orders are paid for, so nothing is ordered for a
 * disk without room. Throws only the signal's own reason, once what
 * was asked for has ended as pending.
 */
export async function prepareAll(tasks: readonly Task[], how: Preparing): Promise<void> {
  const { source, sourceId, ledger, clock, signal, deadlineMs } = how
  const notes = new Map((await ledger.notes(sourceId)).map((note) => [note.order, note]))
  const ordered = createOrdered(tasks)
  const deadline = clock.monotonic() + deadlineMs
  const save = async (note: Note): Promise<void> => {
    if (JSON.stringify(notes.get(note.order)) === JSON.stringify(note)) return
    await ledger.saveNote(sourceId, note)
    notes.set(note.order, note)
  }
  try {
    await how.ensureRoom()
    for (;;) {
      let askAgainAfterMs = Number.POSITIVE_INFINITY
      for await (const preparation of source.prepare!(ordered.recordings(), [...notes.values()], { signal })) {
        // Before anything else: what is paid for must never be forgotten.
        if (preparation.note) await save(preparation.note)
        for (const task of ordered.about(preparation)) {
          const waits = await settle(task, preparation, ordered, how)
          if (waits !== undefined) askAgainAfterMs = Math.min(askAgainAfterMs, waits)
        }
      }
      if (ordered.waiting.size === 0) return
      const now = clock.monotonic()
      const wait = waitMs(askAgainAfterMs)
      if (now >= deadline) {
        for (const [task, { why }] of ordered.waiting) {
          how.ended(task, notReadyYet(clock.now(), wait, deadlineMs, why))
        }
        return
      }
      await clock.wait(Math.min(wait, deadline - now), signal)
    }
  } catch (error) {
    leave(error, ordered, how)
  }
}

/** Throws the reason of an abort; anything else ends what is waiting as failed, to be tried again. */
function leave(error: unknown, ordered: Ordered, how: Preparing): void {
  const { signal, clock } = how
  const failure = asCamError(error)
  for (const [task, { asked, why }] of ordered.waiting) {
    if (!signal.aborted) {
      // Nothing was decided about it, also where the error itself says that somebody has to change something first.
      how.ended(task, { ...failedOf(failure, asked ? 1 : 0), retryable: true }, failure)
    } else if (asked) how.ended(task, notReadyYet(clock.now(), 0, 0, why))
  }
  if (signal.aborted) throw signal.reason
}

/** Within what is sensible, whatever a source asks for. */
export function waitMs(askAgainAfterMs: number): number {
  return Math.min(
    Math.max(Number.isFinite(askAgainAfterMs) ? askAgainAfterMs : defaultWaitMs, shortestWaitMs),
    longestWaitMs,
  )
}

/** A deadline of 0 means that nobody wanted to wait: then none has passed. */
export function notReadyYet(now: number, askAgainAfterMs: number, deadlineMs: number, reason = gettingReady): Outcome {
  return {
    outcome: 'pending',
    reason,
    askAgainAt: Math.round(now + askAgainAfterMs),
    ...(deadlineMs > 0 ? { deadline: now } : {}),
  }
}

/** Answers after how long to ask again about a recording that has to wait. */
async function settle(
  task: Task,
  preparation: Preparation,
  ordered: Ordered,
  how: Preparing,
): Promise<number | undefined> {
  const { state, into, note, bytes, checksum, error, askAgainAfterMs = defaultWaitMs } = preparation
  const waits = ordered.waiting.get(task)!
  if (note) {
    waits.asked = note.state !== 'failed'
    if (note.text !== undefined) waits.why = note.text
  }
  if (state === 'waiting') return askAgainAfterMs
  if (state === 'pending') {
    how.ended(task, notReadyYet(how.clock.now(), waitMs(askAgainAfterMs), how.deadlineMs, waits.why))
  } else if (state === 'failed') {
    const message = note?.text ?? 'The source could not get it ready.'
    const unavailable = { outcome: 'failed', code: 'UNAVAILABLE', message, retryable: false, attempts: 1 } as const
    const failed = error && (note ? outcomeOf(error, 1) : notTried(error))
    how.ended(task, failed ?? unavailable, error)
  } else if (into === undefined) {
    await how.ready(task, { ...(bytes === undefined ? {} : { bytes }), ...(checksum ? { checksum } : {}) })
  } else if (into.length === 0) {
    how.ended(task, { outcome: 'absent', reason: note?.text ?? 'The order brought nothing.' })
  } else {
    await how.expand(task, into)
  }
  ordered.waiting.delete(task)
  return undefined
}
