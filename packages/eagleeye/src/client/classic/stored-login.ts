import type { SessionStore } from '@cam/download-core/source'
import { identifier, isObject, word } from '../../wire/classic/fields.ts'
import { isCookieValue, label } from '../../wire/classic/login.ts'
import { trusts } from '../../wire/trusted.ts'
import { type ClassicLogin, type ClassicSettings, originOf } from './log-in.ts'

/** What an earlier run, or another process, left behind. A store that fails costs a login and nothing else. */
export interface StoredLogin {
  load(signal: AbortSignal): Promise<{ readonly login?: ClassicLogin; readonly tfaKey?: string }>
  save(login: ClassicLogin, signal: AbortSignal): Promise<void>
  /** One login at a time, also across processes. */
  lock(signal: AbortSignal): Promise<AsyncDisposable>
}

/** Keeps nothing where no store is given. */
export function storedLogin(settings: ClassicSettings): StoredLogin {
  const { sessions, hosts, classic } = settings
  // No secret is in it.
  const key = `eagleeye classic ${hosts.classic} ${classic.username}`
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
      return text === undefined ? {} : read(text, settings)
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

/** Anybody may have written it: what is no session is none, and one for another host is not used. */
function read(text: string, settings: ClassicSettings): { readonly login?: ClassicLogin; readonly tfaKey?: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {}
  }
  if (!isObject(value) || !isObject(value.user)) return {}
  const { cookie, session, user } = value
  const tfaKey = isCookieValue(value.tfaKey) ? { tfaKey: value.tfaKey } : {}
  const accountId = identifier(user.accountId)
  const known = cookie === 'auth_key' || cookie === 'videobank_sessionid'
  if (!known || !isCookieValue(session) || accountId === undefined) return tfaKey
  const name = word(user.name)
  const subdomain = label(user.subdomain)
  const who = { accountId, ...(name !== undefined && { name }), ...(subdomain !== undefined && { subdomain }) }
  const origin = originOf(settings, who)
  if (!trusts([settings.hosts.classic, origin], String(value.origin)) || value.origin !== origin) return tfaKey
  return { login: { origin, cookie, session, user: who, own: false, ...tfaKey }, ...tfaKey }
}
