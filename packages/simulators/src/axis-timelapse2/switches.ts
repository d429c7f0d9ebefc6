import { amount, between, choice, flag, optionalAmount, type SwitchValues, text } from '../kit/switches.ts'

/** Everything about the pretend camera that can be turned. Faults of a body act on downloads of archives. */
export const axisSwitches = {
  version: text(
    '3.1.4',
    /^(timelapseme|\d+\.\d+\.\d+)$/,
    'timelapseme, or a version such as 1.1.2',
    'which of the three dialects, and which of its bugs',
  ),
  world: choice(
    'default',
    ['months', 'nasty', 'huge', 'empty', 'custom'],
    'which archives there are; only at the start',
  ),
  auth: choice(
    'digest-md5',
    ['none', 'basic', 'digest-sha256', 'both', 'basic+digest', 'basic+digest-one-header'],
    'what the web server asks for; `both` is SHA-256 and MD5',
  ),
  role: choice('admin', ['operator'], 'an operator is refused with 401 on every node'),
  nonceTtl: amount(300_000, 'ms', 'how long a nonce lives'),
  oneTime: flag(false, 'each nonce is good for one request; the next one comes in Authentication-Info'),
  ncCheck: flag(false, 'a nonce count that does not rise is answered 401 without stale'),
  staleOnNth: amount(0, 'count', 'every n-th request let in is asked again with stale=true'),
  throttle: flag(true, 'more than 20 wrong logins in a second block everybody for 10 s with 403'),
  serial: flag(true, 'the application answers one request at a time'),
  backlog503: flag(false, 'with five waiting behind the one at work, the next request gets 503'),
  startupMs: amount(0, 'ms', 'how long after the start the archive nodes are missing'),
  sdMissing: flag(false, 'no SD card: the archive nodes stay missing'),
  migration: choice(
    'none',
    ['pending', 'running', 'complete', 'failed', 'declined'],
    'state of the change from AVI to MP4 (3.x)',
  ),
  listShape: choice('array', ['object', 'null', 'html', 'broken'], 'what the list looks like'),
  bigApp: flag(false, 'the reply of `app` is longer than 4096 bytes'),
  length: choice('dropped', ['kept'], 'whether Content-Length survives the web server'),
  ranges: choice('auto', ['on', 'off'], 'Range, ETag and If-Range; auto: from 3.1.1'),
  head: choice('405', ['200'], 'what HEAD on a download gets (timelapseme only; the others answer 405)'),
  rate: amount(0, 'bytes', 'bytes a second of a body; 0 is as fast as it goes'),
  truncateAt: optionalAmount('bytes', 'a body ends after so many bytes'),
  truncate: choice('destroy', ['clean'], 'how it ends: broken, or as if complete'),
  stallAt: optionalAmount('bytes', 'a body stops after so many bytes'),
  stallMs: amount(600_000, 'ms', 'for how long'),
  grow: amount(0, 'bytes', 'bytes sent after the end of a body'),
  faultTimes: amount(
    Number.POSITIVE_INFINITY,
    'count',
    'how many bodies of each archive suffer truncateAt, stallAt and grow',
  ),
  writeTimeout: optionalAmount(
    'ms',
    'break the connection when the client reads nothing for so long; off: 2 s from 3.1.4, else never',
  ),
  failN: amount(0, 'count', 'the first n requests for each archive fail'),
  failStatus: between(503, 400, 599, 'with this status'),
  dropBeforeHeaders: amount(0, 'count', 'the first n requests for each archive lose their connection'),
  vanish: amount(0, 'count', 'the first n archives of the list answer 404'),
  changeMidRun: amount(0, 'count', 'after its n-th body an archive has other bytes and another ETag'),
  jobMs: amount(50, 'ms', 'how long archiving, refreshing and exporting take'),
} as const

/** The values of all switches. */
export type AxisSwitches = SwitchValues<typeof axisSwitches>
