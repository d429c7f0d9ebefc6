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
  textOption,
  timeoutsOption,
  withoutUndefined,
} from '@cam/download-core/source'
import { place } from './wire/address.ts'

/** How to reach a camera, recorder or hub, and which of its footage is meant. */
export interface ReolinkOptions {
  /**
   * `host`, `host:port`, `[v6]`, `[v6]:port`, or an `http://…` or `https://…` origin. Without a scheme: https where `tls` is
   * given, else http, and https where the same host sends there or has http switched off.
   */
  readonly host: string
  /** An account of the device, of its administrator or of a user. */
  readonly username: string
  readonly password: string
  /**
   * `token`: one login, ended when the source is disposed. `short`: name and password with each request, no session; downloads
   * log in nevertheless. `encrypted`: the login of the vendor's own apps, everything but media encrypted. Default `auto`: `token`,
   * and `encrypted` where the device asks for it.
   */
  readonly login?: LoginMode | undefined
  /** IANA zone of the device's clock, where what it says of itself is not to be trusted. Default: what it says. */
  readonly timeZone?: string | undefined
  /** Which of the two recordings and pictures: full size, or small. Default `main`. */
  readonly stream?: Stream | undefined
  /** Only recordings that one of these started, where their names tell. Default: all. */
  readonly triggers?: readonly Trigger[] | undefined
  /** A recording that ended less than this ago may still grow, and is left for the next run. Milliseconds, default 60,000. */
  readonly settleMs?: number | undefined
  /** How often in a row a picture may be identical to the one before, until it is refused as frozen. Default 3. */
  readonly identicalPictures?: number | 'allowed' | undefined
  /** Pictures are asked for in this size, in pixels; devices keep to sizes of their own. Default: as large as they are. */
  readonly pictureSize?: PictureSize | undefined
  /** Where the device's commands are. Default: `/cgi-bin/api.cgi`, and `/api.cgi` where there is no such page. */
  readonly path?: ApiPath | undefined
  /** Default: the certificate is verified. A device's own is self-signed and names no address: give its fingerprint. */
  readonly tls?: TlsOptions | undefined
  /** Speak TLS as devices of before 2018 do: 1.0 and up, short keys, old ciphers. Default false. */
  readonly legacyTls?: boolean | undefined
  /** Milliseconds. Default: connect 10,000, TLS 15,000, first byte 30,000, idle 30,000. */
  readonly timeouts?: Partial<HttpTimeouts> | undefined
  /** For lists and questions; transfers are retried by the core. Default: 3 retries, 1 second doubling. */
  readonly retry?: RetryPolicy | undefined
  readonly clock?: Clock | undefined
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** How a device is told who asks. */
export type LoginMode = 'auto' | 'token' | 'short' | 'encrypted'

/** As the vendor calls them. */
export type Stream = 'main' | 'sub'

/** The two pages that devices answer on. */
export type ApiPath = '/cgi-bin/api.cgi' | '/api.cgi'

/** Both in pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** What may start a recording, as the names of recordings tell. */
export type Trigger = (typeof triggerNames)[number]

const triggerNames = [
  'schedule',
  'motion',
  'person',
  'face',
  'vehicle',
  'animal',
  'doorbell',
  'package',
  'pir',
  'other',
] as const

/** Options that were checked. */
export interface Settings {
  /** Where to ask first. */
  readonly origin: string
  /** Whether https on the same host may take the place of `origin`, where the device wants that. */
  readonly mayUpgrade: boolean
  /** As the user wrote it, for messages and as the identity of last resort. */
  readonly address: string
  readonly username: string
  readonly password: string
  readonly login: LoginMode
  readonly timeZone?: string
  readonly stream: Stream
  readonly triggers?: readonly Trigger[]
  readonly settleMs: number
  /** Infinity where they are allowed. */
  readonly identicalPictures: number
  readonly pictureSize?: PictureSize
  readonly path?: ApiPath
  readonly tls?: TlsOptions
  readonly timeouts: Partial<HttpTimeouts>
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly env?: Readonly<Record<string, string | undefined>>
}

const whole = true

/** Checks what the user gave. Throws TypeError or RangeError that names the option and the value, never the password. */
export function readOptions(options: ReolinkOptions): Settings {
  if (!isObject(options)) throw new TypeError(`reolink takes an object of options; received ${kindOf(options)}.`)
  const { timeouts = {}, retry = {}, clock = systemClock, env, tls, legacyTls = false } = options
  if (tls !== undefined) objectOption('tls', tls)
  if (env !== undefined) objectOption('env', env)
  timeoutsOption(timeouts)
  retryOption(retry)
  functionsOption('clock', clock, ['now', 'monotonic', 'wait'])
  if (typeof legacyTls !== 'boolean') {
    throw new TypeError(`The option legacyTls must be true or false; received ${kindOf(legacyTls)}.`)
  }
  const { timeZone, triggers, pictureSize, path } = options
  const secure = tls !== undefined || legacyTls
  return {
    ...place(options.host, secure),
    username: textOption('username', options.username),
    password: textOption('password', options.password),
    login: oneOfOption('login', options.login ?? 'auto', ['auto', 'token', 'short', 'encrypted']),
    ...(timeZone !== undefined && { timeZone: zone(timeZone) }),
    stream: oneOfOption('stream', options.stream ?? 'main', ['main', 'sub']),
    ...(triggers !== undefined && { triggers: triggersOption(triggers) }),
    settleMs: numberOption('settleMs', options.settleMs, { least: 0, whole }) ?? 60_000,
    identicalPictures: identical(options.identicalPictures),
    ...(pictureSize !== undefined && { pictureSize: size(pictureSize) }),
    ...(path !== undefined && { path: oneOfOption('path', path, ['/cgi-bin/api.cgi', '/api.cgi']) }),
    ...(secure && { tls: { ...tls, ...(legacyTls && { legacy: true }) } }),
    timeouts: { connectMs: 10_000, tlsMs: 15_000, firstByteMs: 30_000, idleMs: 30_000, ...withoutUndefined(timeouts) },
    retry,
    clock,
    ...(env && { env }),
  }
}

function zone(value: unknown): string {
  const name = textOption('timeZone', value)
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name
  } catch {
    throw new RangeError(
      `The option timeZone must be an IANA time zone, such as Europe/Berlin; received ${JSON.stringify(name)}.`,
    )
  }
}

function triggersOption(value: unknown): readonly Trigger[] {
  if (!Array.isArray(value)) throw new TypeError(`The option triggers must be an array; received ${kindOf(value)}.`)
  if (value.length === 0) throw new RangeError('The option triggers must name at least one; received [].')
  return [...new Set(value.map((each) => oneOfOption('triggers', each, triggerNames)))]
}

function identical(value: unknown): number {
  if (value === 'allowed') return Number.POSITIVE_INFINITY
  if (value !== undefined && typeof value !== 'number') {
    throw new TypeError(
      `The option identicalPictures must be a number or 'allowed'; received ${typeof value === 'string' ? JSON.stringify(value) : kindOf(value)}.`,
    )
  }
  return numberOption('identicalPictures', value, { least: 1, whole }) ?? 3
}

function size(value: unknown): PictureSize {
  objectOption('pictureSize', value)
  const side = (name: 'width' | 'height') =>
    numberOption(`pictureSize.${name}`, Reflect.get(value, name) ?? Number.NaN, { least: 1, most: 65_535, whole }) ?? 0
  return { width: side('width'), height: side('height') }
}
