import type { Clock } from '@cam/download-core/source'

/** Keeps exports apart. */
export interface Pacing {
  /** Resolves when the next export may be asked for. */
  turn(signal: AbortSignal): Promise<void>
  /** The same body; where it ends, the pause begins. */
  paced(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** An export ended without a body. */
  ended(): void
}

/** `pauseMs` from the end of one export to the next; none before the first. */
export function createPacing(pauseMs: number, clock: Clock): Pacing {
  let notBefore: number | undefined
  const ended = () => {
    notBefore = clock.monotonic() + pauseMs
  }
  return {
    ended,
    async turn(signal) {
      signal.throwIfAborted()
      const waitMs = notBefore === undefined ? 0 : notBefore - clock.monotonic()
      if (waitMs > 0) await clock.wait(waitMs, signal)
    },
    paced(body) {
      const inner = body[Symbol.asyncIterator]()
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            try {
              const step = await inner.next()
              if (step.done) ended()
              return step
            } catch (error) {
              ended()
              throw error
            }
          },
          async return() {
            ended()
            await inner.return?.()
            return { done: true, value: undefined }
          },
        }),
      }
    },
  }
}
