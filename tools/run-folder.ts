import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * One folder for the temporary files of a whole run: what a test leaves behind, or one that was cut off, goes with it.
 * A server that changes to another user may pass through it.
 */
export default function setup(): () => void {
  const { env } = process
  const before = env.TMPDIR
  const folder = mkdtempSync(join(tmpdir(), 'cam-tests-'))
  chmodSync(folder, 0o755)
  env.TMPDIR = folder
  return () => {
    if (before === undefined) delete env.TMPDIR
    else env.TMPDIR = before
    rmSync(folder, { recursive: true, force: true })
  }
}
