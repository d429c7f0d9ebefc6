import { amount, between, choice, flag, optionalAmount, type SwitchValues, text } from '../kit/switches.ts'

const always = Number.POSITIVE_INFINITY
const whom = 'none, all, a camera by id or name, or one clip as <id>@<start in ISO 8601>'
const anything = /^[^\n]*$/
const camera = (initial: 'none' | 'all', about: string) => text(initial, anything, whom, about)
const moment = 'now, a moment in ISO 8601, or nothing'
const isMoment = (written: string) => /^(|now|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z)$/.test(written)

const failures = [
  ...['500', '502', '504', '400', '401', '403', '404', '410', '418', '429', '463', '200-json', '200-json-as-video'],
  ...['202-json', '200-html', '200-empty', 'reset'],
] as const

/** Everything about the pretend cloud that can be turned. */
export const eagleEyeSwitches = {
  world: choice('default', ['week', 'custom'], 'which cameras and clips there are; only at the start'),
  until: {
    ...text('', anything, moment, 'when the world ends; nothing: 2026-02-09T00:00Z; only at the start'),
    allows: (value: unknown) => typeof value === 'string' && isMoment(value),
    parse(written: string) {
      if (isMoment(written)) return written
      throw new TypeError(moment)
    },
  },
  api: choice('v3', ['classic'], 'whose flags and credentials `args` and `env` are'),
  truthFile: text('', anything, 'a path, or nothing', 'write the truth about the whole world there, as JSON'),
  only: camera('all', 'whose media, lists and jobs suffer failN, faults, listFailN, mp4Polls and job switches'),
  denied: camera('none', 'footage is refused with 403'),
  expired: camera('none', 'footage is out of retention: 410, or 404 with outOfRetention in v3'),
  expiredListed: flag(true, 'lists still show what is out of retention'),
  bridgeOffline: camera('none', 'its bridge is offline, and footage is there only: 503'),
  listFailN: amount(0, 'count', 'the first n lists of clips of each camera fail'),
  devicesFailN: amount(0, 'count', 'the first n lists of cameras fail'),
  listFailStatus: choice('503', ['400', '401', '403', '404', '429', '500', '502', '504', '200-html'], 'in this way'),
  growingTwice: flag(false, 'a clip that goes on is listed a second time, with another start'),
  expireSessionAfter: amount(always, 'count', 'a session or access token is over after so many requests'),

  loginRefused: choice(
    'none',
    ['400', '401', '402', '412', '460', '461', '462', '465', '429', '503'],
    'what every classic login gets',
  ),
  tfa: choice('none', ['sms', 'email'], 'a second factor, which a tfa_key cookie spares'),
  tfaCode: text('2468', /^\d{4}$/, 'four digits', 'its code'),
  tokenTtl: optionalAmount('ms', 'how long the token of authenticate lasts; off: 30 s, or 15 minutes with tfa'),
  sessionCookie: choice('both', ['auth_key', 'videobank_sessionid'], 'under which name the session comes'),
  sessionIdle: optionalAmount('ms', 'a classic session without a request for so long is over; off: never'),
  apiKey: text('een-api-key', /^\S+$/, 'a word', 'the API key'),
  apiKeyRequired: flag(false, 'classic requests without the key, in one of its three spellings, get 401'),
  listEdges: choice(
    'overlapping',
    ['starting'],
    'which clips a classic list has: those with, or that begin at, a moment in it',
  ),
  listNoise: choice('none', ['duplicates', 'stale'], 'classic lists hold clips twice; stale: also as they were before'),
  moved: choice('none', ['list', 'play', 'both'], 'which assets are at another archiver (301)'),
  notARecording: choice('404', ['400'], 'what a start gets that is no clip (classic)'),
  mp4Polls: amount(1, 'count', 'how often a classic MP4 says 202, after its 201'),
  mp4Body: choice('captured', ['documented'], 'what 201 and 202 say; only the captured one has a progress ratio'),
  mp4Bad: amount(0, 'count', 'how many of these polls say 502 instead, first'),

  consent: choice('auto', ['page', 'deny'], 'what authorize does: a code at once, a page with a button, or no'),
  redirectUris: text(
    'http://127.0.0.1:3333',
    /^\S+( \S+)*$/,
    'addresses with a space between; * is any digits',
    'where codes may go, compared letter by letter',
  ),
  publicClient: flag(false, 'the client has no secret and gets no refresh token'),
  accessTtl: amount(43_198_000, 'ms', 'how long an access token lasts'),
  refreshIdle: amount(14 * 86_400_000, 'ms', 'how long a refresh token lasts'),
  refreshTtl: amount(90 * 86_400_000, 'ms', 'how long after the consent refreshing is over'),
  rotation: choice('rotating', ['permanent'], 'permanent: refresh tokens stay, and access tokens until they expire'),
  rotationCuts: flag(false, 'downloads under way break when their access token is replaced'),
  reuse: choice('401', ['400'], 'the status of invalid_grant'),
  tokenMs: amount(0, 'ms', 'how long the token endpoint thinks'),
  tokenFailN: amount(0, 'count', 'the first n token requests fail'),
  tokenFailStatus: choice(
    '503',
    ['429', '500', 'after'],
    'in this way; after: the tokens are replaced, and the answer is lost',
  ),
  wrongCluster: choice('403', ['401'], 'what a call to another cluster than the account is on gets'),
  lastToken: choice(
    'mixed',
    ['null', 'empty'],
    'nextPageToken of the last page; mixed: null for cameras, "" for media',
  ),
  pageCap: between(500, 1, 500, 'the most results on a page'),
  mp4UrlNull: camera('none', 'recordings without mp4Url'),
  mediaUrlTtl: amount(7_200_000, 'ms', 'how long a media URL lasts'),
  mediaUrlExpired: choice('401', ['404'], 'what it gets then'),
  mediaOrigin: text('', anything, 'an origin, or nothing', 'media URLs point there instead'),
  jobPending: amount(1, 'count', 'how often a job says pending'),
  jobStarted: amount(1, 'count', 'how often it says started, with progress'),
  jobOutcome: choice('success', ['failure', 'partial', 'revoked'], 'how it ends; a copy of it ends in success'),
  jobShape: choice('intervals', ['files'], 'what the result of a job looks like'),
  exportRefused: choice(
    'none',
    ['quotaExceeded', 'noVideo-400', 'noVideo-404', 'noVideo-409', '500'],
    'what a new export gets',
  ),
  downloadTtl: amount(14 * 86_400_000, 'ms', 'how long a download is kept'),
  downloadExpired: choice('404', ['410'], 'what it gets then'),
  md5Wrong: flag(false, 'a download is not what its md5 says'),

  firstByteMs: amount(0, 'ms', 'how long before the head of a film'),
  rate: amount(0, 'bytes', 'bytes a second of a film; 0 is as fast as it goes'),
  contentLength: flag(true, 'films state their length; else they go chunked'),
  contentType: text('', anything, 'a media type, or nothing', 'films say they are this'),
  ranges: choice(
    'ignore',
    ['206', '416'],
    'what a Range gets: everything, the part (with ETag and If-Range), or a refusal',
  ),
  truncateAt: optionalAmount('bytes', 'a film ends after so many bytes'),
  truncate: choice('destroy', ['clean', 'short'], 'how: broken; as if complete; or stated as short from the beginning'),
  stallAt: optionalAmount('bytes', 'a film stops after so many bytes'),
  stallMs: amount(600_000, 'ms', 'for how long'),
  faultTimes: amount(always, 'count', 'how many films of each window suffer truncateAt and stallAt'),
  failN: amount(0, 'count', 'the first n requests for the film of each window fail'),
  failStatus: choice(
    '503',
    failures,
    'in this way; 463: cannot talk to the camera; reset breaks the connection before a head',
  ),
  retryAfter: amount(0, 'count', 'seconds in a Retry-After of every 429 and 503; 0 for no such header'),
  retryAfterForm: choice('seconds', ['date'], 'how it is written'),
  redirectMedia: text('', anything, 'a URL, or nothing', 'requests for films are answered with a 302 to there'),
} as const

/** The values of all switches. */
export type EagleEyeSwitches = SwitchValues<typeof eagleEyeSwitches>
