import { createHttp, type Http, type HttpAnswer, ProtocolError } from '@cam/download-core/source'
import { createAccessKeys } from './client/access-key.ts'
import { createConversation, unlessRunEnds } from './client/conversation.ts'
import { createEntrance } from './client/entrance.ts'
import { logOut } from './client/log-out.ts'
import { vendor } from './failures/index.ts'
import type { Settings } from './options.ts'

/** `legacy`: before UniFi OS, on port 7443. PROTOCOL.md §1. */
export type Generation = 'unifi-os' | 'legacy'

/** The console that answered. */
interface Console {
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
  /** The absolute URL of a path below the root. Nothing secret is in it: `http` adds the access key where one is used. Not retried. */
  url(path: string, query: Query, signal: AbortSignal): Promise<string>
  /** GET below the root, read whole (at most 16 MiB), retried, with the session; an error status is a CamError in words. */
  ask(path: string, query: Query, signal: AbortSignal): Promise<HttpAnswer>
  /**
   * For `openBody`: `send` adds the session, follows no redirect, and on 401, a redirect or a page in place of an answer renews
   * the login once and asks again. Neither of the three is ever handed back.
   */
  readonly http: Http
}

const roots: Readonly<Record<Generation, string>> = { 'unifi-os': '/proxy/protect/api/', legacy: '/api/' }

/** Nothing is contacted before the first call. Disposing ends the login unless a store keeps it. */
export function createSession(settings: Settings): Session {
  const http = createHttp({
    origins: settings.origins,
    timeouts: settings.timeouts,
    // Questions must not wait for exports to end.
    connectionsPerHost: settings.exports + 2,
    clock: settings.clock,
    ...(settings.tls && { tls: settings.tls }),
    ...(settings.env && { env: settings.env }),
  })
  const entrance = createEntrance(http, settings)
  const keys = createAccessKeys(http, settings)
  const conversation = createConversation({ http, entrance, keys, settings })

  const enter = async (signal: AbortSignal): Promise<Console> => {
    const { generation, origin } = await entrance.login(signal)
    return { generation, origin, root: `${origin}${roots[generation]}` }
  }
  const url = async (path: string, query: Query, signal: AbortSignal) => below((await enter(signal)).root, path, query)

  return {
    console: (signal) => unlessRunEnds(settings, signal, () => enter(signal)),
    url,
    ask: (path, query, signal) =>
      unlessRunEnds(settings, signal, async () =>
        conversation.askOnce({ url: await url(path, query, signal), signal }),
      ),
    http: conversation.http,
    async [Symbol.asyncDispose]() {
      try {
        if (entrance.current && !settings.sessions) await logOut(http, entrance.current, settings)
      } finally {
        await http[Symbol.asyncDispose]()
      }
    },
  }
}

/** Ids come from replies: whatever they hold, the URL stays below the root. */
function below(root: string, path: string, query: Query): string {
  const url = new URL(root)
  url.pathname += path
  if (!url.href.startsWith(root)) {
    throw new ProtocolError(`${JSON.stringify(path)} is no path of the console's API.`, { vendor })
  }
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(each))
  }
  return url.href
}
