import type { Clock } from '../clock.ts'
import type { RetryPolicy } from '../retry.ts'

/** Milliseconds. There is no limit on the whole: a long recording takes long. */
export interface HttpTimeouts {
  /** Until the TCP connection stands. Default 10,000. */
  readonly connectMs: number
  /** Until the TLS handshake is done. Default 10,000. */
  readonly tlsMs: number
  /** From the request to the first byte of the reply's head. Default 60,000. */
  readonly firstByteMs: number
  /** Between two chunks of a body while somebody wants to read. Default 30,000. */
  readonly idleMs: number
}

/** Whom to trust over TLS. Default: the system's certificate authorities. */
export interface TlsOptions {
  /** Accept any certificate. Default false. */
  readonly insecure?: boolean
  /** PEM certificates trusted in addition to the system's. */
  readonly ca?: string | Uint8Array
  /** SHA-256 of the only certificate accepted, as hex with or without colons; name and issuer are then not looked at. */
  readonly fingerprint256?: string
  /** Let in what old devices need and nobody else should: TLS 1.0 and 1.1, short keys, old ciphers. Default false. */
  readonly legacy?: boolean
}

/** What one client may do, and with whom. */
export interface HttpOptions {
  /**
   * The origins that may see credentials, cookies and secret headers; the first is the base for relative URLs. Any but the
   * first may be `https://*.example.com`, which stands for every host below example.com.
   */
  readonly origins: readonly [string, ...string[]]
  /** For Digest (MD5, SHA-256, SHA-512-256, -sess) or, over TLS only, Basic: whatever the server asks for. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Send Basic over plain HTTP too. Default false. */
  readonly allowBasicOverHttp?: boolean
  /** Headers that only the declared origins get, such as an API key. */
  readonly secretHeaders?: Readonly<Record<string, string>>
  /** Keep cookies, for the declared origins only. Default false. */
  readonly cookies?: boolean
  readonly tls?: TlsOptions
  readonly timeouts?: Partial<HttpTimeouts>
  /** Default 4. */
  readonly connectionsPerHost?: number
  readonly userAgent?: string
  /** For `ask` and everything built on it. `send` never retries. */
  readonly retry?: RetryPolicy
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
}

/** One request. */
export interface HttpRequest {
  /** Absolute, or relative to the first origin. */
  readonly url: string | URL
  /** The request target as it goes on the wire, one character per byte, where a server does not decode `%XX`. */
  readonly rawTarget?: string
  /** Default GET. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal: AbortSignal
  readonly timeouts?: Partial<HttpTimeouts>
  /** Whether sending it twice does no harm. Default: true for GET and HEAD, false otherwise. */
  readonly idempotent?: boolean
  /** Keep the connection for later requests. Default true. */
  readonly keepAlive?: boolean
  /**
   * Read the reply's head leniently from the start: lines without a name, bare line feeds and a length stated twice are
   * tolerated, over a connection of its own. Default false, which does so only in a second request, after a strict reading
   * failed, where `idempotent` allows it, and from then on for that origin.
   */
  readonly lenientHead?: boolean
  /** Redirects followed (never from https to http). Default 10; 0 hands the redirect back. */
  readonly maxRedirects?: number
}

/** A reply whose body has not been read. Whoever holds it reads `body` to the end or calls `discard`. */
export interface HttpReply {
  readonly status: number
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** `1.0` or `1.1`; what a server of version 1.0 says about versions of its bytes is not believed. */
  readonly httpVersion?: string
  /** After redirects, without userinfo. */
  readonly url: string
  /** Bytes as sent: content encodings other than identity are not decoded here. Ends with NetworkError, TimeoutError or IncompleteError. */
  readonly body: AsyncIterable<Uint8Array>
  /** Ends the exchange: drains a short rest, closes the connection on a long one. */
  discard(): Promise<void>
}

/** A reply read whole. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly url: string
  readonly bytes: Uint8Array
  /** UTF-8. */
  text(): string
  /** Throws ProtocolError with a redacted excerpt where it does not parse. */
  json(): unknown
}

/** A client for one vendor's servers. Nothing is contacted before the first request; disposing closes every connection. */
export interface Http extends AsyncDisposable {
  /** One exchange, whatever its status. Answers authentication challenges (at most twice) and follows redirects; never retries. */
  send(request: HttpRequest): Promise<HttpReply>
  /** Reads the whole reply (at most `limitBytes`, default 16 MiB, and ten times `idleMs`), retries what may be retried, throws a CamError for a status of 400 and above. */
  ask(request: HttpRequest & { readonly limitBytes?: number }): Promise<HttpAnswer>
  /** Removes this client's secrets from a text. */
  redact(text: string): string
}
