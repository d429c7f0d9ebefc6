import type { EagleEyeSimulator, EagleEyeSwitches, EagleEyeWorld } from '@cam/simulators/eagleeye'
import { cameraA, cameraB, day, minute, second, worldEnd, worldOf } from './world.ts'

/** One fault, what becomes of the clips, and what it costs. The table in the README is made of these. */
export interface Fault {
  readonly what: string
  readonly api: 'both' | 'classic' | 'v3'
  /** A clip of the camera Dock; `two`: and one of Yard. Default `one`. */
  readonly world?: keyof typeof worlds
  readonly switches?: Partial<EagleEyeSwitches>
  /** Turned once the login of v3 is stored. */
  readonly afterLogin?: Partial<EagleEyeSwitches>
  readonly args?: readonly string[]
  /** Right before the run, when the login is stored. */
  before?(cloud: EagleEyeSimulator): void
  /** While it runs; waits last as long as they last then. */
  during?(running: Running): Promise<void>
  /** With the code of a failure. Empty where the run could not begin. */
  readonly outcomes: readonly string[]
  /** Requests for films. */
  readonly films: number
  /** Exports ordered, of v3. Default 0. */
  readonly exports?: number
  /** Requests for lists of clips. */
  readonly lists: number
  /** Logins beyond the one that a run needs: of classic a name and password sent again, of v3 a renewal. Default 0. */
  readonly logins?: number
  readonly exit: number
  /** A wait that the vendor asked for, milliseconds. */
  readonly waits?: number
}

interface Running {
  readonly cloud: EagleEyeSimulator
  readonly clock: { advance(ms: number): void }
  /** Another command of the same user, at the same time. */
  another(command: string): Promise<unknown>
}

const begin = worldEnd - 2 * day
const clip = (afterMs: number, lastsMs: number) => ({ start: begin + afterMs, end: begin + afterMs + lastsMs })
const dock = clip(137, 20 * second)

export const worlds = {
  one: worldOf([dock], []),
  two: worldOf([dock], [clip(5 * minute, 12 * second)]),
} satisfies Record<string, EagleEyeWorld>

/** What the runs ask for. */
export const window = { start: begin - minute, end: begin + 30 * minute }

const always = Number.POSITIVE_INFINITY
const films = (failStatus: EagleEyeSwitches['failStatus'], failN = always) => ({ failN, failStatus })
const failed = (code: string) => `failed: ${code}`
const kept = ['kept']

/** Another process renews the tokens, which ends the access token that this download began with. */
async function renewedByAnother({ cloud, clock, another }: Running): Promise<void> {
  const underWay = () => cloud.log.ofNode('media').some(({ ended, bodyBytes }) => ended === 'not-yet' && bodyBytes > 0)
  while (!underWay()) await new Promise((resolve) => setTimeout(resolve, 2))
  clock.advance(40 * second)
  await another('cameras')
}

