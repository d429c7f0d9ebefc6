import { type Flags, UsageError } from '@cam/cli-kit'
import type { Ledger, PlanOptions } from '@cam/download-core'

/** What becomes of flags that the tools this one follows needed, said once. Throws UsageError for a contradiction. */
export function remarks(flags: Flags): readonly string[] {
  if (flags.on('verify-ssl') && flags.on('insecure')) {
    throw new UsageError('--verify-ssl and --insecure contradict each other; use one of them.')
  }
  const legacy = ['downloads-before-key-refresh', 'downloads-before-auth-refresh'].filter((name) => flags.given(name))
  const said: readonly [boolean, string][] = [
    [flags.on('verify-ssl'), '--verify-ssl: the certificate is verified in any case.'],
    [
      flags.on('ignore-failed-downloads'),
      '--ignore-failed-downloads: a piece that fails never ends the run here; the exit code says 1 all the same.',
    ],
    [
      flags.on('touch-files') && !flags.on('skip-existing-files'),
      '--touch-files does nothing alone; with --skip-existing-files, pieces that failed before are left out.',
    ],
    [
      legacy.length > 0,
      `${legacy.map((name) => `--${name}`).join(' and ')}: only for consoles before UniFi OS; newer ones say when a login has ended.`,
    ],
  ]
  return said.filter(([applies]) => applies).map(([, text]) => text)
}

const reason = 'It failed in an earlier run, and --touch-files with --skip-existing-files leaves such pieces out.'

/** What --touch-files was for: not to ask again and again for what the console cannot give. Marks the ledger, makes no file. */
export async function leaveOutFailed(flags: Flags, ledger: Ledger): Promise<PlanOptions['skip']> {
  if (!flags.on('touch-files') || !flags.on('skip-existing-files')) return undefined
  const failed = new Set<string>()
  for await (const { key, outcome } of ledger.rows({ kind: 'recording', outcomes: ['failed', 'skipped'] })) {
    // What was not tried, or met a full disk, says nothing about the console.
    const isTheConsole =
      outcome?.outcome === 'failed' && outcome.attempts > 0 && !/^(INTERRUPTED|DISK_)/.test(outcome.code)
    if (isTheConsole || (outcome?.outcome === 'skipped' && outcome.reason === reason)) {
      failed.add(JSON.stringify([key.cameraId, key.recordingId]))
    }
  }
  return ({ cameraId, id }) => (failed.has(JSON.stringify([cameraId, id])) ? reason : undefined)
}
