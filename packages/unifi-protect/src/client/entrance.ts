import { AuthenticationError, type Http, isCamError } from '@cam/download-core/source'
import { LoginLimitError } from '../failures/index.ts'
import type { Settings } from '../options.ts'
import { detect, type Found } from './detect.ts'
import { type Login, logIn } from './login.ts'
import { storedSession } from './stored-session.ts'

/** Renewed so long before its end, so that no request is on its way when it comes. */
const aheadMs = 60_000
/** Timers may ring a little early, and whoever waited as told must not be told again. */
const earlyMs = 100
/** Logins that were refused; a few, because a store may go on offering the same one. */
const mostRefused = 8

/** The one login of a source: taken from the store or made on first use, once, whoever asks. */
export interface Entrance {
  /** The login as it stands. Tries no second time what was refused, nor while the console takes no logins. */
  login(signal: AbortSignal): Promise<Login>
  /** The console no longer takes it: the next one asks for another. */
  refused(login: Login): void
  /** Nobody answered where it comes from: a stored one may be of a console that has moved. */
  unanswered(login: Login): void
  readonly current: Login | undefined
}

/** Nothing is contacted before the first login. */
export function createEntrance(http: Http, settings: Settings): Entrance {
  const { clock, sessions } = settings
  const stored = storedSession(settings)
  const refused: string[] = []
  let current: Login | undefined
  let entering: Promise<Login> | undefined
  let found: Found | undefined
  let doubted = false
  let barred: { readonly error: Error; readonly until: number } | undefined

  const lasts = (login: Login) => login.expiresAt - clock.now() > aheadMs

  const known = async (signal: AbortSignal): Promise<Login | undefined> => {
    const login = await stored.load(signal)
    if (!login || !lasts(login) || refused.includes(login.token)) return undefined
    if (!doubted) return login
    found ??= await detect(http, settings, signal)
    return found.origin === login.origin && found.generation === login.generation ? login : undefined
  }

  const enter = async (signal: AbortSignal): Promise<Login> => {
    const early = sessions && (await known(signal))
    if (early) return early
    await using _alone = await stored.lock(signal)
    // Another process may have logged in while we waited.
    const theirs = sessions && (await known(signal))
    if (theirs) return theirs
    if (barred && clock.monotonic() < barred.until) throw barred.error
    try {
      found ??= await detect(http, settings, signal)
      const login = await logIn(http, found, settings, signal)
      found = { origin: login.origin, generation: login.generation }
      await stored.save(login, signal)
      return login
    } catch (error) {
      // Asked again, the console would count that against the account.
      if (error instanceof AuthenticationError) barred = { error, until: Number.POSITIVE_INFINITY }
      if (error instanceof LoginLimitError) {
        barred = { error, until: clock.monotonic() + (error.retryAfterMs ?? 0) - earlyMs }
      }
      throw error
    }
  }

  return {
    async login(signal) {
      for (;;) {
        signal.throwIfAborted()
        if (current && lasts(current)) return current
        const own = entering === undefined
        entering ??= enter(signal).finally(() => {
          entering = undefined
        })
        try {
          current = await entering
          return current
        } catch (error) {
          // Somebody else's abort is not ours: begin anew.
          if (own || signal.aborted || isCamError(error)) throw error
        }
      }
    },
    refused(login) {
      if (!refused.includes(login.token)) refused.push(login.token)
      if (refused.length > mostRefused) refused.shift()
      if (current?.token === login.token) current = undefined
    },
    unanswered(login) {
      if (login.own || current !== login) return
      current = undefined
      doubted = true
    },
    get current() {
      return current
    },
  }
}
