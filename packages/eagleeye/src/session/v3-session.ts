import { type Http, isCamError } from '@cam/download-core/source'
import type { V3Settings } from '../client/v3/settings.ts'
import { brokeOff, notLoggedIn, tokenEnded } from '../failures/v3.ts'
import { renewTokens } from './v3-renewal.ts'
import { loadTokens, loginKey, saveTokens, type Tokens } from './v3-stored.ts'

/** The one login of a source: read from the store on first use, renewed early and once, whoever asks. */
export interface V3Session extends AsyncDisposable {
  /** Tokens that are good as far as anybody knows. Throws AuthenticationError where somebody has to log in. */
  tokens(signal: AbortSignal): Promise<Tokens>
  /** The vendor no longer takes this access token: the next call brings another. */
  refused(tokens: Tokens): void
  /** Keeps where the account's API is. */
  moved(tokens: Tokens, base: string): Promise<void>
}

/** Renewed when so much of its life is over. */
const earlyAt = 0.8
/** So short before its end a token is not relied on. */
const lastMomentMs = 30_000
/** An early renewal that failed is not tried again for so long. */
const pauseMs = 60_000
const mostRefused = 8

/** Nothing is contacted before the first call. */
export function createSession(http: Http, settings: V3Settings): V3Session {
  const { client, clock, hosts } = settings
  const key = loginKey({ auth: hosts.auth, clientId: client.clientId })
  const ending = new AbortController()
  const refused: string[] = []
  let current: Tokens | undefined
  let entering: Promise<Tokens> | undefined
  let barred: { readonly error: unknown; readonly refreshToken: string; readonly until: number } | undefined
  let pausedUntil = Number.NEGATIVE_INFINITY

  const taken = ({ accessToken }: Tokens) => !refused.includes(accessToken)
  const lasts = (tokens: Tokens) => taken(tokens) && tokens.expiresAt - clock.now() > lastMomentMs
  const due = ({ receivedAt, expiresAt }: Tokens) => {
    const now = clock.now()
    // A clock that was set back says nothing about the age.
    return now >= receivedAt + earlyAt * (expiresAt - receivedAt) || now < receivedAt - pauseMs
  }
  const fresh = (tokens: Tokens) =>
    lasts(tokens) && (!due(tokens) || tokens.refreshToken === undefined || clock.monotonic() < pausedUntil)

  const enter = async (): Promise<Tokens> => {
    await using _alone = await client.sessions.lock(key, ending.signal)
    // Another process may have renewed them while we waited.
    const stored = await loadTokens(client.sessions, key)
    if (!stored) throw notLoggedIn(client.clientId)
    if (fresh(stored)) return stored
    const { refreshToken } = stored
    if (refreshToken === undefined) throw tokenEnded()
    if (barred?.refreshToken === refreshToken && clock.monotonic() < barred.until) throw barred.error
    try {
      const how = { http, reach: settings, client, key, stop: ending.signal }
      return await renewTokens({ ...stored, refreshToken }, how)
    } catch (error) {
      if (isCamError(error) && error.code === 'AUTHENTICATION') {
        barred = { error, refreshToken, until: Number.POSITIVE_INFINITY }
      } else if (isCamError(error) && error.vendorCode === brokeOff) {
        barred = { error, refreshToken, until: clock.monotonic() + pauseMs }
      }
      // It was early: what is there may still serve for a while.
      if (isCamError(error) && error.retryable && lasts(stored)) {
        pausedUntil = clock.monotonic() + pauseMs
        return stored
      }
      throw error
    }
  }

  return {
    async tokens(signal) {
      signal.throwIfAborted()
      if (current && fresh(current)) return current
      entering ??= enter().finally(() => {
        entering = undefined
      })
      current = await unlessAborted(entering, signal)
      return current
    },
    refused({ accessToken }) {
      if (!refused.includes(accessToken)) refused.push(accessToken)
      if (refused.length > mostRefused) refused.shift()
      if (current?.accessToken === accessToken) current = undefined
    },
    async moved(tokens, base) {
      if (current?.accessToken === tokens.accessToken) current = { ...current, base }
      await using _alone = await client.sessions.lock(key, ending.signal)
      const stored = await loadTokens(client.sessions, key)
      if (stored?.accessToken === tokens.accessToken) await saveTokens(client.sessions, key, { ...stored, base })
    },
    async [Symbol.asyncDispose]() {
      ending.abort(new Error('The source was closed.'))
      // A renewal under way is not given up: its tokens are the only good ones.
      await entering?.catch(() => {})
    },
  }
}

/** Whoever waits is free at once when their own signal is aborted; the work goes on for the others. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
