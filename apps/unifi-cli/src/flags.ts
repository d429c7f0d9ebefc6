import { amount, count, duration, type Flag, nonEmpty, oneOf } from '@cam/cli-kit'

const [console, what, how] = ['Console', 'What to fetch', 'How']
const minute = 60_000

/** How a console is reached. */
export const connection: readonly Flag[] = [
  {
    name: 'address',
    value: 'ADDRESS',
    byDefault: 'unifi',
    read: nonEmpty,
    group: console,
    help: 'host, host:port or [IPv6 address] of the console',
  },
  { name: 'port', value: 'N', read: count(1), group: console, help: 'default: 443, then 7443' },
  {
    name: 'otp',
    value: 'DIGITS',
    secret: true,
    group: console,
    help: 'six digits of the authenticator, where the account has one; a local account needs none',
  },
  {
    name: 'verify-ssl',
    group: console,
    help: 'accepted: the certificate is verified in any case, unless --insecure says otherwise',
  },
]

/** What is fetched from it, and how. */
export const download: readonly Flag[] = [
  {
    name: 'channel',
    value: 'N',
    byDefault: '0',
    read: oneOf('0', '1', '2', '3'),
    group: what,
    help: '0 high, 1 medium, 2 low, 3 package camera',
  },
  {
    name: 'segment',
    value: 'DURATION',
    read: duration(minute, 60 * minute),
    group: what,
    help: 'longest piece asked for at once, such as 15m; default and most: 1h, because consoles have crashed with more',
  },
  {
    name: 'event-types',
    value: 'LIST',
    list: true,
    group: what,
    help: 'motion, ring, smartDetectZone …; default: all',
  },
  {
    name: 'smart-types',
    value: 'LIST',
    list: true,
    group: what,
    help: 'person, vehicle, animal, package, licensePlate, face …; default: any',
  },
  {
    name: 'padding',
    value: 'DURATION',
    read: duration(0, 60 * minute),
    group: what,
    help: 'footage before and after each event; default: 5s',
  },
  { name: 'download', group: what, help: 'fetch a clip of each event, too' },
  {
    name: 'speed',
    value: 'N',
    byDefault: '60',
    read: oneOf('60', '120', '300', '600'),
    group: what,
    help: 'times faster than life: 60, 120, 300 or 600',
  },
  {
    name: 'at',
    value: 'TIME',
    group: what,
    help: 'the picture of this moment, with its offset or in --timezone; default: now',
  },
  { name: 'use-subfolders', group: 'Where to', help: 'files below YYYY/MM/DD/camera/ instead of side by side' },
  {
    name: 'wait-between-downloads',
    value: 'SECONDS',
    read: amount('a number of seconds'),
    group: how,
    help: 'pause between two exports; default: 0',
  },
  {
    name: 'downloads-before-key-refresh',
    value: 'N',
    read: count(1),
    group: how,
    help: 'only consoles before UniFi OS: use access keys, and a new one after so many exports; default: never',
  },
  {
    name: 'downloads-before-auth-refresh',
    value: 'N',
    read: count(1),
    group: how,
    help: 'only consoles before UniFi OS: log in anew after so many exports; default: when the console asks for it',
  },
  {
    name: 'ignore-failed-downloads',
    group: how,
    help: 'accepted: a failed piece never ends the run; the exit code says 1 all the same',
  },
  { name: 'skip-existing-files', group: how, help: 'accepted: what the archive holds is never fetched again' },
  {
    name: 'touch-files',
    group: how,
    help: 'with --skip-existing-files: leave out pieces that failed in an earlier run',
  },
]
