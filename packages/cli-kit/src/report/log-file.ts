import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '@cam/download-core'
import { UsageError } from '../usage-error.ts'

/** Lines with times, added to a file that only its owner can read. */
export interface LogFile {
  line(text: string): void
  /** Resolves when everything is written, or could not be. */
  close(): Promise<void>
}

/** Throws UsageError where the file cannot be opened. A disk that fills up later is said once and then left alone. */
export async function openLogFile(path: string, clock: Clock, warn: (text: string) => void): Promise<LogFile> {
  let file: FileHandle
  try {
    file = await open(path, 'a', 0o600)
  } catch (error) {
    throw new UsageError(`--log-file: "${path}" cannot be written (${(error as NodeJS.ErrnoException).code}).`)
  }
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
    line(text) {
      if (broken || text === '') return
      waiting.push(`${new Date(clock.now()).toISOString()} ${text}\n`)
      writing ??= drain()
    },
    async close() {
      await writing
      await file.close().catch(() => {})
    },
  }
}
