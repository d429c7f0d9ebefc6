import type { Flags } from '@cam/cli-kit'

/** Where pictures go unless `--layout` says otherwise: a folder for each camera and day. */
const usualNames = '{camera}/{start:yyyy-MM-dd}/{camera}_{start:yyyy-MM-dd_HH-mm-ssxx}.{ext}'

/** The tree that the seed's sync job reads. Parts and ledger stand beside `logging-folder`, not in it. */
const seedNames = `logging-folder/tosync/cameras/${usualNames}`

/** The template of `capture`. */
export function captureLayout(flags: Flags): string {
  if (!flags.given('layout')) return usualNames
  const template = flags.text('layout')!
  return template === 'seed' ? seedNames : template
}