export const faults: readonly Fault[] = [
  { what: 'nothing', api: 'both', outcomes: kept, films: 1, lists: 2, exit: 0 },
  {
    what: '201, then 202 and JSON, for ever (MP4)',
    api: 'classic',
    switches: { mp4Polls: always },
    args: ['--format', 'mp4'],
    ...{ outcomes: ['pending'], films: 91, lists: 2, exit: 1 },
  },
  {
    what: '202 and JSON, for ever (FLV)',
    api: 'classic',
    switches: films('202-json'),
    ...{ outcomes: ['pending'], films: 91, lists: 2, exit: 1 },
  },
  {
    what: '201 and two times 202, then the film (MP4)',
    api: 'classic',
    switches: { mp4Polls: 2 },
    args: ['--format', 'mp4'],
    ...{ outcomes: kept, films: 4, lists: 2, exit: 0 },
  },
  {
    what: '202 and JSON, for ever',
    api: 'v3',
    switches: films('202-json'),
    ...{ outcomes: [failed('PROTOCOL')], films: 2, exports: 1, lists: 2, exit: 1 },
  },
  {
    what: 'no address of a film, and an export that is never ready',
    api: 'v3',
    switches: { mp4UrlNull: 'all', jobPending: always },
    ...{ outcomes: ['pending'], films: 0, exports: 1, lists: 2, exit: 1 },
  },
  {
    what: 'no address of a film, and an export that is made',
    api: 'v3',
    switches: { mp4UrlNull: 'all' },
    ...{ outcomes: kept, films: 1, exports: 1, lists: 2, exit: 0 },
  },
  {
    what: 'an export that is not what its digest says',
    api: 'v3',
    switches: { mp4UrlNull: 'all', md5Wrong: true },
    ...{ outcomes: [failed('WRONG_CHECKSUM')], films: 1, exports: 1, lists: 2, exit: 1 },
  },
  {
    what: '200 and JSON once',
    api: 'classic',
    switches: films('200-json', 1),
    ...{ outcomes: kept, films: 2, lists: 2, exit: 0 },
  },
  {
    what: '200 and JSON, always',
    api: 'classic',
    switches: films('200-json'),
    ...{ outcomes: [failed('SERVER')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '200 and JSON that is called video, always',
    api: 'classic',
    switches: films('200-json-as-video'),
    ...{ outcomes: [failed('SERVER')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '200 and JSON that is called video, also for the export',
    api: 'v3',
    switches: films('200-json-as-video'),
    ...{ outcomes: [failed('PROTOCOL')], films: 2, exports: 1, lists: 2, exit: 1 },
  },
  {
    what: '200 and a login page, always',
    api: 'classic',
    switches: films('200-html'),
    ...{ outcomes: [failed('SERVER')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '200 and a login page, also for the export',
    api: 'v3',
    switches: films('200-html'),
    ...{ outcomes: [failed('PROTOCOL')], films: 2, exports: 1, lists: 2, exit: 1 },
  },
  {
    what: '200 and nothing, always',
    api: 'classic',
    switches: films('200-empty'),
    ...{ outcomes: [failed('SERVER')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '418, a status that nobody announced',
    api: 'both',
    switches: films('418'),
    ...{ outcomes: [failed('REQUEST')], films: 1, lists: 2, exit: 1 },
  },
  {
    what: '429 twice',
    api: 'both',
    switches: films('429', 2),
    ...{ outcomes: kept, films: 3, lists: 2, exit: 0 },
  },
  {
    what: '429 once, with a Retry-After of 7 seconds, which are waited',
    api: 'both',
    switches: { ...films('429', 1), retryAfter: 7 },
    ...{ outcomes: kept, films: 2, lists: 2, exit: 0, waits: 7000 },
  },
  {
    what: '429 always',
    api: 'both',
    switches: films('429'),
    ...{ outcomes: [failed('RATE_LIMITED')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '503 twice',
    api: 'both',
    switches: films('503', 2),
    ...{ outcomes: kept, films: 3, lists: 2, exit: 0 },
  },
  {
    what: '500 always',
    api: 'classic',
    switches: films('500'),
    ...{ outcomes: [failed('SERVER')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '500 always, also for the export',
    api: 'v3',
    switches: films('500'),
    ...{ outcomes: [failed('SERVER')], films: 7, exports: 1, lists: 2, exit: 1 },
  },
  {
    what: '463, the bridge cannot be reached',
    api: 'classic',
    switches: films('463'),
    ...{ outcomes: [failed('BUSY')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '404 once',
    api: 'classic',
    switches: films('404', 1),
    ...{ outcomes: kept, films: 2, lists: 2, exit: 0 },
  },
  {
    what: '404 once: the address is asked for again',
    api: 'v3',
    switches: films('404', 1),
    ...{ outcomes: kept, films: 2, lists: 3, exit: 0 },
  },
  {
    what: '404 always',
    api: 'classic',
    switches: films('404'),
    ...{ outcomes: [failed('SERVER')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: '404 always, also for what is exported',
    api: 'v3',
    switches: films('404'),
    ...{ outcomes: [failed('SERVER')], films: 4, exports: 2, lists: 3, exit: 1 },
  },
  {
    what: '410, or outOfRetention',
    api: 'both',
    switches: { expired: 'all' },
    ...{ outcomes: ['expired'], films: 1, lists: 2, exit: 0 },
  },
  {
    what: '403 for one camera of two',
    api: 'both',
    world: 'two',
    switches: { denied: cameraB },
    ...{ outcomes: ['kept', failed('PERMISSION')], films: 2, lists: 2, exit: 1 },
  },
  {
    what: 'half a film, of its stated length',
    api: 'both',
    switches: { truncateAt: 700, truncate: 'short' },
    ...{ outcomes: [failed('CORRUPT')], films: 1, lists: 2, exit: 1 },
  },
  {
    what: 'half a film without a length, and a clean end',
    api: 'both',
    switches: { truncateAt: 700, truncate: 'clean', contentLength: false },
    ...{ outcomes: [failed('INCOMPLETE')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: 'the connection breaks in the middle, once',
    api: 'both',
    switches: { truncateAt: 700, faultTimes: 1 },
    ...{ outcomes: kept, films: 2, lists: 2, exit: 0 },
  },
  {
    what: 'the connection breaks in the middle, always',
    api: 'both',
    switches: { truncateAt: 700 },
    ...{ outcomes: [failed('INCOMPLETE')], films: 4, lists: 2, exit: 1 },
  },
  {
    what: 'a redirect to a strange host, which is not followed',
    api: 'classic',
    switches: { redirectMedia: 'http://localhost:9/film' },
    ...{ outcomes: [failed('REQUEST')], films: 1, lists: 2, exit: 1 },
  },
  {
    what: 'the session is over in mid-run',
    api: 'classic',
    world: 'two',
    switches: { expireSessionAfter: 4 },
    ...{ outcomes: ['kept', 'kept'], films: 3, lists: 2, logins: 1, exit: 0 },
  },
  {
    what: 'the access token is refused in mid-run',
    api: 'v3',
    world: 'two',
    switches: { expireSessionAfter: 5 },
    ...{ outcomes: ['kept', 'kept'], films: 3, lists: 4, logins: 1, exit: 0 },
  },
  {
    what: 'another process renews the tokens during a download, which that cuts',
    api: 'v3',
    switches: { accessTtl: 60 * second, rotationCuts: true, stallAt: 300, stallMs: 30 * second, faultTimes: 1 },
    during: renewedByAnother,
    ...{ outcomes: kept, films: 2, lists: 2, logins: 1, exit: 0 },
  },
  {
    what: 'the account has moved to another host',
    api: 'v3',
    before: (cloud) => cloud.moveAccount(),
    ...{ outcomes: kept, films: 1, lists: 2, exit: 0 },
  },
  {
    what: 'one list of two answers 503, always',
    api: 'both',
    world: 'two',
    switches: { listFailN: always, only: cameraB },
    ...{ outcomes: ['kept'], films: 1, lists: 5, exit: 1 },
  },
  {
    what: 'one list of two is a login page',
    api: 'both',
    world: 'two',
    switches: { listFailN: always, listFailStatus: '200-html', only: cameraA },
    ...{ outcomes: ['kept'], films: 1, lists: 2, exit: 1 },
  },
  {
    what: 'the list of cameras answers 503, always',
    api: 'both',
    switches: { devicesFailN: always },
    ...{ outcomes: [], films: 0, lists: 0, exit: 2 },
  },
  {
    what: 'name or password is wrong',
    api: 'classic',
    switches: { loginRefused: '401' },
    ...{ outcomes: [], films: 0, lists: 0, exit: 2 },
  },
  {
    what: 'a second factor is asked for',
    api: 'classic',
    switches: { tfa: 'sms' },
    ...{ outcomes: [], films: 0, lists: 0, exit: 2 },
  },
  {
    what: 'the login answers 429, always',
    api: 'classic',
    switches: { loginRefused: '429' },
    ...{ outcomes: [], films: 0, lists: 0, logins: 3, exit: 2 },
  },
  {
    what: 'the stored login is over',
    api: 'v3',
    before: (cloud) => {
      cloud.rotateNow()
    },
    ...{ outcomes: [], films: 0, lists: 0, logins: 1, exit: 2 },
  },
  {
    what: 'the reply with renewed tokens is lost',
    api: 'v3',
    switches: { accessTtl: 20 * second },
    afterLogin: { tokenFailN: 1, tokenFailStatus: 'after' },
    ...{ outcomes: [], films: 0, lists: 0, logins: 2, exit: 2 },
  },
]
