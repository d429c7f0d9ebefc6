/** Hands events from workers to the one who reads them, in order. */
export interface Channel<T> extends AsyncIterable<T> {
  push(item: T): void
  /** What was pushed is still read. */
  end(): void
  fail(error: unknown): void
}

/** A channel for any number of writers and one reader. */
export function createChannel<T>(): Channel<T> {
  const items: T[] = []
  let ended: { readonly error?: unknown } | undefined
  let wake = () => {}
  return {
    push(item) {
      items.push(item)
      wake()
    },
    end() {
      ended ??= {}
      wake()
    },
    fail(error) {
      ended ??= { error }
      wake()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (const item of items.splice(0)) yield item
        if (items.length > 0) continue
        if (ended) {
          if ('error' in ended) throw ended.error
          return
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
