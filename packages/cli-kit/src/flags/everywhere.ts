import type { CliDefinition } from '../definition.ts'
import { hoursText, lengthText } from '../report/measures.ts'
import { credentialFlags } from './credential-flags.ts'
import type { Flag } from './flag.ts'
import { readTimeZone } from './moment.ts'
import { unattendedFlags } from './unattended.ts'
import { amount, count, duration, fingerprint, nonEmpty, positive } from './values.ts'

const which = 'What to fetch'
const where = 'Where to'
const how = 'How'
const trust = 'Trust and passwords'
const output = 'Output'

const forgetSession: Flag = {
  name: 'forget-session',
  group: trust,
  help: 'neither use nor keep a login of another run; log out at the end',
}

const lookBack = (byDefaultMs: number): Flag => ({
  name: 'look-back',
  value: 'DURATION',
  read: duration(0, 366 * 86_400_000),
  group: which,
  help: `without --start, a run begins this long before where the last one ended, because footage may appear late; default: ${lengthText(byDefaultMs)}`,
})

const firstTime = (ms: number) => `; default: since the last run, and the first time the last ${hoursText(ms)}`

/** The flags that mean the same in every CLI. */
export function everywhereFlags(definition: CliDefinition): Flag[] {
  const { defaults, keepsSession, logFolder, sinceLastRun } = definition
  return [
    {
      name: 'start',
      value: 'TIME',
      group: which,
      help:
        'only footage from here on: 2026-01-05T08:00:00+01:00, "2026-01-05 08:00:00+0000", 2026-01-05, now, -24h, -7d, today, ' +
        'yesterday (both at 00:00)',
      ...(sinceLastRun ? { helpSinceLastRun: firstTime(sinceLastRun.firstMs) } : {}),
    },
    {
      name: 'end',
      value: 'TIME',
      group: which,
      help: 'only footage before this time; the same forms; default: now when --start is given',
    },
    ...(sinceLastRun ? [lookBack(sinceLastRun.lookBackMs)] : []),
    {
      name: 'timezone',
      value: 'ZONE',
      read: readTimeZone,
      group: which,
      help: "IANA zone of times without an offset; default: the camera's, else the system's",
    },
    {
      name: 'cameras',
      value: 'LIST',
      list: true,
      group: which,
      help: 'all, or ids, names and globs, comma-separated or repeated',
    },
    {
      name: 'dest',
      value: 'DIR',
      byDefault: defaults.dest,
      read: nonEmpty,
      group: where,
      help: "the archive's root folder, created when missing",
    },
    {
      name: 'layout',
      value: 'TEMPLATE',
      byDefault: defaults.layout,
      read: nonEmpty,
      group: where,
      help: 'relative path of each file, such as {camera}/{start:yyyy/MM/dd}/{start:HH-mm-ssxx}.{ext}; seed: the names of the tool this one follows',
    },
    {
      name: 'handed-over',
      group: where,
      help: 'kept files that are gone were taken away by a sync job on purpose: do not fetch them again',
    },
    {
      name: 'new-archive',
      group: where,
      help: 'the archive known at this place was removed on purpose: begin a new one',
    },
    {
      name: 'overwrite',
      group: where,
      help: 'fetch again what the archive already holds; other files are never touched',
    },
    { name: 'dry-run', group: how, help: 'show what would be fetched, and write nothing' },
    {
      name: 'concurrency',
      value: 'N',
      read: count(1),
      group: how,
      help: 'transfers at once, up to what the source bears',
    },
    {
      name: 'rate-limit',
      value: 'MBPS',
      byDefault: defaults.rateLimitMbps,
      read: amount('a number of megabits per second'),
      group: how,
      help: '10^6 bits per second for all transfers together; 0: no limit',
    },
    {
      name: 'timeout',
      value: 'SECONDS',
      byDefault: defaults.timeoutSeconds,
      read: positive('a number of seconds'),
      group: how,
      help:
        'longest wait for the first byte and between two bytes; never the whole transfer' +
        (defaults.firstByteSeconds === undefined
          ? ''
          : `; without this flag the first byte may take ${defaults.firstByteSeconds}`),
    },
    {
      name: 'max-retries',
      value: 'N',
      byDefault: defaults.maxRetries,
      read: count(0),
      group: how,
      help: 'retries after the first try; 0: one try',
    },
    {
      name: 'retry-delay',
      value: 'SECONDS',
      byDefault: defaults.retryDelaySeconds,
      read: amount('a number of seconds'),
      group: how,
      help:
        defaults.retryGrowth === 'fixed' ? 'wait before each retry' : 'wait before the first retry; doubles each time',
    },
    ...unattendedFlags,
    ...credentialFlags(definition),
    { name: 'ca', value: 'FILE', read: nonEmpty, group: trust, help: 'trust these certificates too (PEM)' },
    {
      name: 'fingerprint',
      value: 'SHA256',
      read: fingerprint,
      group: trust,
      help: 'accept only the certificate with this SHA-256 fingerprint',
    },
    {
      name: 'insecure',
      group: trust,
      help: 'accept any certificate: anybody in between can read the footage and the password',
    },
    ...(keepsSession ? [forgetSession] : []),
    {
      name: 'json',
      group: output,
      help: 'one JSON object a line on stdout and nothing else; the last one is the summary',
    },
    { name: 'no-progress', group: output, help: 'no progress bar (nor progress events with --json)' },
    { name: 'quiet', group: output, help: 'only failures and warnings' },
    { name: 'verbose', group: output, help: 'more about each file: size, proof, retries' },
    {
      name: 'log-file',
      value: 'FILE',
      read: nonEmpty,
      group: output,
      help: 'add everything that is said, with times, to a file',
    },
    {
      name: 'log-dir',
      value: 'DIR',
      read: nonEmpty,
      group: output,
      help:
        'leave a log of each run in this folder, the same as NDJSON, and failed.csv, a table of all that failed and was not fetched since; ' +
        `none: no such logs; default: ${logFolder === undefined ? 'none' : `${typeof logFolder === 'string' ? logFolder : 'logs'}/ in the archive`}`,
    },
  ]
}
