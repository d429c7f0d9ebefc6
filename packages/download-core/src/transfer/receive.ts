import { IncompleteError, ProofError } from '../footage/errors.ts'
import type { OpenedRecording } from '../footage/source.ts'
import type { Gather } from './gather.ts'
import type { TransferEvent, TransferJob } from './job.ts'
import type { PartFile } from './part-file.ts'
import { createProgress } from './progress.ts'
import type { Reading } from './reading.ts'

/** A server that has sent everything and then says nothing more need not be waited for. */
const endWaitMs = 500

/** `differs`: the bytes around the seam are not those held, so that this is another version. */
export type Received = 'all' | 'differs'

/**
 * Reads one reply into the part: first compares what overlaps with the bytes held, then adds the rest, and never more than the
 * reply's own total. Throws IncompleteError where it ends early, ProofError where it outgrows the size the list states.
 */
export async function* receive(
  job: TransferJob,
  part: PartFile,
  gather: Gather,
  reply: OpenedRecording,
  reading: Reading,
): AsyncGenerator<TransferEvent, Received, undefined> {
  const { recording, speedLimit, signal } = job
  const limit = reply.totalBytes
  const held = part.bytes
  const most = limit ?? recording.bytes
  const progress = createProgress(job.clock, held)
  let at = reply.startsAtByte
  for (;;) {
    const chunk = at === limit ? await trailing(job, reading) : await reading.next()
    if (!chunk) break
    if (chunk.byteLength === 0) continue
    await speedLimit?.take(chunk.byteLength, signal)
    const wanted = limit === undefined ? chunk : chunk.subarray(0, Math.max(0, limit - at))
    const known = Math.min(wanted.byteLength, Math.max(0, held - at))
    if (known > 0 && !(await equals(part, at, wanted.subarray(0, known)))) return 'differs'
    if (known < wanted.byteLength) await gather.push(wanted.subarray(known))
    at += wanted.byteLength
    if (wanted.byteLength < chunk.byteLength) {
      yield { type: 'warning', text: `The server sent more than the ${limit} bytes it stated; the rest was left out.` }
      reading.close()
      break
    }
    if (limit === undefined && most !== undefined && at > most) {
      throw new ProofError(`The list states ${most} bytes; the server sends more.`, { code: 'WRONG_LENGTH' })
    }
    if (at > held) {
      const event = progress.at(at, most)
      if (event) yield event
    }
  }
  if (most !== undefined && at < most) {
    throw new IncompleteError(`The transfer ended after ${at} of ${most} bytes.`, {
      receivedBytes: at,
      expectedBytes: most,
    })
  }
  return at < held ? 'differs' : 'all'
}

/** After the last byte: the end of the exchange, whatever comes first. What breaks now no longer touches the recording. */
async function trailing(job: TransferJob, reading: Reading): Promise<Uint8Array | undefined> {
  const timer = new AbortController()
  const waited = job.clock.wait(endWaitMs, timer.signal).then(
    () => undefined,
    () => undefined,
  )
  try {
    return await Promise.race([reading.next(), waited])
  } catch (error) {
    if (job.signal.aborted) throw error
    return undefined
  } finally {
    timer.abort()
  }
}

async function equals(part: PartFile, position: number, bytes: Uint8Array): Promise<boolean> {
  const file = await part.opened()
  const own = new Uint8Array(Math.min(bytes.byteLength, 262_144))
  for (let done = 0; done < bytes.byteLength; ) {
    const piece = bytes.subarray(done, done + own.byteLength)
    const filled = await file.read(own.subarray(0, piece.byteLength), position + done)
    if (filled !== piece.byteLength || Buffer.compare(piece, own.subarray(0, filled)) !== 0) return false
    done += filled
  }
  return true
}
