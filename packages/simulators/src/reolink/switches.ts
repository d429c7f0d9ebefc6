import { amount, between, choice, flag, optionalAmount, type Switch, type SwitchValues, text } from '../kit/switches.ts'
import { type Profile, type ProfileName, profiles } from './profiles.ts'

const always = Number.POSITIVE_INFINITY
const anything = /^[^\n]*$/
const word = /^\w*$/
const codes = ['-1', '-4', '-6', '-8', '-12', '-17', '-48', '-99'] as const

/** Milliseconds, also negative. */
function signed(initial: number, about: string): Switch<number> {
  const accepts = 'milliseconds, also negative'
  const allows = (value: unknown) => Number.isSafeInteger(value)
  return {
    ...{ initial, about, accepts, allows },
    parse(written) {
      if (/^-?\d{1,12}$/.test(written)) return Number(written)
      throw new TypeError(accepts)
    },
  }
}

/** Everything about the pretend device that can be turned. `profile` in a switch: as the profile has it. */
export const reolinkSwitches = {
  profile: choice('camera', ['nvr-classic', 'nvr-365', 'hub'], 'which kind of device; only at the start'),
  world: choice('default', ['dst', 'busy', 'empty', 'custom'], 'what it recorded; only at the start'),
  zone: choice(
    'world',
    ['berlin', 'utc', 'new-york', 'sydney', 'kathmandu'],
    'where its clock is set to; only at the start',
  ),
  truthFile: text('', anything, 'a path, or nothing', 'write the truth about all recordings there, as JSON'),

  skew: signed(0, 'how far its clock is ahead'),
  plainHttp: choice(
    'off',
    ['serves', '302', '300'],
    'with TLS, what there is on a plain port too: everything, redirects, or a login that gets 300; only at the start',
  ),
  legacyTls: flag(false, 'TLS is 1.1 at best, as of old firmware; only at the start'),
  bootMs: amount(60_000, 'ms', 'how long after Reboot it takes no connection'),
  bootStatus: choice('none', ['404', '502'], 'what the first bootTimes requests after that get'),
  bootTimes: amount(2, 'count', 'how many'),

  sessionCap: between(8, 1, 1000, 'how many sessions there may be; the next login gets -5'),
  lease: amount(3_600_000, 'ms', 'how long a session lasts'),
  loginSettles: text('profile', /^(profile|\d{1,7})$/, 'profile, or milliseconds', 'how long a new token gets -6'),
  wrongPassword: choice('profile', ['-7', '-502'], 'what a wrong password gets'),
  loginTries: between(10, 1, 100, 'so many wrong passwords lock the account'),
  lockMs: amount(300_000, 'ms', 'for how long'),
  lockedCode: choice('-506', ['-7'], 'what a login gets meanwhile'),
  loginFailN: amount(0, 'count', 'the first n right logins fail'),
  loginFailAs: choice('-105', ['-8', '-17', 'reset', 'html', '502'], 'in this way'),
  poisonedLogout: flag(false, 'after a Logout without a token, every later login gets a token that nothing takes'),
  logoutAnswer: choice('json', ['text'], 'what Logout answers; text is no JSON at all'),
  shortSession: flag(true, 'user and password in the URL are taken for commands and pictures'),
  expireAfterRequests: amount(always, 'count', 'a session is over after so many requests'),
  encryptedLogin: choice('profile', ['none', 'offered', 'required'], 'whether the login of version 1 is known'),
  encryptedLoginReply: flag(true, 'the answer to that login is encrypted already'),

  poison: text('', word, 'a command, or nothing', 'a batch with this command gets one -8 for all'),
  jsonFault: choice(
    'none',
    ['cut', 'utf8', 'empty', 'html', '404', '502', 'reset', ...codes],
    'what becomes of answers',
  ),
  jsonFaultCommand: text('', word, 'a command, or nothing for all but logins', 'of which commands'),
  jsonFaultTimes: amount(always, 'count', 'how many of them'),
  jsonMs: amount(0, 'ms', 'how long every command takes'),
  concurrent: choice(
    'note',
    ['reset'],
    'a second request of one session at the same time is a violation, and may be broken',
  ),

  snapFault: choice(
    'none',
    [
      '-6',
      '-12',
      '-17',
      '-48',
      '-99',
      'empty',
      'short',
      'cut',
      'padded',
      'frozen',
      'stall',
      'reset',
      'html',
      'chunked',
    ],
    'what becomes of pictures; short: half of one, stated as whole; cut: broken half way; padded: zeros after its end',
  ),
  snapFaultTimes: amount(always, 'count', 'how many pictures of each channel suffer it'),
  snapFaultEvery: between(1, 1, 10_000, 'only every n-th picture of a channel does'),
  snapFaultChannel: text('all', /^(all|\d{1,2})$/, 'all, or a channel', 'of which channel'),
  snapLatency: between(0, 0, 1000, 'a picture takes so many percent of the 0.9 to 1.6 s of a real one'),

  searchFault: choice('none', ['-8', '-17', 'empty', 'hang'], 'what searches for files get'),
  searchFaultTimes: amount(always, 'count', 'how many'),
  searchMost: amount(always, 'count', 'a search that finds more files gets -8'),
  searchMs: amount(0, 'ms', 'how long a search takes'),
  searchOrder: choice('ascending', ['descending', 'mixed'], 'in which order files come'),
  sizeForm: choice('profile', ['exact', 'text', 'mebibytes'], 'how sizes are written; text is exact, as a string'),
  sizeOff: flag(false, 'sizes and names say one byte more than there is'),

  ranges: choice('206', ['ignore', '416'], 'what a Range gets: the part, everything, or a refusal'),
  contentLength: flag(true, 'downloads state their length; else they go chunked'),
  etag: flag(true, 'downloads have an ETag'),
  emptyHeader: flag(false, 'a header line without a name follows Content-Disposition'),
  replaced: flag(false, 'every file has other bytes of the same size, and another ETag'),
  fileEncryption: flag(false, 'recordings are encrypted on the disk, and cannot be played'),
  playback: choice('mp4', ['flv', 'closes'], 'what Playback gives'),
  firstByteMs: amount(0, 'ms', 'how long before the head of a download'),
  rate: amount(0, 'bytes', 'bytes a second of Download; 0 is as fast as it goes'),
  playbackRate: amount(0, 'bytes', 'bytes a second of Playback'),
  truncateAt: optionalAmount('bytes', 'a download ends after so many bytes'),
  truncate: choice('destroy', ['clean', 'short'], 'how: broken; as if complete; or stated as short from the beginning'),
  stallAt: optionalAmount('bytes', 'a download stops after so many bytes'),
  stallMs: amount(600_000, 'ms', 'for how long'),
  faultTimes: amount(always, 'count', 'how many bodies of each file suffer truncateAt and stallAt'),
  downloadFailN: amount(0, 'count', 'the first n downloads of each file fail'),
  downloadFailAs: choice(
    'closes',
    ['-1', '-4', '-6', '-17', '-220', '-221', '-222', '404', '502', 'html', 'empty', 'reset'],
    'in this way; closes: the connection ends without a byte',
  ),
  downloadFailOf: choice('both', ['download', 'playback'], 'of which command'),
  vodLimit: text(
    'profile',
    /^(profile|[1-9]\d{0,2})$/,
    'profile, or a number',
    'downloads at once; one more gets -221',
  ),
  wedgeAfter: amount(always, 'count', 'after so many broken downloads all of them end without a byte, until Reboot'),

  prepareMs: amount(0, 'ms', 'how long NvrDownload takes; meanwhile another gets -221'),
  fragments: choice('profile', ['none', 'served', 'closes'], 'whether what NvrDownload makes can be fetched'),
  decoy: flag(true, 'NvrDownload lists a smaller file of another hour too'),
  logicChannel: flag(false, 'NvrDownload without iLogicChannel gets -4'),
} as const

/** The values of all switches. */
export type ReolinkSwitches = SwitchValues<typeof reolinkSwitches>

/** The profile, with what somebody turned. */
export function settled(switches: ReolinkSwitches): Profile & { readonly encrypted: 'none' | 'offered' | 'required' } {
  const name: ProfileName = switches.profile
  const profile: Profile = profiles[name]
  const { loginSettles, wrongPassword, vodLimit, fragments, encryptedLogin } = switches
  return {
    ...profile,
    ...(loginSettles === 'profile' ? {} : { loginSettles: Number(loginSettles) }),
    ...(wrongPassword === 'profile' ? {} : { wrongPassword: wrongPassword === '-7' ? -7 : -502 }),
    ...(vodLimit === 'profile' ? {} : { vodLimit: Number(vodLimit) }),
    ...(fragments === 'profile' ? {} : { fragments }),
    encrypted: encryptedLogin === 'profile' ? profile.encryptedLogin : encryptedLogin,
  }
}

/** What can only be set at the start. */
export const fixedSwitches = ['profile', 'world', 'zone', 'plainHttp', 'legacyTls'] as const
