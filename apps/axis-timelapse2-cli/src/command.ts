import { axisTimelapse2 } from '@cam/axis-timelapse2'
import { type CliDefinition, nonEmpty, oneOf } from '@cam/cli-kit'
import manifest from '../package.json' with { type: 'json' }

const group = 'Camera'

/** Flags to source. Everything else is the same in all CLIs. */
export const axisTimelapse2Cli: CliDefinition = {
  name: 'axis-timelapse2-cli',
  version: manifest.version,
  summary: manifest.description,
  vendor: 'Axis Timelapse2',
  connection: [
    {
      name: 'host',
      value: 'ADDRESS',
      byDefault: '192.168.0.90',
      read: nonEmpty,
      group,
      help: 'host, host:port, [IPv6 address], or http:// or https:// in front; without a scheme: http',
    },
    {
      name: 'app',
      value: 'NAME',
      read: oneOf('timelapse2', 'timelapseme'),
      group,
      help: 'timelapse2 or timelapseme; default: found out',
    },
    {
      name: 'allow-basic-http',
      group,
      help: 'send the password in clear text where the camera asks for Basic without https',
    },
  ],
  download: [
    {
      name: 'check-size',
      group: 'How',
      help: 'say the size of files that are there already; it is always compared, with or without this flag',
    },
  ],
  credentials: {
    username: { flag: 'user', alias: 'username', env: 'CAM_AXIS_USER' },
    password: { flag: 'pass', alias: 'password', env: 'CAM_AXIS_PASSWORD' },
  },
  defaults: {
    dest: '.',
    layout: 'seed',
    seedLayout: '{name}',
    rateLimitMbps: 90,
    maxRetries: 3,
    retryDelaySeconds: 5,
    retryGrowth: 'fixed',
    timeoutSeconds: 60,
    firstByteSeconds: 120,
  },
  seedAliases: { dest: 'outdir' },
  words: {
    fetching: (address) => `Fetching timelapse archives from ${address}...`,
    found: (count) => `Found ${count} timelapse archive(s) to download.`,
    none: 'No timelapse archives found on camera.',
  },
  makeSource: (flags, { username, password, tls, timeouts, retry, clock, env }) =>
    axisTimelapse2({
      host: flags.text('host')!,
      app: flags.text('app') as 'timelapse2' | 'timelapseme' | undefined,
      allowBasicOverHttp: flags.on('allow-basic-http'),
      ...{ username, password, tls, timeouts, retry, clock, env },
    }),
  // Userinfo may hold a password.
  address: (flags) => flags.text('host')!.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@'),
  advice: {
    NOT_FOUND: '',
    PROTOCOL: '',
    'basic-over-http':
      'Put https:// in front of the address; only where nobody else is on that network, add --allow-basic-http instead.',
  },
  helpNotes: [
    'Example: CAM_AXIS_PASSWORD=… axis-timelapse2-cli --user root --host 192.168.0.90 --outdir videos',
    'Exit codes: 0 all is kept · 1 something failed · 2 could not begin · 64 mistake on the command line · ' +
      '75 another run works here · 130 Ctrl-C · 143 SIGTERM',
  ],
}
