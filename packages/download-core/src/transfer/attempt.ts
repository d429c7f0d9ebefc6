import { DiskError, ProofError, ProtocolError, UnstableError } from '../footage/errors.ts'
import { type Gap, isGap } from '../footage/recording.ts'
import { isNotReady, type NotReady, type OpenedRecording, type OpenFrom } from '../footage/source.ts'
import type { Gather } from './gather.ts'
import type { TransferEvent, TransferJob } from './job.ts'
import { openWithin } from './open-within.ts'
import type { PartFile } from './part-file.ts'
import { createReading, type Reading } from './reading.ts'
import { receive } from './receive.ts'
import { reconcile, resumable } from './reconcile.ts'
import { ensureRoom } from './room.ts'

/** Bytes fetched a second time where a transfer goes on, to compare the seam. */
const overlapBytes = 256 * 1024

/** What one transfer remembers between its tries. */
export interface Course {
  /** The server's ranges cannot be relied on: no more of them in this transfer. */
  wholeOnly: boolean
  /** What is held turned out stale; it goes as soon as its successor comes. */
  stale: string | undefined
  /** How often the recording changed at its source during this transfer. */
  changes: number
}

/** One restart for a new version is fair; a source that goes on changing cannot be read. */
export const mostChanges = 1

/** How one exchange ended, if it did not throw. */
export type AttemptEnd =
  | { readonly end: 'received'; readonly reply: OpenedRecording }
  | { readonly end: 'answer'; readonly answer: NotReady | Gap }
  /** Not to be gone on with; ask for the whole at once. */
  | { readonly end: 'again' }

/** One exchange: opens, decides what the reply is good for, receives it. Throws what went wrong, the bytes so far kept. */
export async function* attempt(
  job: TransferJob,
  part: PartFile,
  course: Course,
): AsyncGenerator<TransferEvent, AttemptEnd, undefined> {
  const { recording, signal } = job
  const policy = recording.resume
  const held = course.wholeOnly || course.stale !== undefined || !resumable(policy, part.facts) ? 0 : part.bytes
  const from = openFrom(part, held)
  await ensureRoom(job, part.bytes, recording.bytes ?? part.facts?.total)
  const exchange = new AbortController()
  const onAbort = () => exchange.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let reading: Reading | undefined
  let gather: Gather | undefined
  let whole = false
  try {
    const answer = await openWithin(job, from, exchange)
    if (isGap(answer)) return { end: 'answer', answer }
    if (isNotReady(answer)) return { end: 'answer', answer }
    reading = createReading(answer.body, {
      clock: job.clock,
      idleMs: job.idleMs ?? 30_000,
      minBytesPerSecond: job.minBytesPerSecond ?? 64,
      signal,
    })
    refuseOtherLength(job, answer)
    const decision = reconcile(policy, part.facts, held, answer)
    if (decision.do === 'ask-again') {
      if (from.byte === 0) throw new ProtocolError(`Asked for the whole recording, but ${decision.reason}.`)
      if (decision.changed) isStale(course, decision.reason)
      else course.wholeOnly = true
      return { end: 'again' }
    }
    if (decision.do === 'replace') {
      if (decision.changed && course.stale === undefined && part.bytes > 0) isStale(course, decision.reason)
      // Up to the overlap, going on would fetch everything again anyway.
      const few = from.byte === 0 && held > 0 && !decision.changed
      yield* replace(
        part,
        answer,
        course.stale ?? (few ? 'so little was held that it is fetched again' : decision.reason),
      )
      course.stale = undefined
    } else {
      if (answer.totalBytes !== undefined) part.learn({ total: answer.totalBytes })
      yield { type: 'resumed', atByte: held }
    }
    await ensureRoom(job, part.bytes, answer.totalBytes)
    await part.opened()
    gather = part.gather()
    const received = yield* receive(job, part, gather, answer, reading)
    if (received === 'differs') {
      await gather.flush()
      isStale(course, 'the bytes around the seam changed at the source')
      return { end: 'again' }
    }
    await gather.flush()
    whole = true
    return { end: 'received', reply: answer }
  } catch (error) {
    // A disk that fails now is the graver news, unless the user is leaving anyway.
    if (gather && !(error instanceof DiskError)) await keepBytes(gather, resumable(policy, part.facts), signal)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    reading?.close()
    if (!whole || !reading?.ended) exchange.abort()
    if (!whole) {
      await gather?.flush().catch(() => {})
    }
  }
}

/** Throws UnstableError where that happens too often. */
function isStale(course: Course, reason: string): void {
  course.stale = reason
  if (++course.changes > mostChanges) {
    throw new UnstableError(`The recording keeps changing while it is read: ${reason}.`)
  }
}

function openFrom(part: PartFile, held: number): OpenFrom {
  const byte = Math.max(0, held - overlapBytes)
  if (byte === 0 || !part.facts) return { byte: 0 }
  const { validator, representation, total } = part.facts
  return {
    byte,
    representation,
    ...(validator === undefined ? {} : { validator }),
    ...(total === undefined ? {} : { totalBytes: total }),
  }
}

function refuseOtherLength({ recording }: TransferJob, { totalBytes }: OpenedRecording): void {
  if (totalBytes === undefined || recording.bytes === undefined || totalBytes === recording.bytes) return
  throw new ProofError(`The list states ${recording.bytes} bytes, the server ${totalBytes}.`, { code: 'WRONG_LENGTH' })
}

async function* replace(
  part: PartFile,
  reply: OpenedRecording,
  reason: string,
): AsyncGenerator<TransferEvent, void, undefined> {
  const wastedBytes = part.bytes
  part.wasted += wastedBytes
  await part.restart({
    representation: reply.representation,
    ...(reply.validator === undefined ? {} : { validator: reply.validator }),
    ...(reply.totalBytes === undefined ? {} : { total: reply.totalBytes }),
  })
  if (wastedBytes > 0) yield { type: 'restarted', wastedBytes, reason }
}

async function keepBytes(gather: Gather, worthNoting: boolean, signal: AbortSignal): Promise<void> {
  try {
    await (worthNoting ? gather.checkpoint() : gather.flush())
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
