import { isIPv6 } from 'node:net'
import {
  type Clock,
  type EpochMs,
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

/** How to reach a console, and which of its footage is meant. */
export interface UnifiProtectOptions {
  /** `host`, `host:port`, `[v6]`, `[v6]:port`, or an `https://…` origin. */
  readonly address: string
  /** Default: the one in `address`, else 443 and then 7443, whichever answers as a console. */
  readonly port?: number | undefined
  /** A local account of the console with the right to download footage; view only is enough. */
  readonly username: string
  readonly password: string
  /** The six digits of an authenticator, where the account has a second factor. Default: none. */
  readonly otp?: string | undefined
  /** What is archived. Default `continuous`. */
  readonly footage?: Footage | undefined
  /** Stream: 0 high, 1 medium, 2 low, 3 package camera. Default 0. */
  readonly channel?: Channel | undefined
  /** Longest piece asked for at once, in milliseconds: 60,000 to 3,600,000 (consoles crash above). Default 3,600,000. */
  readonly segmentMs?: number | undefined
  /** Footage younger than this is still being written and left for the next run. Milliseconds, default 120,000. */
  readonly settleMs?: number | undefined
  /** For `footage: 'events'`. */
  readonly events?: EventOptions | undefined
  /** For `footage: 'timelapse'`. Default 60. */
  readonly speed?: TimelapseSpeed | undefined
  /** For `footage: 'snapshots'`: the moment. Default: now, from the live picture. */
  readonly at?: EpochMs | undefined
  /** Exports at once. Default 1: consoles have crashed with more. At most 4. */
  readonly exports?: number | undefined
  /** Pause between two exports, in milliseconds. Default 0. */
  readonly pauseBetweenMs?: number | undefined
  /** Only on consoles before UniFi OS: use access keys, and renew them and the login after so many exports. Default: neither. */
  readonly renew?:
    | { readonly accessKeyAfter?: number | undefined; readonly loginAfter?: number | undefined }
    | undefined
  /** Keeps the login between runs, because logins are rate-limited. Default: none; the login ends with the source. */
  readonly sessions?: SessionStore | undefined
  /** Default: the certificate is verified. A console's own is self-signed and names no address: give its fingerprint. */
  readonly tls?: TlsOptions | undefined
  /** Milliseconds. Default: connect 10,000, TLS 10,000, first byte 180,000 (a console renders first), idle 60,000. */
  readonly timeouts?: Partial<HttpTimeouts> | undefined
  /** For lists and questions; transfers are retried by the core. Default: 3 retries, 1 second doubling. */
  readonly retry?: RetryPolicy | undefined
  readonly clock?: Clock | undefined
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** `continuous` is everything recorded, hour by hour. */
export type Footage = 'continuous' | 'events' | 'timelapse' | 'snapshots'

/** As the console numbers its streams. */
export type Channel = 0 | 1 | 2 | 3

/** Times faster than life. PROTOCOL.md lists the `fps` a console wants for each. */
export type TimelapseSpeed = 60 | 120 | 300 | 600

/** Which events, and how much around them. */
export interface EventOptions {
  /** The console's words: `motion`, `ring`, `smartDetectZone` … Default: all that come with footage. */
  readonly types?: readonly string[] | undefined
  /** `person`, `vehicle`, `animal`, `package`, `licensePlate`, `face`, `alrmSmoke` … Default: any. */
  readonly smartTypes?: readonly string[] | undefined
  /** Before and after each event, in milliseconds. Default 5,000. */
  readonly paddingMs?: number | undefined
}

/** Options that were checked. */
export interface Settings {
  /** Origins to try, in this order. */
  readonly origins: readonly [string, ...string[]]
  /** As the user wrote it, for messages and as the identity of last resort. */
  readonly address: string
  readonly username: string
  readonly password: string
  readonly otp?: string
  readonly footage: Footage
  readonly channel: Channel
  readonly segmentMs: number
  readonly settleMs: number
  readonly events: {
    readonly types: readonly string[]
    readonly smartTypes: readonly string[]
    readonly paddingMs: number
  }
  readonly speed: TimelapseSpeed
  readonly at?: EpochMs
  readonly exports: number
  readonly pauseBetweenMs: number
  readonly renew: { readonly accessKeyAfter?: number; readonly loginAfter?: number }
  readonly sessions?: SessionStore
  readonly tls?: TlsOptions
  readonly timeouts: Partial<HttpTimeouts>
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly env?: Readonly<Record<string, string | undefined>>
}

const whole = true

/** Event types that come with footage. PROTOCOL.md §3.4. */
const typesWithFootage = [
  'motion',
  'ring',
  'smartDetectZone',
  'smartDetectLine',
  'smartDetectLoiterZone',
  'smartAudioDetect',
  'doorAccess',
  'nfcCardScanned',
  'fingerprintIdentified',
]

/** Checks what the user gave. Throws TypeError or RangeError that names the option and the value, never the password. */
export function readOptions(options: UnifiProtectOptions): Settings {
  if (!isObject(options)) throw new TypeError(`unifiProtect takes an object of options; received ${kindOf(options)}.`)
  const { events = {}, renew = {}, timeouts = {}, retry = {}, sessions, tls, clock = systemClock, env, at } = options
  for (const [name, value] of Object.entries({ events, renew })) objectOption(name, value)
  if (tls !== undefined) objectOption('tls', tls)
  timeoutsOption(timeouts)
  retryOption(retry)
  for (const name of ['accessKeyAfter', 'loginAfter'] as const)
    numberOption(`renew.${name}`, renew[name], { least: 1, whole })
  numberOption('at', at, { least: 0, most: 8.64e15, whole })
  functionsOption('sessions', sessions, ['load', 'save', 'remove', 'lock'])
  functionsOption('clock', clock, ['now', 'monotonic', 'wait'])
  const { accessKeyAfter, loginAfter } = renew
  return {
    ...place(options.address, options.port),
    ...account(options),
    footage: oneOfOption('footage', options.footage ?? 'continuous', [
      'continuous',
      'events',
      'timelapse',
      'snapshots',
    ]),
    channel: oneOfOption('channel', options.channel ?? 0, [0, 1, 2, 3]),
    segmentMs: numberOption('segmentMs', options.segmentMs, { least: 60_000, most: 3_600_000, whole }) ?? 3_600_000,
    settleMs: numberOption('settleMs', options.settleMs, { least: 0, whole }) ?? 120_000,
    events: {
      types: words('events.types', events.types) ?? typesWithFootage,
      smartTypes: words('events.smartTypes', events.smartTypes) ?? [],
      paddingMs: numberOption('events.paddingMs', events.paddingMs, { least: 0, most: 3_600_000, whole }) ?? 5000,
    },
    speed: oneOfOption('speed', options.speed ?? 60, [60, 120, 300, 600]),
    exports: numberOption('exports', options.exports, { least: 1, most: 4, whole }) ?? 1,
    pauseBetweenMs: numberOption('pauseBetweenMs', options.pauseBetweenMs, { least: 0 }) ?? 0,
    renew: {
      ...(accessKeyAfter !== undefined && { accessKeyAfter }),
      ...(loginAfter !== undefined && { loginAfter }),
    },
    timeouts: { connectMs: 10_000, tlsMs: 10_000, firstByteMs: 180_000, idleMs: 60_000, ...withoutUndefined(timeouts) },
    retry,
    clock,
    ...(at !== undefined && { at }),
    ...(sessions && { sessions }),
    ...(tls && { tls }),
    ...(env && { env }),
  }
}

function place(address: unknown, port: unknown): Pick<Settings, 'origins' | 'address'> {
  if (typeof address !== 'string') {
    throw new TypeError(`The option address must be a string; received ${kindOf(address)}.`)
  }
  const written = address.trim().replace(/\/$/, '')
  const wanted = 'The option address must be a host, host:port, [IPv6 address], or an https:// address'
  // Userinfo may hold the password.
  const shown = JSON.stringify(written.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'))
  if (isIPv6(written)) throw new RangeError(`${wanted}; received ${shown}. Write it in brackets: [${written}].`)
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase()
  const whole = scheme ? written : `https://${written}`
  if (written === '' || (scheme && scheme !== 'https') || !URL.canParse(whole)) {
    throw new RangeError(`${wanted}; received ${shown}.`)
  }
  if (written.includes('@') || /\s/.test(written)) {
    throw new RangeError(`${wanted}; received ${shown}. Name and password have options of their own.`)
  }
  const url = new URL(whole)
  if (url.pathname !== '/' || url.search || url.hash || /[?#]/.test(written)) {
    throw new RangeError(`${wanted}, without a path; received ${shown}.`)
  }
  const asked = numberOption('port', port, { least: 1, most: 65_535, whole: true })
  // The URL itself forgets a port that is the usual one.
  const inAddress = /:(\d+)$/.exec(written)?.[1]
  if (asked !== undefined && inAddress !== undefined && Number(inAddress) !== asked) {
    throw new RangeError(`The option port is ${asked}, but the option address says ${shown}. Give one of them.`)
  }
  if (inAddress !== undefined) return { address: written, origins: [url.origin] }
  const origin = (at: number) => new URL(`https://${url.hostname}:${at}`).origin
  if (asked !== undefined) return { address: `${written}:${asked}`, origins: [origin(asked)] }
  return { address: written, origins: [origin(443), origin(7443)] }
}

function account(options: UnifiProtectOptions): Pick<Settings, 'username' | 'password' | 'otp'> {
  const username = textOption('username', options.username)
  const password = textOption('password', options.password)
  const { otp } = options
  if (otp === undefined) return { username, password }
  if (typeof otp !== 'string') throw new TypeError(`The option otp must be a string; received ${kindOf(otp)}.`)
  if (!/^\d{6}$/.test(otp)) {
    throw new RangeError(`The option otp must be six digits; received a string of ${otp.length} characters.`)
  }
  return { username, password, otp }
}

function words(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw new TypeError(`The option ${name} must be an array; received ${kindOf(value)}.`)
  // Asked without any type, a console answers for another window than the one asked for. PROTOCOL.md §3.4.
  if (value.length === 0) throw new RangeError(`The option ${name} must name at least one; received [].`)
  const bad = value.find((word) => typeof word !== 'string' || !/^\w{1,64}$/.test(word))
  if (bad === undefined && !value.includes(undefined)) return [...new Set<string>(value)]
  throw new RangeError(
    `The option ${name} must hold the console's words; received ${JSON.stringify(bad) ?? kindOf(bad)} in it.`,
  )
}
