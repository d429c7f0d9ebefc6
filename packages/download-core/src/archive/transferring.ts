import type { CamError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { Gap, Recording } from '../footage/recording.ts'
import { ensureRoom } from '../transfer/room.ts'
import { createBreaker } from './breaker.ts'
import type { ArchiveEvent } from './events.ts'
import { asCamError, type Failed, failedOf, interrupted, notTried } from './failure.ts'
import { type Keeping, type KeepResult, keep } from './keep.ts'
import type { Ledger } from './ledger.ts'
import { keyText } from './memory-ledger.ts'
import { notReadyYet, prepareAll, waitMs } from './prepare.ts'
import { createQueue, type Task } from './queue.ts'
import { createRecorder, type Ended } from './recorder.ts'
import type { Tally } from './tally.ts'
import { createWake } from './wake.ts'

/** What all transfers of a run share. */
export interface Transferring extends Omit<Keeping, 'stop' | 'notice' | 'warn'> {
  readonly ledger: Ledger
  readonly runId: string
  readonly transfers: number
  readonly transfersPerCamera: number
  readonly pendingDeadlineMs: number
  readonly tally: Tally
  /** The user's wish to end gently. */
  readonly stopAsked: AbortSignal
  push(event: ArchiveEvent): void
  /** An order turned out to be several recordings: plans them and answers with what has to be fetched. */
  expand(task: Task, into: readonly (Recording | Gap)[]): Promise<Task[]>
}

/** Why a run took no more work. */
export interface Halt {
  readonly reason: string
  readonly error?: CamError
  /** The outcome of everything that was not tried. */
  readonly rest: Failed
}

/** Works until every task has an outcome in the ledger. Throws only where the ledger cannot be written. */
export async function transferAll(tasks: readonly Task[], how: Transferring): Promise<Halt | undefined> {
  const { clock, source, tally, push } = how
  const queue = createQueue()
  const wake = createWake(clock)
  const breaker = createBreaker()
  const halting = new AbortController()
  const running = new Map<string, number>()
  const tasksOf = new Map<string, Task>()
  let active = 0
  let preparing = 0
  let pausedUntil = 0
  let halted: Halt | undefined
  let broken: { readonly error: unknown } | undefined
  const keeping: Keeping = {
    ...how,
    stop: halting.signal,
    notice: (text) => push({ type: 'notice', text }),
    warn: ({ camera, recording, path }, text) => push({ camera, recording, path, type: 'warning', text }),
  }

  const recorder = createRecorder({
    ...how,
    recorded({ key, outcome, error, already = false }) {
      tally.count(outcome, already)
      const { camera, recording } = tasksOf.get(keyText(key))!
      tasksOf.delete(keyText(key))
      push({
        type: 'recording-ended',
        camera,
        recording,
        outcome,
        ...(already ? { already } : {}),
        ...(error ? { error } : {}),
      })
      if (error?.stops === 'run') halt({ reason: error.message, error, rest: notTried(error) })
    },
    failed(error) {
      broken ??= { error }
      halt({ reason: asCamError(error).message, error: asCamError(error), rest: notTried(asCamError(error)) })
    },
  })

  function halt(why: Halt): void {
    if (halted) return
    halted = why
    push({ type: 'stopping', reason: why.reason, ...(why.error ? { error: why.error } : {}) })
    halting.abort()
    wake.up()
  }

  function end(task: Task, result: Omit<Ended, 'key'>): void {
    const outcome = stillLost(task, result.outcome)
    tasksOf.set(keyText(task.key), task)
    recorder.add({ ...result, outcome, key: task.key })
    const verdict = breaker.judge(outcome)
    if (result.error?.stops === 'run')
      halt({ reason: result.error.message, error: result.error, rest: notTried(result.error) })
    else if (verdict === 'give-up' && result.error) {
      const reason = `${source.vendor} cannot be reached any more; the rest is left for the next run. ${result.error.message}`
      halt({ reason, error: result.error, rest: notTried(result.error) })
    } else if (typeof verdict === 'object') {
      pausedUntil = clock.monotonic() + verdict.pauseMs
      push({
        type: 'notice',
        text: `${source.vendor} cannot be reached; waiting ${verdict.pauseMs / 1000} s before the next try.`,
      })
    }
  }

  function finish(task: Task, result: KeepResult): void {
    if ('outcome' in result) {
      end(task, result)
      return
    }
    const now = clock.monotonic()
    const wait = waitMs(result.notReady.askAgainAfterMs)
    task.waitingSince ??= now
    const deadline = task.waitingSince + how.pendingDeadlineMs
    // The last question falls on the deadline itself.
    if (now >= deadline) end(task, { outcome: notReadyYet(clock.now(), wait, how.pendingDeadlineMs) })
    else queue.addLater(task, Math.min(now + wait, deadline))
  }

  async function work(task: Task): Promise<void> {
    const { camera, recording, path } = task
    if (task.waitingSince === undefined) push({ type: 'recording-started', camera, recording, path })
    try {
      const steps = keep(task, keeping)
      let step = await steps.next()
      for (; !step.done; step = await steps.next()) push({ camera, recording, path, ...step.value })
      finish(task, step.value)
    } catch (error) {
      const failure = how.signal.aborted ? interrupted() : asCamError(error)
      end(task, { outcome: failedOf(failure, 1), error: failure })
    }
  }

  function start(task: Task): void {
    const id = task.camera.id
    running.set(id, (running.get(id) ?? 0) + 1)
    active++
    void work(task).finally(() => {
      running.set(id, running.get(id)! - 1)
      active--
      wake.up()
    })
  }

  async function order(ordered: readonly Task[]): Promise<void> {
    const left = new Set(ordered)
    const signal = AbortSignal.any([how.signal, halting.signal])
    try {
      await prepareAll(ordered, {
        ...how,
        signal,
        deadlineMs: how.pendingDeadlineMs,
        ensureRoom: () => ensureRoom({ ...how, root: how.folder.root }, 0, undefined),
        async ready(task, known) {
          const recording = { ...task.recording, ...known }
          const { key, camera } = task
          const row = {
            key,
            kind: 'recording',
            camera,
            recording,
            ...(recording.window ? { window: recording.window } : {}),
          } as const
          await how.ledger.plan(how.runId, clock.now(), [row])
          left.delete(task)
          queue.add({ ...task, recording })
          wake.up()
        },
        ended(task, outcome, error) {
          left.delete(task)
          end(task, { outcome, ...(error ? { error } : {}) })
        },
        async expand(task, into) {
          for (const each of await how.expand(task, into)) queue.add(each)
          left.delete(task)
          wake.up()
        },
      })
    } catch (error) {
      const failure = signal.aborted ? undefined : asCamError(error)
      for (const task of left) {
        if (failure) end(task, { outcome: failedOf(failure, 1), error: failure })
        else end(task, { outcome: halted?.rest ?? notTried(interrupted()) })
      }
    }
  }

  const needsOrder = ({ recording }: Task) => recording.order !== undefined && source.prepare !== undefined
  const ordered = tasks.filter(needsOrder)
  for (const task of tasks) if (!needsOrder(task)) queue.add(task)
  if (ordered.length > 0) {
    preparing++
    void order(ordered).finally(() => {
      preparing--
      wake.up()
    })
  }
  using _watching = wake.on(how.signal, how.stopAsked)
  for (;;) {
    if (how.signal.aborted || how.stopAsked.aborted) {
      halt({ reason: 'The run was asked to end.', rest: notTried(interrupted()) })
    }
    if (halted) {
      for (const task of queue.drain()) {
        const asked = task.waitingSince !== undefined
        end(task, { outcome: asked ? notReadyYet(clock.now(), 0, 0) : halted.rest })
      }
    }
    const now = clock.monotonic()
    const room = breaker.trying ? 1 : how.transfers
    while (!halted && now >= pausedUntil && active < room) {
      const task = queue.take(now, (id) => (running.get(id) ?? 0) < how.transfersPerCamera)
      if (!task) break
      start(task)
    }
    if (active === 0 && preparing === 0 && queue.size === 0) break
    const next = queue.size === 0 ? undefined : now < pausedUntil ? pausedUntil : queue.nextAt
    await wake.wait(next === undefined ? undefined : next - now)
  }
  await recorder.flush()
  if (broken) throw broken.error
  return halted
}

/** What was kept once and cannot be had again is lost, however politely the source says so. */
function stillLost(task: Task, outcome: Outcome): Outcome {
  if (!task.lost || (outcome.outcome !== 'absent' && outcome.outcome !== 'expired')) return outcome
  const reason = `${task.lost.reason} It cannot be fetched again: ${outcome.reason}`
  return { outcome: 'lost', reason, final: true }
}
