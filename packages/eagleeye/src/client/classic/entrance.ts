import { AuthenticationError, type Http, isCamError } from '@cam/download-core/source'
import { type ClassicLogin, type ClassicSettings, logIn } from './log-in.ts'
import { storedLogin } from './stored-login.ts'

/** Sessions that were refused; a few, because a store may go on offering the same one. */
const mostRefused = 8

/** The one login of a source: taken from the store or made on first use, once, whoever asks. */
export interface Entrance {
  /** The login as it stands. A password that was refused is not tried again. */
  login(signal: AbortSignal): Promise<ClassicLogin>
  /** The vendor no longer takes it: the next one asks for another. */
  refused(login: ClassicLogin): void
  readonly current: ClassicLogin | undefined
}

/** Nothing is contacted before the first login. */
export function createEntrance(http: Http, settings: ClassicSettings): Entrance {
  const stored = storedLogin(settings)
  const refused: string[] = []
  let current: ClassicLogin | undefined
  let entering: Promise<ClassicLogin> | undefined
  let barred: AuthenticationError | undefined

  const enter = async (signal: AbortSignal): Promise<ClassicLogin> => {
    const early = await stored.load(signal)
    if (early.login && !refused.includes(early.login.session)) return early.login
    await using _alone = await stored.lock(signal)
    // Another process may have logged in while we waited.
    const { login: theirs, tfaKey } = await stored.load(signal)
    if (theirs && !refused.includes(theirs.session)) return theirs
    if (barred) throw barred
    try {
      const login = await logIn(http, settings, tfaKey ?? settings.classic.tfaKey, signal)
      await stored.save(login, signal)
      return login
    } catch (error) {
      // Tried again, it may lock the user.
      if (error instanceof AuthenticationError) barred = error
      throw error
    }
  }

  return {
    async login(signal) {
      for (;;) {
        signal.throwIfAborted()
        if (current) return current
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
      if (!refused.includes(login.session)) refused.push(login.session)
      if (refused.length > mostRefused) refused.shift()
      if (current?.session === login.session) current = undefined
    },
    get current() {
      return current
    },
  }
}
