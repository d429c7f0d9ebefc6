import { TimeoutError } from '../footage/errors.ts'
import type { Gap } from '../footage/recording.ts'
import type { NotReady, OpenedRecording, OpenFrom } from '../footage/source.ts'
import type { TransferJob } from './job.ts'

/** Opens with a limit on how long that may take, whatever the source does with its signal. Aborts `exchange` when it is over. */
export async function openWithin(
  job: TransferJob,
  from: OpenFrom,
  exchange: AbortController,
): Promise<OpenedRecording | NotReady | Gap> {
  const limitMs = job.openMs ?? 120_000
  const timer = new AbortController()
  let over = false
  const { signal } = exchange
  try {
    return await new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        over = true
        reject(reason)
        exchange.abort(reason)
      }
      const onAbort = () => giveUp(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      job.clock.wait(limitMs, timer.signal).then(
        () => giveUp(new TimeoutError(`No answer for ${limitMs / 1000} s.`, { phase: 'first-byte', limitMs })),
        () => {},
      )
      Promise.resolve()
        .then(() => job.open(from, { signal }))
        .then((answer) => {
          if (over && 'body' in answer)
            answer.body[Symbol.asyncIterator]()
              .return?.()
              .then(undefined, () => {})
          resolve(answer)
        }, reject)
        .finally(() => signal.removeEventListener('abort', onAbort))
    })
  } finally {
    timer.abort()
  }
}
