import type { Clock } from '../clock.ts'
import { ProtocolError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Gap, Recording } from '../footage/recording.ts'
import type { FootageSource, Note, Preparation } from '../footage/source.ts'
import type { Ledger } from './ledger.ts'
import type { Task } from './queue.ts'

const defaultWaitMs = 30_000
const shortestWaitMs = 1000
const longestWaitMs = 600_000

/** What ordering needs, and where its results go. */
export interface Preparing {
  readonly source: FootageSource
  readonly sourceId: string
  readonly ledger: Ledger
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How long to ask again; 0 asks once. */
  readonly deadlineMs: number
  /** It can be fetched now; `known` is what the vendor only now knows of it. */
  ready(task: Task, known: Pick<Recording, 'bytes' | 'checksum'>): Promise<void>
  ended(task: Task, outcome: Outcome): void
  /** The order turned out to be these. */
  expand(task: Task, into: readonly (Recording | Gap)[]): Promise<void>
}

/**
 * Orders footage, and asks until it is ready, without holding a transfer slot. That an order is being asked for is durable
 * before the source is: a crash in between never orders twice. Throws what the source throws.
 */
export async function prepareAll(tasks: readonly Task[], how: Preparing): Promise<void> {
  const { source, sourceId, ledger, clock, signal } = how
  const waiting = new Set(tasks)
  const before = await ledger.notes(sourceId)
  const known = new Set(before.map((note) => note.order))
  const asking = new Set(tasks.flatMap(({ recording }) => recording.order ?? []).filter((order) => !known.has(order)))
  for (const order of asking) await ledger.saveNote(sourceId, { order, state: 'asking' })
  const deadline = clock.monotonic() + how.deadlineMs
  for (let notes: readonly Note[] = before; ; ) {
    let askAgainAfterMs = Number.POSITIVE_INFINITY
    const asked = [...waiting].map(({ recording }) => recording)
    for await (const preparation of source.prepare!(asked, notes, { signal })) {
      // Before anything else: what is paid for must never be forgotten.
      if (preparation.note) await ledger.saveNote(sourceId, preparation.note)
      for (const task of tasksOf(preparation, waiting)) {
        if (await settle(task, preparation, how)) waiting.delete(task)
        else askAgainAfterMs = Math.min(askAgainAfterMs, preparation.askAgainAfterMs ?? defaultWaitMs)
      }
    }
    if (waiting.size === 0) return
    const now = clock.monotonic()
    const wait = waitMs(askAgainAfterMs)
    if (now >= deadline) {
      for (const task of waiting) how.ended(task, notReadyYet(clock.now(), wait, how.deadlineMs))
      return
    }
    await clock.wait(Math.min(wait, deadline - now), signal)
    // An order of this run that the source has not taken up yet was not asked for: it is no order of unknown fate.
    notes = (await ledger.notes(sourceId)).filter((note) => note.state !== 'asking' || !asking.has(note.order))
  }
}

/** Which recordings an answer speaks of. Throws ProtocolError where it could be any of several: one is not to pass for another. */
function tasksOf({ recordingId, cameraId, view }: Preparation, waiting: ReadonlySet<Task>): Task[] {
  const about = [...waiting].filter(
    ({ recording }) =>
      recording.id === recordingId &&
      (cameraId === undefined || recording.cameraId === cameraId) &&
      (view === undefined || (recording.view ?? '') === view),
  )
  if (about.length <= 1) return about
  throw new ProtocolError(
    `The source says that ${recordingId} is ready or not, but ${about.length} recordings have that id; it has to name camera and view.`,
  )
}

/** Within what is sensible, whatever a source asks for. */
export function waitMs(askAgainAfterMs: number): number {
  return Math.min(
    Math.max(Number.isFinite(askAgainAfterMs) ? askAgainAfterMs : defaultWaitMs, shortestWaitMs),
    longestWaitMs,
  )
}

/** A deadline of 0 means that nobody wanted to wait: then none has passed. */
export function notReadyYet(now: number, askAgainAfterMs: number, deadlineMs: number): Outcome {
  return {
    outcome: 'pending',
    reason: 'The source is still getting it ready.',
    askAgainAt: now + askAgainAfterMs,
    ...(deadlineMs > 0 ? { deadline: now } : {}),
  }
}

async function settle(task: Task, preparation: Preparation, how: Preparing): Promise<boolean> {
  const { state, into, note, bytes, checksum } = preparation
  if (state === 'failed') {
    const message = note?.text ?? 'The source could not get it ready.'
    how.ended(task, { outcome: 'failed', code: 'UNAVAILABLE', message, retryable: false, attempts: 1 })
    return true
  }
  if (state === 'waiting') return false
  if (into === undefined) {
    await how.ready(task, { ...(bytes === undefined ? {} : { bytes }), ...(checksum ? { checksum } : {}) })
  } else if (into.length === 0) {
    how.ended(task, { outcome: 'absent', reason: note?.text ?? 'The order brought nothing.' })
  } else {
    await how.expand(task, into)
  }
  return true
}
