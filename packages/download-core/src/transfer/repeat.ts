import { createHash } from 'node:crypto'
import { ProtocolError } from '../footage/errors.ts'
import { type Gap, isGap } from '../footage/recording.ts'
import { isNotReady, type NotReady } from '../footage/source.ts'
import type { TransferJob } from './job.ts'
import { openWithin } from './open-within.ts'
import { createReading, type Reading } from './reading.ts'

/**
 * Fetches the recording a second time and compares it with the first. Nothing is written. `longer`: it goes on where the first
 * ended. Throws whatever the transfer itself may throw.
 */
export async function repeats(
  job: TransferJob,
  first: { readonly bytes: number; readonly sha256: string },
): Promise<'same' | 'longer' | 'other' | NotReady | Gap> {
  const exchange = new AbortController()
  const onAbort = () => exchange.abort(job.signal.reason)
  job.signal.addEventListener('abort', onAbort, { once: true })
  let reading: Reading | undefined
  try {
    const answer = await openWithin(job, { byte: 0 }, exchange)
    if (isGap(answer)) return answer
    if (isNotReady(answer)) return answer
    reading = createReading(answer.body, {
      clock: job.clock,
      idleMs: job.idleMs ?? 30_000,
      minBytesPerSecond: job.minBytesPerSecond ?? 64,
      signal: job.signal,
    })
    if (answer.startsAtByte !== 0) throw new ProtocolError('Asked for the whole recording, but only a part was sent.')
    const hash = createHash('sha256')
    let bytes = 0
    for (let chunk = await reading.next(); chunk; chunk = await reading.next()) {
      await job.speedLimit?.take(chunk.byteLength, job.signal)
      hash.update(chunk)
      bytes += chunk.byteLength
      if (bytes > first.bytes) break
    }
    if (bytes > first.bytes) return 'longer'
    return bytes === first.bytes && hash.digest('hex') === first.sha256 ? 'same' : 'other'
  } finally {
    job.signal.removeEventListener('abort', onAbort)
    reading?.close()
    if (!reading?.ended) exchange.abort()
  }
}
