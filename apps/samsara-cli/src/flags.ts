import { amount, count, duration, type Flag, type Flags, nonEmpty, oneOf, UsageError } from '@cam/cli-kit'
import { type Media, medias, type View, views } from '@cam/samsara'

const [account, what, paid] = ['Account', 'What to fetch', 'What is paid for']
const hour = 3_600_000

/** Where an organisation is reached. */
export const connection: readonly Flag[] = [
  {
    name: 'region',
    value: 'NAME',
    byDefault: 'us',
    read: oneOf('us', 'eu', 'ca'),
    group: account,
    help: 'us, eu or ca: where the dashboard of the organisation is',
  },
  {
    name: 'base-url',
    value: 'URL',
    read: origin,
    group: account,
    help: 'where the interface answers, as https://HOST, in place of --region',
  },
]

/** What is fetched, and what may be spent on it. */
export const download: readonly Flag[] = [
  {
    name: 'vehicle',
    value: 'NAME',
    repeated: true,
    read: nonEmpty,
    group: what,
    help: 'name, id, VIN, serial or external id (key:value) of a vehicle; may be repeated; --cameras all: every vehicle',
  },
  {
    name: 'duration',
    value: 'MINUTES',
    read: count(1),
    group: what,
    help: 'so many minutes from --start on, which is taken back to its full minute; in place of --end',
  },
  {
    name: 'views',
    value: 'LIST',
    list: true,
    read: oneOf(...views),
    group: what,
    help:
      'road, driver, analog1 to analog4, or roles of an auxiliary camera such as rearHigh, comma-separated or repeated; ' +
      'default: road,driver,analog1',
  },
  {
    name: 'media',
    value: 'KIND',
    byDefault: 'highres',
    read: oneOf(...medias),
    group: what,
    help: `${medias.join(', ')}`,
  },
  {
    name: 'wait',
    value: 'DURATION',
    read: duration(0, 31 * 24 * hour),
    group: what,
    help: 'how long to wait for the vehicle to upload; what is late then is pending, and collected by the next run; default: 6h',
  },
  {
    name: 'no-wait',
    group: what,
    help: 'order, fetch what is there already, and end; the same line again collects the rest',
  },
  {
    name: 'ask-again',
    group: paid,
    help: 'order again what may have been paid for and is nowhere, and what Samsara failed to deliver',
  },
  {
    name: 'max-quota-seconds',
    value: 'N',
    read: amount('a number of seconds'),
    group: paid,
    help: 'order no more than this in one run, in seconds of film for each camera; default: no limit',
  },
  {
    name: 'yes',
    group: paid,
    help: 'do not ask before more than three hours are ordered; without a terminal nobody is asked',
  },
  { name: 'no-merge', group: what, help: 'leave the clips as they are: no film of each angle, none side by side' },
]

/** Where one lets runs wait so long for uploads. */
export const usualWaitMs = 6 * hour

/** The angles asked for. */
export function viewsOf(flags: Flags): readonly View[] {
  return flags.given('views') ? (flags.list('views') as readonly View[]) : ['road', 'driver', 'analog1']
}

export function mediaOf(flags: Flags): Media {
  return flags.text('media') as Media
}

/** Whether files get the names of the tool this one follows. */
export function hasSeedNames(flags: Flags): boolean {
  return flags.text('layout') === 'seed'
}

/** Scheme, host and port and nothing else. */
function origin(text: string, flag: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#@]/.test(text)) return url.origin
  // Userinfo may hold a password.
  const shown = text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@')
  throw new UsageError(`--${flag}: "${shown}" is not https://HOST or https://HOST:PORT, without a path.`)
}
