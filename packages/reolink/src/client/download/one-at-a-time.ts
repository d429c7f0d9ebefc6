import type { OpenedRecording } from '@cam/download-core/source'

/** Devices play one recording at a time: the next one waits until the body of the one before is read or closed. PROTOCOL.md §4.2. */
export function createTurnstile() {
  let last: Promise<void> = Promise.resolve()

  /** Resolves when it is its turn, with what ends it. Rejects with the signal's reason. */
  const enter = async (signal: AbortSignal): Promise<() => void> => {
    signal.throwIfAborted()
    const before = last
    let leave = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    last = before.then(() => left)
    let onAbort = () => {}
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      await Promise.race([before, aborted])
      return leave
    } catch (error) {
      leave()
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  return {
    async run<T extends object>(signal: AbortSignal, open: () => Promise<T | OpenedRecording>) {
      const leave = await enter(signal)
      try {
        const opened = await open()
        if (!('body' in opened)) {
          leave()
          return opened
        }
        return { ...opened, body: leavingAtItsEnd(opened.body, signal, leave) }
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}

/** The body, and the word when it is over: read, failed, closed, or given up by its signal before anybody read it. */
function leavingAtItsEnd(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  leave: () => void,
): AsyncIterable<Uint8Array> {
  const inner = body[Symbol.asyncIterator]()
  const end = () => {
    signal.removeEventListener('abort', end)
    leave()
  }
  signal.addEventListener('abort', end, { once: true })
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const result = await inner.next()
      if (result.done) end()
      return result
    } catch (error) {
      end()
      throw error
    }
  }
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      await inner.return?.()
    } finally {
      end()
    }
    return { done: true, value: undefined }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) }
}
