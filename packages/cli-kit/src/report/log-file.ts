import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '@cam/download-core'
import { UsageError } from '../usage-error.ts'
import { appendedLines, timed } from './appended-lines.ts'

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
  const lines = appendedLines(file, path, warn)
  return {
    line: (text) => lines.write(text === '' ? '' : timed(text, clock.now())),
    close: lines.close,
  }
}
