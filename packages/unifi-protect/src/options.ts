import type { Clock, EpochMs, HttpTimeouts, RetryPolicy, SessionStore, TlsOptions } from '@cam/download-core/source'

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
