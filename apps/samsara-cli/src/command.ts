import type { CliDefinition } from '@cam/cli-kit'
import manifest from '../package.json' with { type: 'json' }
import { advice } from './advice.ts'
import { afterRun } from './after-run.ts'
import { complete } from './ask.ts'
import { beforeRun } from './before-run.ts'
import { tellForecast } from './cost.ts'
import { connection, download, hasSeedNames, mediaOf, usualWaitMs } from './flags.ts'
import { mergeCommand, mergeFlags } from './merge-command.ts'
import { leavesItself } from './own-files.ts'
import { quota } from './quota.ts'
import { recordingText, seedNames } from './seed-names.ts'
import { addressOf, sourceOf } from './source.ts'

/** Flags to source. Everything else is the same in all CLIs. */
export const samsaraCli: CliDefinition = {
  name: 'samsara-cli',
  version: manifest.version,
  summary: manifest.description,
  vendor: 'Samsara',
  connection,
  download: [...download, ...mergeFlags],
  commands: [
    mergeCommand,
    {
      name: 'quota',
      does: quota,
      needs: 'archive',
      summary: "the month's quota as Samsara last told it, and what was ordered through this archive; asks nobody",
      flags: ['dest', 'timezone'],
    },
  ],
  credentials: {
    password: {
      flag: 'api-token',
      env: 'CAM_SAMSARA_TOKEN',
      label: 'API token',
      value: 'TOKEN',
      help: 'API token of the organisation, from Settings, API Tokens in the dashboard',
    },
  },
  defaults: {
    dest: '.',
    layout: '{camera}/{start:yyyy-MM-dd}/{start:HH-mm-ssxx}_{view}.{ext}',
    seedLayout: (flags) => seedNames(mediaOf(flags), flags.text('timezone') ?? 'UTC'),
    rateLimitMbps: 0,
    maxRetries: 3,
    retryDelaySeconds: 5,
    retryGrowth: 'exponential',
    timeoutSeconds: 60,
  },
  seedAliases: {},
  flagHelp: {
    start:
      'from here on: "04/16/2025 13:30", "04/16/2025 01:30 PM", 2025-04-16T13:30:00-05:00, "2025-04-16 13:30", -2h, yesterday; ' +
      'asked for on a terminal',
    end: 'until there, every minute that is touched; the same forms; in place of --duration',
    timezone: "IANA zone of times without an offset, and of file names; default: the system's",
  },
  words: {
    fetching: (address) => `Retrieving footage from ${address}...`,
    found: (count) => `${count} clip(s) asked for.`,
    none: 'No footage to ask for.',
    recording: recordingText,
  },
  complete,
  logFolder: (flags) => (hasSeedNames(flags) ? 'Logs' : 'logs'),
  logName: (flags) => (hasSeedNames(flags) ? 'VideoRetrievalActivity' : 'samsara-cli'),
  pendingDeadlineMs: (flags) => (flags.on('no-wait') ? 0 : (flags.number('wait') ?? usualWaitMs)),
  leaves: leavesItself,
  // What one kind of media holds has a source of its own.
  isContinuous: (sourceId) => !sourceId.includes('/'),
  makeSource: sourceOf,
  address: addressOf,
  beforeRun,
  afterPlan: tellForecast,
  afterRun,
  advice,
  helpNotes: [
    'Example: CAM_SAMSARA_TOKEN=… samsara-cli --vehicle "Truck 12" --start "04/16/2025 13:30" --duration 30 --dest crash',
    'On a terminal, what is missing is asked for: the token, the vehicle, the start and the duration.',
    'Exit codes: 0 all is kept, was never recorded, or is ordered with --no-wait · 1 something failed, or was not uploaded in time · ' +
      '2 could not begin · 64 mistake on the command line · 75 another run works here · 130 Ctrl-C · 143 SIGTERM',
  ],
}
