import type { CliDefinition } from '@cam/cli-kit'
import manifest from '../package.json' with { type: 'json' }
import { advice } from './advice.ts'
import { captureCommand } from './capture/command.ts'
import { doctorCommand } from './doctor.ts'
import { captureFlags, connection, download, ffmpegFlag, kick } from './flags.ts'
import { sessionsCommand } from './sessions.ts'
import { addressOf, sourceOf } from './source.ts'

/** Flags to source. Everything else is the same in all CLIs. */
export const reolinkCli: CliDefinition = {
  name: 'reolink-cli',
  version: manifest.version,
  summary: manifest.description,
  vendor: 'Reolink',
  connection,
  download: [...download, ...captureFlags, ffmpegFlag, kick],
  commands: [captureCommand, doctorCommand, sessionsCommand],
  credentials: {
    username: { flag: 'username', env: 'CAM_REOLINK_USERNAME' },
    password: { flag: 'password', env: 'CAM_REOLINK_PASSWORD' },
    settingsFile: { username: 'USERNAME', password: 'PASSWORD' },
  },
  defaults: {
    dest: '.',
    layout: '{camera}/{start:yyyy-MM-dd}/{start:HH-mm-ssxx}_{view}.{ext}',
    seedLayout: '{name}',
    rateLimitMbps: 0,
    maxRetries: 3,
    retryDelaySeconds: 5,
    retryGrowth: 'exponential',
    timeoutSeconds: 60,
  },
  seedAliases: {},
  flagHelp: {
    timezone:
      "IANA zone of times without an offset, and of capture's clock and names; default: the camera's, for capture the system's",
  },
  words: {
    fetching: (address) => `Fetching recordings from ${address}...`,
    found: (count) => `Found ${count} recording(s).`,
    none: 'No recordings found on the device.',
  },
  makeSource: sourceOf,
  address: addressOf,
  advice,
  helpNotes: [
    'Examples: CAM_REOLINK_PASSWORD=… reolink-cli --host 192.168.1.20 --username admin --start yesterday --dest footage',
    'CAM_REOLINK_PASSWORD=… reolink-cli capture --host gate=192.168.1.20 --host yard=192.168.1.21 --username admin --interval 1m --dest pictures',
    'Exit codes: 0 all is kept, or was never recorded · 1 something failed · 2 could not begin · 64 mistake on the command line · ' +
      '75 another run works here · 130 Ctrl-C · 143 SIGTERM',
  ],
}
