import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cam-archive-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An empty folder that is gone after the run, for what several tests share. */
export function folderForSuite(): string {
  return mkdtempSync(join(tmpdir(), 'cam-suite-'))
}

/** Every file outside `.cam`, with its SHA-256. */
export function sums(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder)
      .filter((path) => !path.startsWith('.cam'))
      .map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]),
  )
}

/** What is left of transfers that did not end. */
export function leftovers(folder: string): string[] {
  return filesBelow(folder).filter((path) => /\.part$|\.tmp$/.test(path) || path.startsWith('.cam/locks/'))
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()
}
