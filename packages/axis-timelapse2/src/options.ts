import { isIPv6 } from 'node:net'
import {
  type Clock,
  type HttpTimeouts,
  kindOf,
  type RetryPolicy,
  retryOption,
  type TlsOptions,
  timeoutsOption,
} from '@cam/download-core/source'

/** How to reach a camera's timelapse app. */
export interface AxisTimelapse2Options {
  /** `host`, `host:port`, `[v6]`, `[v6]:port`, or a whole `http://…` or `https://…` origin. Without a scheme: http. */
  readonly host: string
  /** An administrator's account of the camera: the app serves nobody else. Default: none. */
  readonly username?: string | undefined
  /** Goes with `username`. */
  readonly password?: string | undefined
  /** Which app to speak to. Default: detected. */
  readonly app?: AppName | undefined
  /** Send the password in clear text where the camera offers only Basic over http. Default false. */
  readonly allowBasicOverHttp?: boolean | undefined
  /** Default: the certificate is verified. */
  readonly tls?: TlsOptions | undefined
  /** Milliseconds. Default: connect 10,000, TLS 10,000, first byte 120,000, idle 30,000. */
  readonly timeouts?: Partial<HttpTimeouts> | undefined
  /** For lists and questions; transfers are retried by the core. Default: 3 retries, 1 second doubling. */
  readonly retry?: RetryPolicy | undefined
  readonly clock?: Clock | undefined
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/** The path under which an app answers: `timelapse2` is Timelapse2 1.x and Timelapse 3.x. */
export type AppName = 'timelapse2' | 'timelapseme'

/** Options that were checked. */
export interface Settings {
  readonly origin: string
  /** Host and port, for messages and as the identity of last resort. */
  readonly address: string
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly app?: AppName
  readonly allowBasicOverHttp: boolean
  readonly tls?: TlsOptions
  readonly timeouts: Partial<HttpTimeouts>
  readonly retry: RetryPolicy
  readonly clock?: Clock
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Checks what the user gave. Throws TypeError or RangeError that names the option and the value, never the password. */
export function readOptions(options: AxisTimelapse2Options): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`axisTimelapse2 takes an object of options; received ${kindOf(options)}.`)
  }
  const { app, allowBasicOverHttp = false, tls, timeouts = {}, retry = {}, clock, env } = options
  const url = origin(options.host)
  const credentials = account(options.username, options.password)
  if (app !== undefined && app !== 'timelapse2' && app !== 'timelapseme') {
    throw new RangeError(`The option app must be 'timelapse2' or 'timelapseme'; received ${JSON.stringify(app)}.`)
  }
  if (typeof allowBasicOverHttp !== 'boolean') {
    throw new TypeError(`The option allowBasicOverHttp must be true or false; received ${kindOf(allowBasicOverHttp)}.`)
  }
  timeoutsOption(timeouts)
  retryOption(retry)
  return {
    origin: url.origin,
    address: url.host,
    allowBasicOverHttp,
    timeouts: { firstByteMs: 120_000, idleMs: 30_000, ...timeouts },
    retry,
    ...(credentials && { credentials }),
    ...(app && { app }),
    ...(tls && { tls }),
    ...(clock && { clock }),
    ...(env && { env }),
  }
}

function origin(host: unknown): URL {
  if (typeof host !== 'string') throw new TypeError(`The option host must be a string; received ${kindOf(host)}.`)
  const given = host.trim()
  const wanted = 'The option host must be a host, host:port, [IPv6 address], or an http:// or https:// address'
  // Userinfo may hold the password.
  const shown = JSON.stringify(given.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'))
  if (isIPv6(given)) throw new RangeError(`${wanted}; received ${shown}. Write the address in brackets: [${given}].`)
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase()
  if (given === '' || (scheme && scheme !== 'http' && scheme !== 'https')) {
    throw new RangeError(`${wanted}; received ${shown}.`)
  }
  let url: URL
  try {
    url = new URL(scheme ? given : `http://${given}`)
  } catch {
    throw new RangeError(`${wanted}; received ${shown}.`)
  }
  if (given.includes('@') || /\s/.test(given)) {
    throw new RangeError(`${wanted}; received ${shown}. Name and password have options of their own.`)
  }
  if (url.pathname !== '/' || url.search || url.hash || /[?#]/.test(given)) {
    throw new RangeError(`${wanted}, without a path; received ${shown}.`)
  }
  return url
}

function account(username: unknown, password: unknown): Settings['credentials'] {
  if (username === undefined && password === undefined) return undefined
  if (typeof username !== 'string') {
    throw new TypeError(`The option username must be a string where a password is given; received ${kindOf(username)}.`)
  }
  if (username === '') throw new RangeError('The option username must not be empty; received "".')
  if (typeof password !== 'string') {
    throw new TypeError(`The option password must be a string where a username is given; received ${kindOf(password)}.`)
  }
  return { username, password }
}
