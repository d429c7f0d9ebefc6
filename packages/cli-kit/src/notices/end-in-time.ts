import type { Clock } from '@cam/download-core'
import type { Interruption } from '../interruption.ts'
import type { HowItEnded } from './run-notice.ts'

/** So long may all notices at the end of a run take. */
const patienceMs = 120_000
/** Whoever stops a service kills it ten seconds later, if it is a container. */
const interruptedMs = 8000
/** So long may what was told of the beginning go on; of an interrupted run not at all. */
const beginningMs = 15_000

/** What bounds the end of a run. */
export interface EndInTime {
  readonly clock: Clock
  readonly interruption: Interruption
  readonly how: HowItEnded
  /** Gives up what was told of the beginning. */
  readonly during: AbortController
  /** Nobody is told, so nothing has to be bounded. */
  readonly isIdle: boolean
}

/** Does the work with a signal that ends it in time, or when the user asks (again) to end at once. */
export async function withDeadline(
  { clock, interruption, how, during, isIdle }: EndInTime,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const now = new AbortController()
  if (isIdle) return await work(now.signal)
  const done = new AbortController()
  const giveUp = (why: string, ...all: AbortController[]) => {
    for (const one of all) one.abort(new DOMException(why, 'AbortError'))
  }
  const after = (ms: number, then: () => void) => {
    // Over before its time: nothing is to be given up.
    clock.wait(ms, done.signal).then(then, () => {})
  }
  const onAbort = () => giveUp('the program was told to end at once.', during, now)
  if (how.interrupted) giveUp('the run was interrupted.', during)
  else after(beginningMs, () => giveUp('the run is over.', during))
  after(how.interrupted ? interruptedMs : patienceMs, () => giveUp('the run has waited long enough.', during, now))
  if (!interruption.abort.aborted) interruption.abort.addEventListener('abort', onAbort, { once: true })
  try {
    await work(now.signal)
  } finally {
    done.abort()
    interruption.abort.removeEventListener('abort', onAbort)
  }
}
