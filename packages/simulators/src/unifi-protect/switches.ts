import { amount, between, choice, flag, optionalAmount, type Switch, type SwitchValues, text } from '../kit/switches.ts'

const some = Number.POSITIVE_INFINITY
const camera = 'none, all, or the id or name of a camera'
const anything = /^[^\n]*$/
const stretches = 'none, or <camera>@<start>/<end> with moments in ISO 8601'

/** A camera and a window of its footage. */
function stretch(about: string): Switch<string> {
  const readable = (written: string) => {
    try {
      stretchOf(written)
      return true
    } catch {
      return false
    }
  }
  const any = text('none', anything, stretches, about)
  return {
    ...any,
    allows: (value) => any.allows(value) && readable(value as string),
    parse(written) {
      stretchOf(any.parse(written))
      return written
    },
  }
}

/** Everything about the pretend console that can be turned. `profile` in a switch: as the profile has it. */
export const unifiProtectSwitches = {
  profile: choice(
    'protect-7',
    ['protect-4', 'legacy'],
    'which generation of consoles; legacy is Protect 1.x before UniFi OS, as on port 7443',
  ),
  world: choice('default', ['dst', 'nasty', 'custom'], 'which cameras and footage there are; only at the start'),
  truthFile: text('', anything, 'a path, or nothing', 'write the truth about the whole world there, as JSON'),

  cookieName: choice('profile', ['TOKEN', 'UOS_TOKEN'], 'what the session cookie is called'),
  csrfOnLogin: choice('optional', ['required'], 'whether a login without a CSRF token of `GET /` is refused with 403'),
  csrfHeader: choice(
    'profile',
    ['x-csrf-token', 'x-updated-csrf-token', 'both'],
    'which header carries the CSRF token; both: the x-csrf-token is a stale one',
  ),
  rotateCsrf: flag(false, 'every reply carries another CSRF token, and only the newest is good'),
  badCreds: choice('profile', ['401', '403-old', '403-new'], 'what a wrong password gets'),
  mfa: choice('none', ['required', 'totp'], 'a second factor: by mail or app (never passed here), or six digits'),
  otp: text('246810', /^\d{6}$/, 'six digits', 'the six digits'),
  wrongOtp: choice('499', ['401'], 'what wrong digits get'),
  loginLimit: amount(some, 'count', 'so many logins in loginWindow; the next ones get 429'),
  loginWindow: amount(600_000, 'ms', 'for how long a login counts'),
  countSuccess: flag(true, 'logins that worked count too'),
  loginRetryAfter: amount(0, 'count', 'seconds in a Retry-After of the 429; 0 for no such header'),
  sessionTtl: optionalAmount('ms', 'how long a login lasts; off: 30 days with rememberMe, else 2 h'),
  accessKeyTtl: amount(3_600_000, 'ms', 'how long an access key lasts (legacy)'),
  expireSessionAfterRequests: amount(some, 'count', 'a session is over after so many requests, whatever it said'),
  expired: choice(
    '401',
    ['302', '200-html'],
    'what a request without a good session gets; the others show the login page',
  ),
  apiKey: text('0123456789abcdef', /^\S+$/, 'a word', 'the X-API-KEY that the integration API takes'),

  rightMissing: text('none', anything, camera, 'footage of this camera is refused with 403'),
  failCamera: text('none', anything, camera, '`cameras/{id}` of this camera fails with 500'),
  eventsTypesBug: flag(true, 'a list of events without types ignores its window'),
  snapshotForm: choice('jpeg', ['json', 'html'], 'what a snapshot is; the others are errors under status 200'),

  emptyForm: choice('profile', ['500', '200-stub', '404', 'rust'], 'the answer where nothing was recorded'),
  sparse: choice(
    'timeline',
    ['stitched', 'edit'],
    'a film with gaps keeps its times but not the first gap; or is joined; or keeps the first gap in an edit list',
  ),
  creationTime: choice('footage', ['none', 'now'], "what the film's header says it was made at"),
  overrunMs: amount(0, 'ms', 'so much more footage before and after the asked window'),
  standIn: flag(false, 'exports of channel 0 come in the low stream, although the high one is there'),
  drop: stretch('left out of every export that asks for more than a minute around it'),
  nonMonotonic: stretch('every export that touches it gets 500 Non-monotonic timestamp'),
  renderMs: amount(0, 'ms', 'how long rendering takes, before the first byte'),
  rate: amount(0, 'bytes', 'bytes a second of an export; 0 is as fast as it goes'),
  contentLength: flag(true, 'exports state their length; else they go chunked'),
  truncateAt: optionalAmount('bytes', 'an export ends after so many bytes'),
  truncate: choice('destroy', ['clean'], 'how it ends: broken, or as if complete'),
  stallAt: optionalAmount('bytes', 'an export stops after so many bytes'),
  stallMs: amount(600_000, 'ms', 'for how long'),
  faultTimes: amount(some, 'count', 'how many exports of each window of each camera suffer truncateAt and stallAt'),
  failN: amount(0, 'count', 'the first n exports of each window of each camera fail'),
  failStatus: choice(
    '503',
    ['400', '404-html', '429', '500', '502', '504', '200-empty', '200-json', '200-html', 'reset'],
    'in this way; reset breaks the connection before a head',
  ),
  retryAfter: amount(0, 'count', 'seconds in a Retry-After of that 429; 0 for no such header'),
  retryAfterForm: choice('seconds', ['date'], 'how it is written'),
  overloadEvery: amount(0, 'count', 'every n-th export fails, by turns with a 500 without reason and with 0 bytes'),
  redirectMedia: text('', anything, 'a URL, or nothing', 'exports are answered with a 302 to there'),

  crashOn: choice(
    'none',
    ['long', 'parallel', 'any'],
    'an export of more than an hour, or too many at once, crashes it',
  ),
  parallelExports: between(1, 1, 100, 'how many exports at once it bears'),
  crashAfter: amount(some, 'count', 'when so many exports have been asked for, it crashes, once'),
  downMs: amount(30_000, 'ms', 'how long it is down after a crash; then all sessions are over'),
  downStatus: choice('502', ['503', '504', '404-html', 'refuse'], 'what everything gets while it is down'),
  edgeAfter: amount(some, 'count', 'when so many exports have been asked for, the oldest footage is gone'),
  edgeBy: amount(3_600_000, 'ms', 'how much of it, of every camera'),
} as const

