import type { Http, HttpAnswer } from '@cam/download-core/source'

/** `legacy`: before UniFi OS, on port 7443. PROTOCOL.md §1. */
export type Generation = 'unifi-os' | 'legacy'

/** The console that answered. */
export interface Console {
  readonly generation: Generation
  /** `https://host:port`. */
  readonly origin: string
  /** Absolute URL below which the private API lies, with a slash at the end. */
  readonly root: string
}

/** A parameter with several values is repeated; `undefined` is left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/**
 * One login on one console, made on first use, once, whoever asks; kept for its life, renewed once (single flight) where the
 * console no longer takes it.
 */
export interface Session extends AsyncDisposable {
  /** Finds out how the console is spoken to, and logs in. Throws AuthenticationError, RateLimitError, ProtocolError, NetworkError … */
  console(signal: AbortSignal): Promise<Console>
  /** The absolute URL of a path below the root; for exports on old consoles with the access key in it where that is used. */
  url(path: string, query: Query, signal: AbortSignal): Promise<string>
  /** GET below the root, read whole (at most 16 MiB), retried, with the session; an error status is a CamError in words. */
  ask(path: string, query: Query, signal: AbortSignal): Promise<HttpAnswer>
  /** For `openBody`: `send` adds the session, follows no redirect, and on 401 renews the login once and asks again. */
  readonly http: Http
}
