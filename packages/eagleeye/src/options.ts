import {
  type Clock,
  type HttpTimeouts,
  type RetryPolicy,
  type SessionStore,
  systemClock,
  type TlsOptions,
} from '@cam/download-core/source'
import { vendorDomains } from './wire/trusted.ts'

/** Which account, through which of the vendor's two interfaces, and how. */
export interface EagleEyeOptions {
  /** `v3` is the current interface, with a consent given once in a browser; `classic` takes a name and a password. Default `v3`. */
  readonly api?: 'v3' | 'classic' | undefined
  /** For `api: 'classic'`. */
  readonly classic?: ClassicOptions | undefined
  /** For `api: 'v3'`. Its tokens come from `sessions`. */
  readonly v3?: V3Options | undefined
  /** What is fetched: `flv` begins at once and is never transcoded; `mp4` may have to be rendered first. Default: `flv` for classic, `mp4` for v3, which has no other. */
  readonly format?: 'flv' | 'mp4' | undefined
  /** A clip that ended less than this ago may still grow, and is left for the next run. Milliseconds, default 300,000. */
  readonly settleMs?: number | undefined
  /** How long before the window a clip may have begun and still reach into it. Milliseconds, default 28,800,000 (8 hours). */
  readonly lookBackMs?: number | undefined
  /** Longest piece asked for at once through the classic interface. Milliseconds, default 300,000: more fills the bridge's disk. */
  readonly pieceMs?: number | undefined
  /** Keeps tokens, cookies and the mark of a trusted device between runs. Needed for `v3`. */
  readonly sessions?: SessionStore | undefined
  /** Where the vendor answers. Default: its public hosts. */
  readonly hosts?: Hosts | undefined
  readonly tls?: TlsOptions | undefined
  /** Milliseconds. Default: connect 20,000, TLS 20,000, first byte 200,000 (a bridge uploads first), idle 60,000. */
  readonly timeouts?: Partial<HttpTimeouts> | undefined
  /** For lists and questions; transfers are retried by the core. Default: 3 retries, 1 second doubling. */
  readonly retry?: RetryPolicy | undefined
  readonly clock?: Clock | undefined
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** An account of the classic interface. */
export interface ClassicOptions {
  readonly username: string
  readonly password: string
  /** Default: none; it is not asked for everywhere. */
  readonly apiKey?: string | undefined
  /** The vendor's documents spell it in three ways; `Authentication:` has a colon after the key. Default `Authentication`. */
  readonly apiKeyHeader?: ApiKeyHeader | undefined
  /** The cookie `tfa_key` of a browser that passed the second factor, where the account has one. Default: the one in `sessions`. */
  readonly tfaKey?: string | undefined
  /** Look for footage of cameras that are not attached (IGND), too. Default false. */
  readonly unattached?: boolean | undefined
}

/** The spellings the vendor's documents and samples have. */
export type ApiKeyHeader = 'Authentication' | 'Authentication:' | 'Authorization'

/** An application registered with the vendor. */
export interface V3Options {
  readonly clientId: string
  readonly clientSecret?: string | undefined
}

/** Origins. Those that the vendor names in its replies are only believed below the vendor's own domains, or where they are listed here. */
export interface Hosts {
  /** Default `https://login.eagleeyenetworks.com`. */
  readonly classic?: string | undefined
  /** Where an account's own host answers. Default: what the login says, `https://c001.eagleeyenetworks.com`. */
  readonly branded?: string | undefined
  /** Default `https://auth.eagleeyenetworks.com`. */
  readonly auth?: string | undefined
  /** Default `https://api.eagleeyenetworks.com`. */
  readonly api?: string | undefined
  /** Further origins that may see the session. Default: everything below `eagleeyenetworks.com` and `een.cloud`, over https. */
  readonly trusted?: readonly string[] | undefined
}

/** Options that were checked. */
export interface Settings {
  readonly api: 'v3' | 'classic'
  /** There where `api` is `classic`. */
  readonly classic?: {
    readonly username: string
    readonly password: string
    readonly apiKey?: string
    readonly apiKeyHeader: ApiKeyHeader
    readonly tfaKey?: string
    readonly unattached: boolean
  }
  /** There where `api` is `v3`. */
  readonly v3?: { readonly clientId: string; readonly clientSecret?: string }
  readonly format: 'flv' | 'mp4'
  readonly settleMs: number
  readonly lookBackMs: number
  readonly pieceMs: number
  readonly sessions?: SessionStore
  readonly hosts: {
    readonly classic: string
    readonly branded?: string
    readonly auth: string
    readonly api: string
  }
  /** Origins that may see the session, besides `hosts`; `https://*.example.com` is everything below. */
  readonly trusted: readonly string[]
  readonly tls?: TlsOptions
  readonly timeouts: Partial<HttpTimeouts>
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly env?: Readonly<Record<string, string | undefined>>
}

const limits = ['connectMs', 'tlsMs', 'firstByteMs', 'idleMs'] as const
const counts = ['retries', 'delayMs', 'maxDelayMs', 'maxRetryAfterMs'] as const
const day = 86_400_000

/** Checks what the user gave. Throws TypeError or RangeError that names the option and the value, never a secret. */
export function readOptions(options: EagleEyeOptions): Settings {
  if (!isObject(options)) throw new TypeError(`eagleEye takes an object of options; received ${kind(options)}.`)
  const { hosts = {}, timeouts = {}, retry = {}, sessions, tls, clock = systemClock, env } = options
  for (const [name, value] of Object.entries({ hosts, timeouts, retry })) object(name, value)
  if (tls !== undefined) object('tls', tls)
  if (env !== undefined) object('env', env)
  for (const name of limits) number(`timeouts.${name}`, timeouts[name], { above: 0 })
  for (const name of counts) number(`retry.${name}`, retry[name], { least: 0 })
  functions('sessions', sessions, ['load', 'save', 'remove', 'lock'])
  functions('clock', clock, ['now', 'monotonic', 'wait'])
  const api = oneOf('api', options.api ?? 'v3', ['v3', 'classic'])
  const branded = hosts.branded === undefined ? undefined : origin('hosts.branded', hosts.branded)
  if (api === 'v3' && !sessions) {
    throw new TypeError('The option sessions is needed for api v3: the tokens of the consent are kept there.')
  }
  return {
    api,
    ...(api === 'classic' ? { classic: classicAccount(options.classic) } : { v3: application(options.v3) }),
    format: formatOf(api, options.format),
    settleMs: number('settleMs', options.settleMs, { least: 0, whole }) ?? 300_000,
    lookBackMs: number('lookBackMs', options.lookBackMs, { least: 0, most: 30 * day, whole }) ?? 28_800_000,
    pieceMs: number('pieceMs', options.pieceMs, { least: 10_000, most: day, whole }) ?? 300_000,
    hosts: {
      classic: origin('hosts.classic', hosts.classic ?? 'https://login.eagleeyenetworks.com'),
      ...(branded !== undefined && { branded }),
      auth: origin('hosts.auth', hosts.auth ?? 'https://auth.eagleeyenetworks.com'),
      api: origin('hosts.api', hosts.api ?? 'https://api.eagleeyenetworks.com'),
    },
    trusted: trustedOrigins(hosts.trusted),
    timeouts: { connectMs: 20_000, tlsMs: 20_000, firstByteMs: 200_000, idleMs: 60_000, ...given(timeouts) },
    retry,
    clock,
    ...(sessions && { sessions }),
    ...(tls && { tls }),
    ...(env && { env }),
  }
}

function classicAccount(value: unknown): NonNullable<Settings['classic']> {
  object('classic', value)
  const { username, password, apiKey, apiKeyHeader, tfaKey, unattached = false } = value as ClassicOptions
  if (typeof unattached !== 'boolean') {
    throw new TypeError(`The option classic.unattached must be a boolean; received ${kind(unattached)}.`)
  }
  return {
    unattached,
    username: text('classic.username', username),
    password: text('classic.password', password),
    apiKeyHeader: oneOf('classic.apiKeyHeader', apiKeyHeader ?? 'Authentication', [
      'Authentication',
      'Authentication:',
      'Authorization',
    ]),
    ...(apiKey !== undefined && { apiKey: header('classic.apiKey', apiKey) }),
    ...(tfaKey !== undefined && { tfaKey: header('classic.tfaKey', tfaKey) }),
  }
}

function application(value: unknown): NonNullable<Settings['v3']> {
  object('v3', value)
  const { clientId, clientSecret } = value as V3Options
  return {
    clientId: text('v3.clientId', clientId),
    ...(clientSecret !== undefined && { clientSecret: text('v3.clientSecret', clientSecret) }),
  }
}

function formatOf(api: Settings['api'], value: unknown): Settings['format'] {
  if (value === undefined) return api === 'classic' ? 'flv' : 'mp4'
  const format = oneOf('format', value, ['flv', 'mp4'])
  if (api === 'classic' || format === 'mp4') return format
  throw new RangeError(`The option format must be mp4 for api v3, which serves nothing else; received "${format}".`)
}

function trustedOrigins(value: unknown): readonly string[] {
  if (value === undefined) return vendorDomains
  if (!Array.isArray(value)) {
    throw new TypeError(`The option hosts.trusted must be an array; received ${kind(value)}.`)
  }
  return value.map((each) => {
    const wild = typeof each === 'string' && each.startsWith('https://*.')
    const found = origin('hosts.trusted', wild ? each.replace('https://*.', 'https://any.') : each)
    return wild ? found.replace('https://any.', 'https://*.') : found
  })
}

function origin(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`The option ${name} must be a string; received ${kind(value)}.`)
  // Userinfo may hold a password.
  const shown = JSON.stringify(value.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'))
  const url = URL.canParse(value) ? new URL(value) : undefined
  const bare = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[?#@]/.test(value)
  if (url && bare) return url.origin
  throw new RangeError(`The option ${name} must be an https:// or http:// origin without a path; received ${shown}.`)
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`The option ${name} must be a string; received ${kind(value)}.`)
  if (value === '') throw new RangeError(`The option ${name} must not be empty; received "".`)
  return value
}

/** What travels in a header. The value is a secret, so it is not shown. */
function header(name: string, value: unknown): string {
  const given = text(name, value)
  if (/^[\x21-\x3a\x3c-\x7e]+$/.test(given)) return given
  throw new RangeError(`The option ${name} must be printable ASCII without spaces; received something else.`)
}

interface Bounds {
  readonly least?: number
  readonly most?: number
  readonly above?: number
  readonly whole?: boolean
}

const whole = true

function number(name: string, value: unknown, { least, most, above, whole }: Bounds): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw new TypeError(`The option ${name} must be a number; received ${kind(value)}.`)
  const fits =
    Number.isFinite(value) &&
    value >= (least ?? value) &&
    value <= (most ?? value) &&
    value > (above ?? Number.NEGATIVE_INFINITY) &&
    (!whole || Number.isInteger(value))
  if (fits) return value
  const range =
    above !== undefined ? `above ${above}` : most === undefined ? `${least} or more` : `from ${least} to ${most}`
  throw new RangeError(`The option ${name} must be ${whole ? 'a whole number ' : ''}${range}; received ${value}.`)
}

function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  const shown = isObject(value) || value === undefined ? kind(value) : JSON.stringify(value)
  throw new RangeError(`The option ${name} must be one of ${allowed.join(', ')}; received ${shown}.`)
}

function object(name: string, value: unknown): void {
  if (!isObject(value)) throw new TypeError(`The option ${name} must be an object; received ${kind(value)}.`)
}

function functions(name: string, value: unknown, names: readonly string[]): void {
  if (value === undefined) return
  const missing = isObject(value) ? names.find((each) => typeof Reflect.get(value, each) !== 'function') : names[0]
  if (missing === undefined) return
  throw new TypeError(`The option ${name} must have the function ${missing}; received ${kind(value)} without it.`)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function given<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