/** The values of all switches. */
export type UnifiProtectSwitches = SwitchValues<typeof unifiProtectSwitches>

const profiles = {
  legacy: { cookieName: 'TOKEN', csrfHeader: 'x-csrf-token', badCreds: '401', emptyForm: '500' },
  'protect-4': { cookieName: 'TOKEN', csrfHeader: 'x-csrf-token', badCreds: '403-old', emptyForm: '200-stub' },
  'protect-7': { cookieName: 'UOS_TOKEN', csrfHeader: 'both', badCreds: '403-new', emptyForm: '404' },
} as const

type Profiled = keyof (typeof profiles)['legacy']

/** The value of a switch that the profile decides unless somebody turned it. */
export function settled<K extends Profiled>(
  switches: UnifiProtectSwitches,
  name: K,
): Exclude<UnifiProtectSwitches[K], 'profile'> {
  const value = switches[name]
  return (value === 'profile' ? profiles[switches.profile][name] : value) as Exclude<UnifiProtectSwitches[K], 'profile'>
}

/** A camera and a window, as `drop` and `nonMonotonic` name them; undefined for none. Throws TypeError. */
export function stretchOf(written: string): { camera: string; start: number; end: number } | undefined {
  if (written === 'none') return undefined
  const [, camera = '', from = '', to = ''] = /^(.+)@([^/@]+)\/([^/]+)$/.exec(written) ?? []
  const moment = (text: string) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text))
  const [start, end] = [moment(from), moment(to)]
  if (!(start < end)) throw new TypeError(stretches)
  return { camera, start, end }
}
