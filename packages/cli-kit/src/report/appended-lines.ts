import type { FileHandle } from 'node:fs/promises'

/** Text added to an open file, in order and without waiting. */
export interface AppendedLines {
  write(text: string): void
  /** Resolves when everything is written, or could not be. */
  close(): Promise<void>
}

/** A disk that fills up is said once and then left alone. */
export function appendedLines(file: FileHandle, path: string, warn: (text: string) => void): AppendedLines {
  let waiting: string[] = []
  let writing: Promise<void> | undefined
  let broken = false
  const drain = async () => {
    while (waiting.length > 0 && !broken) {
      const text = waiting.join('')
      waiting = []
      try {
        await file.appendFile(text)
      } catch (error) {
        broken = true
        warn(`The log file ${path} cannot be written any more (${(error as NodeJS.ErrnoException).code}).`)
      }
    }
    writing = undefined
  }
  return {
    write(text) {
      if (broken || text === '') return
      waiting.push(text)
      writing ??= drain()
    },
    async close() {
      await writing
      await file.close().catch(() => {})
    },
  }
}

/** A line with its time in front, in UTC. */
export function timed(text: string, now: number): string {
  return `${new Date(now).toISOString()} ${text}\n`
}
