import { type CliDefinition, type Flags, type SourceContext, UsageError } from '@cam/cli-kit'
import { eagleEye, loginExpiresAt, loginKey } from '@cam/eagleeye'
import manifest from '../package.json' with { type: 'json' }
import { accountOf, addressOf, authOriginOf, isClassic } from './account.ts'
import { advice } from './advice.ts'
import { connection, download } from './flags.ts'
import { login } from './login/login.ts'
import { recordingText, seedNames } from './seed-names.ts'

const day = 86_400_000

/** Flags to source. Everything else is the same in all CLIs. */
export const eagleEyeCli: CliDefinition = {
  name: 'eagleeye-cli',
  version: manifest.version,
  summary: manifest.description,
  vendor: 'Eagle Eye',
  connection,
  download,
  keepsSession: true,
  commands: [
    {
      name: 'login',
      does: login,
      summary: 'v3: give the consent in a browser, once; it is kept for all runs',
      flags: ['redirect-uri'],
      without: ['api-key-header', 'username', 'password', 'api-key', 'tfa-key', 'forget-session'],
    },
  ],
  credentials: [
    {
      when: isClassic,
      username: { flag: 'username', env: 'CAM_EAGLEEYE_USERNAME', help: 'classic: account of the web page' },
      password: { flag: 'password', env: 'CAM_EAGLEEYE_PASSWORD', help: 'classic: its password' },
      others: [
        {
          flag: 'api-key',
          env: 'CAM_EAGLEEYE_API_KEY',
          value: 'KEY',
          help: 'classic: where the vendor asks for one',
          settingsFile: 'api_key',
        },
        {
          flag: 'tfa-key',
          env: 'CAM_EAGLEEYE_TFA_KEY',
          value: 'KEY',
          help: 'classic: the cookie tfa_key of a browser that passed the second factor',
        },
      ],
      // local_settings.py is read as it stands.
      settingsFile: { username: 'username', password: 'password' },
    },
    {
      username: {
        flag: 'client-id',
        env: 'CAM_EAGLEEYE_CLIENT_ID',
        label: 'client id',
        help: 'v3: id of the application that was registered with the vendor',
      },
      password: {
        flag: 'client-secret',
        env: 'CAM_EAGLEEYE_CLIENT_SECRET',
        label: 'client secret',
        help: 'v3: its secret, where it has one',
        optional: true,
      },
    },
  ],
  defaults: {
    dest: '.',
    layout: 'seed',
    seedLayout: seedNames,
    rateLimitMbps: 0,
    maxRetries: 3,
    retryDelaySeconds: 5,
    retryGrowth: 'exponential',
    timeoutSeconds: 60,
    firstByteSeconds: 200,
  },
  seedAliases: {},
  words: {
    fetching: (address) => `Fetching footage from ${address}...`,
    found: (count) => `Found ${count} video(s).`,
    none: 'No videos found.',
    recording: recordingText,
  },
  sinceLastRun: { firstMs: day, lookBackMs: day },
  logFolder: 'logs',
  remarks(flags) {
    contradictions(flags)
    return []
  },
  makeSource: (flags, context) =>
    eagleEye({
      ...accountOf(flags, context),
      format: flags.text('format') as 'flv' | 'mp4' | undefined,
      settleMs: flags.number('settle'),
    }),
  address: addressOf,
  loginExpires,
  renewLogin: 'eagleeye-cli login',
  advice,
  helpNotes: [
    'With a consent: eagleeye-cli login --client-id ID, once, and then eagleeye-cli --client-id ID --dest footage',
    'With name and password: CAM_EAGLEEYE_PASSWORD=… eagleeye-cli --api classic --username archivist@example.com --dest footage',
    'Without --start and --end: what has come since the last run, and what failed; the first time, the last 24 hours.',
    'Exit codes: 0 all is kept, or was never recorded · 1 something failed · ' +
      '2 could not begin · 64 mistake on the command line · 75 another run works here · 130 Ctrl-C · 143 SIGTERM',
  ],
}

/** Throws UsageError. */
function contradictions(flags: Flags): void {
  if (isClassic(flags)) return
  for (const name of ['api-key-header', 'unattached']) {
    if (flags.given(name)) throw new UsageError(`--${name} belongs to --api classic.`)
  }
  if (flags.text('format') === 'flv') {
    throw new UsageError('--format flv belongs to --api classic; the v3 interface has MP4 only.')
  }
  if (flags.on('forget-session')) {
    throw new UsageError('--forget-session: --api v3 works with the login that is kept, and with nothing else.')
  }
}

function loginExpires(flags: Flags, { sessions, username, env }: SourceContext) {
  if (isClassic(flags) || !sessions) return Promise.resolve(undefined)
  return loginExpiresAt(sessions, loginKey({ auth: authOriginOf(flags, env), clientId: username }))
}
