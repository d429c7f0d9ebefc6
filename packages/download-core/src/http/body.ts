import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import { IncompleteError, TimeoutError } from '../footage/errors.ts'
import { deadline, idleWatch } from './deadline.ts'

/** Read ahead while nobody asks, so that network and disk work at the same time. */
const readAheadBytes = 256 * 1024
/** Draining more than this costs more than a new connection. */
const drainBytes = 64 * 1024
const drainMs = 2000

/** What a body is read with: its stated length, its time limit, and the way to end it. */
export interface BodyOptions {
  readonly expectedBytes: number | undefined
  readonly idleMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly what: string
  /** Closes the connection. */
  close(): void
}

/** A body that is read once, or discarded. */
export interface Body extends AsyncIterable<Uint8Array> {
  discard(): Promise<void>
  /** The exchange broke, whatever the parser makes of it. */
  fail(error: unknown): void
}

/** A reply's body as a single-use iterable with back-pressure, counted against the stated length. */
export function receiveBody(response: IncomingMessage, options: BodyOptions): Body {
  const { expectedBytes, idleMs, clock, signal, what, close } = options
  const queue: Uint8Array[] = []
  let queuedBytes = 0
  let receivedBytes = 0
  let state: 'open' | 'ended' | 'failed' = 'open'
  let failure: unknown
  let wake: (() => void) | undefined

  const settle = (next: 'ended' | 'failed', error?: unknown) => {
    if (state !== 'open') return
    state = next
    failure = error
    signal.removeEventListener('abort', onAbort)
    idle.end()
    if (next === 'failed') close()
    wake?.()
  }
  const fail = (error: unknown) => settle('failed', error)
  const onAbort = () => {
    queue.length = 0
    fail(signal.reason)
  }
  const idle = idleWatch(clock, idleMs, () =>
    fail(
      new TimeoutError(`${what}: no data for ${idleMs} ms after ${receivedBytes} bytes.`, {
        phase: 'idle',
        limitMs: idleMs,
      }),
    ),
  )
  const cutShort = (cause?: unknown) => {
    // Every connection that closes comes here, most of them long after the body's end.
    if (state !== 'open') return
    fail(
      new IncompleteError(
        `${what}: the connection ended after ${receivedBytes}${expectedBytes === undefined ? '' : ` of ${expectedBytes}`} bytes.`,
        { receivedBytes, ...(expectedBytes === undefined ? {} : { expectedBytes }), cause },
      ),
    )
  }

  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  response.on('data', (chunk: Uint8Array) => {
    if (state !== 'open') return
    receivedBytes += chunk.byteLength
    queuedBytes += chunk.byteLength
    queue.push(chunk)
    if (queuedBytes >= readAheadBytes) response.pause()
    wake?.()
  })
  response.once('end', () => {
    if (response.complete && (expectedBytes === undefined || receivedBytes === expectedBytes)) settle('ended')
    else cutShort()
  })
  response.once('error', cutShort)
  response.once('close', () => cutShort())
  response.resume()

  async function next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = queue.shift()
      if (chunk) {
        queuedBytes -= chunk.byteLength
        if (queuedBytes < readAheadBytes / 2 && response.isPaused()) response.resume()
        return { done: false, value: chunk }
      }
      if (state === 'ended') return { done: true, value: undefined }
      if (state === 'failed') throw failure
      idle.waiting()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      wake = undefined
      idle.fed()
    }
  }

  const end = () => {
    queue.length = 0
    if (state === 'open') {
      settle('ended')
      close()
    }
  }

  return {
    fail: cutShort,
    [Symbol.asyncIterator]: () => ({
      next,
      async return() {
        end()
        return { done: true, value: undefined }
      },
    }),
    async discard() {
      const rest = expectedBytes === undefined ? 0 : expectedBytes - receivedBytes
      const cancel = rest > drainBytes ? undefined : deadline(clock, drainMs, end)
      try {
        for (let bytes = 0; cancel && bytes <= drainBytes; ) {
          const result = await next()
          if (result.done) return
          bytes += result.value.byteLength
        }
      } catch {
        // The connection is gone either way, and nobody wants these bytes.
      } finally {
        cancel?.()
        end()
      }
    },
  }
}
