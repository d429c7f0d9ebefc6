import { UsageError } from '../usage-error.ts'
import type { Flag } from './flag.ts'
import { duration, nonEmpty } from './values.ts'

const group = 'Unattended'
const dayMs = 86_400_000

/** For runs that nobody watches. */
export const unattendedFlags: readonly Flag[] = [
  {
    name: 'every',
    value: 'DURATION',
    read: everyDuration,
    group,
    help:
      'stay and repeat: a run now, then one at each multiple of this on the wall clock (15m: at :00, :15, :30, :45; 1d: at midnight), ' +
      'from 1m to 31d; each also takes up what failed before',
  },
  {
    name: 'notify',
    value: 'URL',
    repeated: true,
    secret: true,
    read: nonEmpty,
    group,
    help:
      'tell how a run went: smtp://user@host/?to=a@x.org,b@x.org (password in CAM_NOTIFY_SMTP_PASSWORD), https://hc-ping.com/UUID or ' +
      'healthchecks:https://… (a ping), https://… (a webhook), exec:COMMAND, or env:NAME for a URL in --env-file or in the environment; ' +
      'may be repeated',
  },
  {
    name: 'notify-on',
    value: 'LIST',
    list: true,
    group,
    help:
      'what mail, webhooks and commands are told: start, finish, partial, fail, interrupted, auth-expiring, digest; ' +
      'default: all but start and finish. Pings always get start, end and failures',
  },
]

function everyDuration(text: string, flag: string): number {
  const ms = duration(60_000, 31 * dayMs)(text, flag)
  if (ms < dayMs || ms % dayMs === 0) return ms
  throw new UsageError(`--${flag}: "${text}" is more than a day; from a day on, whole days are counted, such as 2d.`)
}
