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
  type SessionStore,
  systemClock,
  type TlsOptions,
  textOption,
  timeoutsOption,
  withoutUndefined,
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
  /** How long before the window a clip may have begun, or how long behind it may end, and still reach into it. Milliseconds, default 28,800,000 (8 hours) for classic, 86,400,000 (a day) for v3. */
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

const day = 86_400_000
const whole = true

/** v3 leaves out what lies over an edge, and lists a day more in the same request. Classic names such clips itself, day by day. */
function lookBackOf(api: Settings['api']): number {
  return api === 'v3' ? day : 28_800_000
}

/** Checks what the user gave. Throws TypeError or RangeError that names the option and the value, never a secret. */
export function readOptions(options: EagleEyeOptions): Settings {
  if (!isObject(options)) throw new TypeError(`eagleEye takes an object of options; received ${kindOf(options)}.`)
  const { hosts = {}, timeouts = {}, retry = {}, sessions, tls, clock = systemClock, env } = options
  objectOption('hosts', hosts)
  if (tls !== undefined) objectOption('tls', tls)
  if (env !== undefined) objectOption('env', env)
  timeoutsOption(timeouts)
  retryOption(retry)
  functionsOption('sessions', sessions, ['load', 'save', 'remove', 'lock'])
  functionsOption('clock', clock, ['now', 'monotonic', 'wait'])
  const api = oneOfOption('api', options.api ?? 'v3', ['v3', 'classic'])
  const branded = hosts.branded === undefined ? undefined : origin('hosts.branded', hosts.branded)
  if (api === 'v3' && !sessions) {
    throw new TypeError('The option sessions is needed for api v3: the tokens of the consent are kept there.')
  }
  return {
    api,
    ...(api === 'classic' ? { classic: classicAccount(options.classic) } : { v3: application(options.v3) }),
    format: formatOf(api, options.format),
    settleMs: numberOption('settleMs', options.settleMs, { least: 0, whole }) ?? 300_000,
    lookBackMs: numberOption('lookBackMs', options.lookBackMs, { least: 0, most: 30 * day, whole }) ?? lookBackOf(api),
    pieceMs: numberOption('pieceMs', options.pieceMs, { least: 10_000, most: day, whole }) ?? 300_000,
    hosts: {
      classic: origin('hosts.classic', hosts.classic ?? 'https://login.eagleeyenetworks.com'),
      ...(branded !== undefined && { branded }),
      auth: origin('hosts.auth', hosts.auth ?? 'https://auth.eagleeyenetworks.com'),
      api: origin('hosts.api', hosts.api ?? 'https://api.eagleeyenetworks.com'),
    },
    trusted: trustedOrigins(hosts.trusted),
    timeouts: { connectMs: 20_000, tlsMs: 20_000, firstByteMs: 200_000, idleMs: 60_000, ...withoutUndefined(timeouts) },
    retry,
    clock,
    ...(sessions && { sessions }),
    ...(tls && { tls }),
    ...(env && { env }),
  }
}

function classicAccount(value: unknown): NonNullable<Settings['classic']> {
  objectOption('classic', value)
  const { username, password, apiKey, apiKeyHeader, tfaKey, unattached = false } = value as ClassicOptions
  if (typeof unattached !== 'boolean') {
    throw new TypeError(`The option classic.unattached must be a boolean; received ${kindOf(unattached)}.`)
  }
  return {
    unattached,
    username: textOption('classic.username', username),
    password: textOption('classic.password', password),
    apiKeyHeader: oneOfOption('classic.apiKeyHeader', apiKeyHeader ?? 'Authentication', [
      'Authentication',
      'Authentication:',
      'Authorization',
    ]),
    ...(apiKey !== undefined && { apiKey: header('classic.apiKey', apiKey) }),
    ...(tfaKey !== undefined && { tfaKey: header('classic.tfaKey', tfaKey) }),
  }
}

function application(value: unknown): NonNullable<Settings['v3']> {
  objectOption('v3', value)
  const { clientId, clientSecret } = value as V3Options
  return {
    clientId: textOption('v3.clientId', clientId),
    ...(clientSecret !== undefined && { clientSecret: textOption('v3.clientSecret', clientSecret) }),
  }
}

function formatOf(api: Settings['api'], value: unknown): Settings['format'] {
  if (value === undefined) return api === 'classic' ? 'flv' : 'mp4'
  const format = oneOfOption('format', value, ['flv', 'mp4'])
  if (api === 'classic' || format === 'mp4') return format
  throw new RangeError(`The option format must be mp4 for api v3, which serves nothing else; received "${format}".`)
}

function trustedOrigins(value: unknown): readonly string[] {
  if (value === undefined) return vendorDomains
  if (!Array.isArray(value)) {
    throw new TypeError(`The option hosts.trusted must be an array; received ${kindOf(value)}.`)
  }
  return value.map((each) => {
    const wild = typeof each === 'string' && each.startsWith('https://*.')
    const found = origin('hosts.trusted', wild ? each.replace('https://*.', 'https://any.') : each)
    return wild ? found.replace('https://any.', 'https://*.') : found
  })
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

/** What travels in a header. The value is a secret, so it is not shown. */
function header(name: string, value: unknown): string {
  const given = textOption(name, value)
  if (/^[\x21-\x3a\x3c-\x7e]+$/.test(given)) return given
  throw new RangeError(`The option ${name} must be printable ASCII without spaces; received something else.`)
}
