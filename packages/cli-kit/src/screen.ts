import type { OutputStream, Surroundings } from './surroundings.ts'

/** Both output streams and the one status line, so that no line is ever glued to another. */
export interface Screen {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Draws over the status line; `undefined` takes it away. Does nothing unless stderr is a terminal. */
  readonly status: (text: string | undefined) => void
  /** Columns of the terminal on stderr; `undefined` where there is none. */
  readonly columns: () => number | undefined
  /** Whether words may be coloured, for each stream. */
  readonly colour: { readonly out: boolean; readonly err: boolean }
  /** Resolves when everything written so far has left the process, or cannot any more. */
  flush(): Promise<void>
  /** Aborted once nobody reads stdout any more. */
  readonly broken: AbortSignal
  close(): void
}

const eraseLine = '\r\u001b[K'

export function openScreen({ stdout, stderr, env }: Pick<Surroundings, 'stdout' | 'stderr' | 'env'>): Screen {
  const broken = new AbortController()
  const dead = new Set<OutputStream>()
  for (const stream of [stdout, stderr]) {
    // Never taken off again: a late EPIPE must not become a stack trace.
    stream.on('error', () => {
      dead.add(stream)
      if (stream === stdout) broken.abort()
    })
  }
  const colour = (stream: OutputStream) => Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
  let shown: string | undefined
  const write = (stream: OutputStream, text: string) => {
    if (!dead.has(stream)) stream.write(text)
  }
  const line = (stream: OutputStream) => (text: string) => {
    if (shown !== undefined) write(stderr, eraseLine)
    write(stream, `${text}\n`)
    if (shown !== undefined) write(stderr, shown)
  }
  return {
    out: line(stdout),
    err: line(stderr),
    status(text) {
      if (!stderr.isTTY || text === shown) return
      write(stderr, text === undefined ? eraseLine : `${eraseLine}${text}`)
      shown = text
    },
    columns: () => (stderr.isTTY ? (stderr.columns ?? 80) : undefined),
    colour: { out: colour(stdout), err: colour(stderr) },
    async flush() {
      await Promise.all([stdout, stderr].map((stream) => (dead.has(stream) ? undefined : drained(stream))))
    },
    broken: broken.signal,
    close() {
      if (shown !== undefined) write(stderr, eraseLine)
      shown = undefined
    },
  }
}

function drained(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('error', done)
      stream.off('close', done)
      resolve()
    }
    stream.once('error', done)
    stream.once('close', done)
    stream.write('', done)
  })
}
