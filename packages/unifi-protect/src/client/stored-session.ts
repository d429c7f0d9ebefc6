import type { SessionStore } from '@cam/download-core/source'
import type { Settings } from '../options.ts'
import type { Login } from './login.ts'
import { farthestExpiryMs, isCsrf, isToken } from './token.ts'

/** The login an earlier run, or another process, left behind. A store that fails costs a login and nothing else. */
export interface StoredSession {
  load(signal: AbortSignal): Promise<Login | undefined>
  save(login: Login, signal: AbortSignal): Promise<void>
  /** One login at a time, also across processes. */
  lock(signal: AbortSignal): Promise<AsyncDisposable>
}

/** Keeps nothing where no store is given. */
export function storedSession(settings: Settings): StoredSession {
  const { sessions, origins, username, clock } = settings
  const key = keyOf(origins[0], username)
  const attempt = async <T>(signal: AbortSignal, work: (store: SessionStore) => Promise<T>): Promise<T | undefined> => {
    if (!sessions) return undefined
    try {
      return await work(sessions)
    } catch {
      // A state folder that cannot be written must not keep anybody from archiving.
      signal.throwIfAborted()
      return undefined
    }
  }
  return {
    async load(signal) {
      const text = await attempt(signal, (store) => store.load(key))
      const login = text === undefined ? undefined : read(text)
      if (!login || !origins.includes(login.origin)) return undefined
      return login.expiresAt <= clock.now() + farthestExpiryMs ? login : undefined
    },
    async save({ own: _, ...login }, signal) {
      await attempt(signal, (store) => store.save(key, JSON.stringify(login)))
    },
    async lock(signal) {
      const held = await attempt(signal, (store) => store.lock(key, signal))
      return {
        async [Symbol.asyncDispose]() {
          try {
            await held?.[Symbol.asyncDispose]()
          } catch {
            // Whoever waits for it takes it over.
          }
        },
      }
    },
  }
}

/** Names the session of one account at one address; no secret is in it. */
export function keyOf(origin: string, username: string): string {
  return `unifi-protect ${origin} ${username}`
}

/** Anybody may have written it: what is not a session is none. */
function read(text: string): Login | undefined {
  let value: Readonly<Record<string, unknown>>
  try {
    value = Object(JSON.parse(text))
  } catch {
    return undefined
  }
  const { generation, origin, cookie, token, csrf, expiresAt } = value
  if (typeof origin !== 'string' || !isToken(token) || !Number.isSafeInteger(expiresAt)) return undefined
  const known = { origin, token, expiresAt: expiresAt as number, own: false }
  if (generation === 'legacy') return { ...known, generation }
  if (generation !== 'unifi-os' || (cookie !== 'TOKEN' && cookie !== 'UOS_TOKEN')) return undefined
  return { ...known, generation, cookie, ...(isCsrf(csrf) && { csrf }) }
}
