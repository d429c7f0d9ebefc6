import {
  type Clock,
  functionsOption,
  type HttpTimeouts,
  isObject,
  kindOf,
  numberOption,
  objectOption,
  oneOfOption,
  type RetryPolicy,
  retryOption,
  systemClock,
  type TlsOptions,
  timeoutsOption,
  withoutUndefined,
} from '@cam/download-core/source'
import { type Media, medias, kindOf as pieceKindOf } from './wire/piece.ts'
import { views as allViews, inOrder, isView, type View } from './wire/view.ts'

/** Which organisation, which vehicles, and what of them. */
export interface SamsaraOptions {
  /** An API token with the scopes Read Vehicles, Read and Write Media Retrieval, Read Org Information. */
  readonly token: string
  /** Where the organisation is. Default `us`. */
  readonly region?: 'us' | 'eu' | 'ca' | undefined
  /** The origin that answers, in place of a region. */
  readonly baseUrl?: string | undefined
  /** Names, ids, VINs, serials or external ids (`key:value`). Default: all vehicles. */
  readonly vehicles?: readonly string[] | undefined
  /** Default `road` and `driver`. */
  readonly views?: readonly View[] | undefined
  /** Default `highres`. */
  readonly media?: Media | undefined
  /** Length of one recording, in minutes that divide a day. Default 1; at most 1 for `highres`, 10 for `lowres`, 40 for `hyperlapse`. For `image`: from one picture to the next. */
  readonly pieceMinutes?: number | undefined
  /** What ended less than this ago is left for the next run. Milliseconds, default 300,000. */
  readonly settleMs?: number | undefined
  /** Take what is uploaded already before anything is ordered. Default true. */
  readonly reuseUploaded?: boolean | undefined
  /** Order again what may have been paid for and is nowhere, and what the vendor failed to deliver. Default false. */
  readonly askAgain?: boolean | undefined
  /** The most that may be ordered through this source, in seconds of film for each view. Default: no limit. */
  readonly maxQuotaSeconds?: number | undefined
  /** How long an order of unknown fate is looked for among what is uploaded, in one run. Milliseconds, default 600,000. */
  readonly lookForMs?: number | undefined
  readonly tls?: TlsOptions | undefined
  /** Milliseconds. Default: connect 20,000, TLS 20,000, first byte 60,000, idle 60,000. */
  readonly timeouts?: Partial<HttpTimeouts> | undefined
  /** For questions; transfers are retried by the core, and orders never once they may have arrived. Default: 3 retries, 1 second doubling. */
  readonly retry?: RetryPolicy | undefined
  readonly clock?: Clock | undefined
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** Options that were checked. */
export interface Settings {
  readonly token: string
  readonly base: string
  readonly vehicles?: readonly string[]
  readonly views: readonly View[]
  readonly media: Media
  readonly pieceMinutes: number
  readonly settleMs: number
  readonly reuseUploaded: boolean
  readonly askAgain: boolean
  readonly maxQuotaSeconds: number
  readonly lookForMs: number
  readonly tls?: TlsOptions
  readonly timeouts: Partial<HttpTimeouts>
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Where each region answers. */
export const regions = {
  us: 'https://api.samsara.com',
  eu: 'https://api.eu.samsara.com',
  ca: 'https://api.ca.samsara.com',
} as const

const minutesOfDay = 1440

/** Checks what the user gave. Throws TypeError or RangeError that names the option and the value, never a secret. */
export function readOptions(options: SamsaraOptions): Settings {
  if (!isObject(options)) throw new TypeError(`samsara takes an object of options; received ${kindOf(options)}.`)
  const { timeouts = {}, retry = {}, tls, clock = systemClock, env, vehicles } = options
  timeoutsOption(timeouts)
  retryOption(retry)
  if (tls !== undefined) objectOption('tls', tls)
  if (env !== undefined) objectOption('env', env)
  functionsOption('clock', clock, ['now', 'monotonic', 'wait'])
  const media = oneOfOption('media', options.media ?? 'highres', medias)
  if (options.region !== undefined && options.baseUrl !== undefined) {
    throw new TypeError('The options region and baseUrl exclude each other; received both.')
  }
  return {
    token: tokenOf(options.token),
    base:
      options.baseUrl === undefined
        ? regions[oneOfOption('region', options.region ?? 'us', ['us', 'eu', 'ca'])]
        : origin('baseUrl', options.baseUrl),
    ...(vehicles !== undefined && { vehicles: wordsOf(vehicles) }),
    views: viewsOf(options.views ?? ['road', 'driver']),
    media,
    pieceMinutes: minutesOf(options.pieceMinutes ?? 1, media),
    settleMs: numberOption('settleMs', options.settleMs, { least: 0 }) ?? 300_000,
    reuseUploaded: flag('reuseUploaded', options.reuseUploaded, true),
    askAgain: flag('askAgain', options.askAgain, false),
    maxQuotaSeconds: numberOption('maxQuotaSeconds', options.maxQuotaSeconds, { least: 0 }) ?? Number.POSITIVE_INFINITY,
    lookForMs: numberOption('lookForMs', options.lookForMs, { least: 0 }) ?? 600_000,
    timeouts: { connectMs: 20_000, tlsMs: 20_000, firstByteMs: 60_000, idleMs: 60_000, ...withoutUndefined(timeouts) },
    retry,
    clock,
    ...(tls && { tls }),
    ...(env && { env }),
  }
}

/** What travels in a header. The value is a secret, so it is not shown. */
function tokenOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`The option token must be a string; received ${kindOf(value)}.`)
  if (value === '') throw new RangeError('The option token must not be empty; received "".')
  if (/^[\x21-\x7e]{1,16384}$/.test(value)) return value
  throw new RangeError('The option token must be printable ASCII without spaces; received something else.')
}

function wordsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`The option vehicles must be an array; received ${kindOf(value)}.`)
  const wrong = value.find((word) => typeof word !== 'string' || word.trim() === '')
  if (value.length > 0 && value.every((word) => typeof word === 'string' && word.trim() !== '')) return value
  throw new RangeError(
    `The option vehicles must name at least one vehicle; received ${JSON.stringify(wrong ?? value)}.`,
  )
}

function viewsOf(value: unknown): readonly View[] {
  if (!Array.isArray(value)) throw new TypeError(`The option views must be an array; received ${kindOf(value)}.`)
  const strange = value.find((view) => !isView(view))
  if (value.length > 0 && strange === undefined) return inOrder(value)
  throw new RangeError(
    `The option views must be some of ${allViews.join(', ')}; received ${JSON.stringify(strange ?? value)}.`,
  )
}

function minutesOf(value: unknown, media: Media): number {
  const most = pieceKindOf(media).mostMinutes
  const minutes = numberOption('pieceMinutes', value, { least: 1 }) ?? 1
  if (Number.isInteger(minutes) && minutes <= most && minutesOfDay % minutes === 0) return minutes
  throw new RangeError(
    `The option pieceMinutes must be a whole number of minutes that divides a day, from 1 to ${most} for ${media}; received ${minutes}.`,
  )
}

function origin(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`The option ${name} must be a string; received ${kindOf(value)}.`)
  // Userinfo may hold a password.
  const shown = JSON.stringify(value.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'))
  const url = URL.canParse(value) ? new URL(value) : undefined
  const bare = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#@]/.test(value)
  if (url && bare) return url.origin
  throw new RangeError(`The option ${name} must be an https:// or http:// origin without a path; received ${shown}.`)
}

function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value === 'boolean') return value
  throw new TypeError(`The option ${name} must be a boolean; received ${kindOf(value)}.`)
}
