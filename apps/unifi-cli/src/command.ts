import { type CliDefinition, type Flags, momentOf } from '@cam/cli-kit'
import { unifiProtect } from '@cam/unifi-protect'
import manifest from '../package.json' with { type: 'json' }
import { commands, footageOf, isContinuous } from './commands.ts'
import { connection, download } from './flags.ts'
import { leaveOutFailed, remarks } from './seed-flags.ts'
import { recordingText, seedNames } from './seed-names.ts'

/** Flags to source. Everything else is the same in all CLIs. */
export const unifiCli: CliDefinition = {
  name: 'unifi-cli',
  version: manifest.version,
  summary: manifest.description,
  vendor: 'UniFi Protect',
  connection,
  download,
  keepsSession: true,
  commands,
  credentials: {
    username: { flag: 'username', env: 'CAM_UNIFI_USERNAME' },
    password: { flag: 'password', env: 'CAM_UNIFI_PASSWORD' },
    settingsFile: { username: 'PROTECT_USERNAME', password: 'PROTECT_PASSWORD' },
  },
  defaults: {
    dest: './',
    layout: 'seed',
    seedLayout: seedNames,
    rateLimitMbps: 0,
    maxRetries: 3,
    retryDelaySeconds: 5,
    retryGrowth: 'exponential',
    timeoutSeconds: 60,
    firstByteSeconds: 180,
  },
  seedAliases: { timeout: 'download-request-timeout' },
  words: {
    fetching: (address) => `Fetching footage from ${address}...`,
    found: (count) => `Found ${count} recording(s).`,
    none: 'No footage found on the console.',
    recording: recordingText,
  },
  remarks,
  skip: leaveOutFailed,
  isContinuous,
  makeSource: (flags, context) => {
    const { username, password, tls, timeouts, retry, sessions, clock, env } = context
    return unifiProtect({
      address: flags.text('address')!,
      port: flags.number('port'),
      otp: flags.text('otp'),
      footage: footageOf(context),
      channel: Number(flags.text('channel')) as 0 | 1 | 2 | 3,
      segmentMs: flags.number('segment'),
      events: {
        types: listed(flags, 'event-types'),
        smartTypes: listed(flags, 'smart-types'),
        // A list shows when something happened, and not when its clip begins.
        paddingMs: flags.number('padding') ?? (context.command === 'events' && !flags.on('download') ? 0 : undefined),
      },
      speed: Number(flags.text('speed')) as 60 | 120 | 300 | 600,
      at: momentOf(flags, 'at', clock.now()),
      exports: Math.min(4, flags.number('concurrency') ?? 1),
      pauseBetweenMs: (flags.number('wait-between-downloads') ?? 0) * 1000,
      renew: {
        accessKeyAfter: flags.number('downloads-before-key-refresh'),
        loginAfter: flags.number('downloads-before-auth-refresh'),
      },
      ...{ username, password, tls, timeouts, retry, sessions, clock, env },
    })
  },
  address: (flags) => {
    // Userinfo may hold a password.
    const address = flags.text('address')!.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@')
    return flags.given('port') ? `${address}:${flags.number('port')}` : address
  },
  advice: {
    AUTHENTICATION: 'The password was sent once and not tried again, so that the account is not locked.',
    mfa: 'With --otp, the six digits are taken for this one login, which is then kept for a month.',
    otp: 'Run again with a new code in --otp.',
    'login-limit':
      'Without --forget-session one login lasts for many runs. Nothing was lost: the next run goes on from here.',
    PERMISSION: '',
    PROTOCOL: 'The console itself is wanted in --address, and its https port in --port.',
    ENOTFOUND: 'Check the spelling of --address, or give the IP address of the console.',
    EAI_AGAIN: 'Check the spelling of --address, or give the IP address of the console.',
    ECONNREFUSED: 'Check --address and --port: consoles answer at 443, those before UniFi OS at 7443.',
    ERR_SSL_WRONG_VERSION_NUMBER: 'What answers there does not speak https: check --port, 443 is usual.',
    TLS_UNTRUSTED: 'Consoles sign their own, so that is expected the first time.',
    NETWORK: 'Check --address and --port, and the network between here and the console.',
  },
  helpNotes: [
    'Example: CAM_UNIFI_PASSWORD=… unifi-cli --address 192.168.1.1 --username archivist --fingerprint … --cameras all ' +
      '--start "2026-10-24 00:00:00+0200" --end "2026-10-26 00:00:00+0100" --dest footage',
    'Exit codes: 0 all is kept, or was never recorded · 1 something failed · ' +
      '2 could not begin · 64 mistake on the command line · 75 another run works here · 130 Ctrl-C · 143 SIGTERM',
  ],
}

function listed(flags: Flags, name: string): readonly string[] | undefined {
  return flags.given(name) ? flags.list(name) : undefined
}
