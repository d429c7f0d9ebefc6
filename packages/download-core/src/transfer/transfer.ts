import { dirname } from 'node:path'
import { IncompleteError, isCamError, ProofError } from '../footage/errors.ts'
import type { KeptFile } from '../footage/outcome.ts'
import { type Gap, isGap } from '../footage/recording.ts'
import type { NotReady, OpenedRecording } from '../footage/source.ts'
import { createRetryBudget, progressBytes, waitUnlessStopped } from '../retry.ts'
import { type AttemptEnd, attempt, type Course, mostChanges } from './attempt.ts'
import type { Published, TransferEvent, TransferJob } from './job.ts'
import { openPart, type PartFile, partsFolder } from './part-file.ts'
import { publish, removeQuietly } from './publish.ts'
import { findFinished } from './recover.ts'
import { repeats } from './repeat.ts'
import { type Proved, prove } from './verify.ts'

/** Two fetches may differ once, by an accident of the network. */
const mostDisagreements = 1

/**
 * Brings ONE recording into ONE file: fetched, resumed where that is safe, proved, flushed, and only then given its name.
 * Returns what was published, or why there is nothing yet. Throws CamError where the tries are used up or useless, DiskError
 * for the archive's own disk, and the signal's own reason after an abort; what may be continued stays as a part.
 */
export async function* transfer(
  job: TransferJob,
): AsyncGenerator<TransferEvent, Published | NotReady | Gap, undefined> {
  const { fileSystem, recording, signal } = job
  signal.throwIfAborted()
  const folder = await partsFolder(fileSystem, job.root)
  const identity = {
    sourceId: job.sourceId,
    cameraId: recording.cameraId,
    view: recording.view ?? '',
    recordingId: recording.id,
  }
  const part = await openPart(fileSystem, folder, identity, job.clock)
  try {
    return (await finishEarlier(job, part)) ?? (yield* fetchAndPublish(job, part))
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw error
  } finally {
    await part.close()
  }
}

/** Completes what an earlier run had proved, without asking the source again. */
async function finishEarlier(job: TransferJob, part: PartFile): Promise<Published | undefined> {
  if (!part.finished) return undefined
  const found = await findFinished(job.fileSystem, job.root, part, job.recording)
  if (!found) {
    await part.unfinish()
    return undefined
  }
  const { kept, extension } = found.finished
  if (found.state === 'named') {
    await part.removeBytes()
    // The earlier run may have died before it synced any of them.
    const folders: string[] = []
    for (let at = dirname(found.target!); at.length >= job.root.length && !folders.includes(at); at = dirname(at)) {
      folders.push(at)
    }
    return published(part, kept, folders)
  }
  const { path: _path, ...proved } = kept
  return name(job, part, extension, proved)
}

async function* fetchAndPublish(
  job: TransferJob,
  part: PartFile,
): AsyncGenerator<TransferEvent, Published | NotReady | Gap, undefined> {
  const { recording, clock, signal, stop } = job
  const budget = createRetryBudget(job.retry)
  const course: Course = { wholeOnly: false, stale: undefined, changes: 0 }
  let furthest = part.bytes
  let received: OpenedRecording | undefined
  let again: Unrepeated | undefined
  let disagreements = 0
  let empty = false
  for (;;) {
    signal.throwIfAborted()
    try {
      part.attempts++
      if (!received) {
        const ended: AttemptEnd = yield* attempt(job, part, course)
        if (ended.end === 'answer') {
          // Nothing more will come to what is held of it.
          if (isGap(ended.answer) && ended.answer.outcome !== 'pending') await removeQuietly(part)
          return ended.answer
        }
        if (ended.end === 'again') continue
        received = ended.reply
      }
      if (again) {
        const answer = await repeats(job, again)
        if (typeof answer === 'object') return answer
        if (answer !== 'same') {
          if (++disagreements > mostDisagreements) {
            throw new ProofError('Nobody states its length, and it is another one each time it is fetched.', {
              code: 'UNPROVABLE',
            })
          }
          // One of the two was cut without anybody noticing; a longer second one says which.
          if (answer === 'longer') {
            received = undefined
            again = undefined
            course.stale = 'fetched again, it was longer'
          }
          continue
        }
      }
      const verdict = await check(job, part, received, again !== undefined)
      if ('unproved' in verdict) {
        if (verdict.unproved !== 'repeat' || again) {
          received = undefined
          // There is nothing in it to go on with.
          if (verdict.unproved === 'empty') course.stale = 'it held not one picture'
          empty = verdict.unproved === 'empty'
          throw new IncompleteError(verdict.why, { receivedBytes: part.bytes })
        }
        again = { bytes: part.bytes, sha256: part.sha256() }
        yield { type: 'warning', text: `${verdict.why} It is fetched a second time and compared.` }
        continue
      }
      return await name(job, part, extensionOf(received, recording.extension), verdict)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const progressed = part.bytes - furthest >= progressBytes
      furthest = Math.max(furthest, part.bytes)
      const next = course.changes > mostChanges || stop?.aborted ? undefined : budget.next(error, progressed)
      if (next) {
        yield { type: 'retrying', ...next, error }
        if (await waitUnlessStopped(clock, next.inMs, signal, stop)) continue
      }
      const useless = empty || course.changes > mostChanges || isUseless(error)
      if (recording.resume === 'never' || useless) await removeQuietly(part)
      throw error
    }
  }
}

type Unrepeated = { readonly bytes: number; readonly sha256: string }

/** No later run could go on with these bytes. */
function isUseless(error: unknown): boolean {
  return error instanceof ProofError || (isCamError(error) && error.code === 'EXPIRED')
}

async function check(job: TransferJob, part: PartFile, reply: OpenedRecording, repeated: boolean) {
  const total = reply.totalBytes ?? part.facts?.total
  return prove(await part.opened(), {
    recording: job.recording,
    bytes: part.bytes,
    sha256: part.sha256(),
    statedLengths: total === undefined ? [] : [{ by: 'the server', bytes: total }],
    repeated,
    ...(reply.checksum === undefined ? {} : { checksum: reply.checksum }),
    ...(reply.actual === undefined ? {} : { actual: reply.actual }),
  })
}

function extensionOf(reply: OpenedRecording, listed: string): string {
  for (const extension of [reply.extension, listed]) {
    if (extension !== undefined && /^[a-z0-9]{1,10}$/i.test(extension)) return extension
  }
  return 'bin'
}

async function name(job: TransferJob, part: PartFile, extension: string, proved: Proved): Promise<Published> {
  const refused = await job.refuse?.(proved)
  if (refused !== undefined) throw new ProofError(refused, { code: 'WORSE' })
  const endsAt = proved.covers.at(-1)?.end ?? job.recording.window?.end
  const { path, folders, adopted } = await publish(job, part, extension, proved, endsAt)
  return published(part, { path, ...proved, ...(adopted ? { adopted } : {}) }, folders)
}

function published(part: PartFile, kept: KeptFile, folders: readonly string[]): Published {
  return { kept, folders, attempts: Math.max(1, part.attempts), forget: () => part.remove() }
}
