import { type Action, actionOf, type Command } from './command-table.ts'
import type { Flags } from './flags/flag.ts'
import { UsageError } from './usage-error.ts'

/** Whether this action fetches into an archive, and so is a run that can be repeated and told of. */
export function isFetching(action: Action, flags: Flags): boolean {
  return ['download', 'sync', 'retry'].includes(action) && !flags.on('dry-run')
}

/** Throws UsageError where these flags would do nothing. */
export function checkUnattended(command: Command, flags: Flags): void {
  const action = actionOf(command, flags)
  const fetches = isFetching(action, flags)
  const isTrial = action === 'plan' || flags.on('dry-run')
  if (flags.given('every') && !fetches) {
    throw new UsageError(
      isTrial
        ? '--every: there is nothing to repeat where nothing is fetched; it belongs to download.'
        : `--every: ${command.name} is not repeated; it belongs to download.`,
    )
  }
  // A line that is tried out with --dry-run need not be changed for it.
  if (flags.given('notify') && !fetches && !isTrial) {
    throw new UsageError(`--notify: ${command.name} tells nobody; it belongs to download.`)
  }
  if (flags.given('notify-on') && !flags.given('notify')) {
    throw new UsageError('--notify-on says what is told, but nobody is: add --notify URL.')
  }
}
