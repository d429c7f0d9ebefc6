import { type CamError, type Http, type HttpAnswer, isCamError, retry } from '@cam/download-core/source'
import type { Client, Reach } from '../client/v3/settings.ts'
import { clientRefused, loginOver, notStored, renewalBrokeOff } from '../failures/v3.ts'
import { askForTokens, oauthError, scope, tokensIn, tokensOf } from './v3-oauth.ts'
import { saveTokens, type Tokens } from './v3-stored.ts'

/** Who renews, and where the result is kept. */
interface Renewing {
  readonly http: Http
  readonly reach: Reach
  readonly client: Client
  readonly key: string
  /** Ends the waits between tries, never a request: tokens that are on their way must not be lost. */
  readonly stop: AbortSignal
}

/** A request that broke off may have been granted: it is sent once more, and then no more. */
const mostLost = 2

/**
 * Replaces the tokens by new ones, which are stored before they are returned. The lock has to be held. Throws
 * AuthenticationError where the login is over, DiskError where the tokens cannot be stored, and what keeps the login server
 * from answering.
 */
export async function renewTokens(old: Tokens & { readonly refreshToken: string }, how: Renewing): Promise<Tokens> {
  const { client, key, reach, stop } = how
  const store = async (tokens: Tokens) => {
    try {
      await saveTokens(client.sessions, key, tokens)
    } catch (error) {
      throw notStored(error)
    }
  }
  // Also shows that the store takes anything, before the only good tokens are given up.
  await store({ ...old, renewingSince: old.renewingSince ?? reach.clock.now() })
  let lost = old.renewingSince === undefined ? 0 : 1
  let losses = 0
  const answer = await retry(
    async () => {
      let reply: HttpAnswer
      try {
        reply = await ask(how, old.refreshToken)
      } catch (error) {
        if (mayHaveArrived(error)) {
          lost++
          if (++losses >= mostLost) return { error: renewalBrokeOff(error) }
        }
        throw error
      }
      const said = oauthError(reply)
      if (said === 'invalid_client') return { error: clientRefused(client.clientId, reply.status) }
      if (said === 'invalid_grant' || reply.status === 401 || reply.status === 403) {
        return { error: loginOver(reply.status, said, lost > 0) }
      }
      return { tokens: tokensIn(reply, reach) }
    },
    { ...reach.retry, clock: reach.clock, signal: stop },
  )
  if ('error' in answer) throw answer.error
  const tokens = tokensOf(answer.tokens, reach, old)
  await storeAgain(store, tokens, how)
  return tokens
}

/** Without these tokens a new consent is needed: a store that fails for a moment is asked again. */
async function storeAgain(store: (tokens: Tokens) => Promise<void>, tokens: Tokens, { reach, stop }: Renewing) {
  const tries = 3
  for (let attempt = 1; ; attempt++) {
    try {
      return await store(tokens)
    } catch (error) {
      if (attempt >= tries) throw error
      // Also in a run that ends: the last try comes at once then.
      await reach.clock.wait(500, stop).catch(() => {})
    }
  }
}

function ask({ http, reach, client }: Renewing, refreshToken: string): Promise<HttpAnswer> {
  const fields = { grant_type: 'refresh_token', scope, refresh_token: refreshToken }
  return askForTokens(http, reach, client, fields, new AbortController().signal)
}

function mayHaveArrived(error: unknown): error is CamError {
  if (!isCamError(error)) return false
  if (error.code === 'TIMEOUT') return !('phase' in error && (error.phase === 'connect' || error.phase === 'tls'))
  const reason = 'reason' in error ? String(error.reason) : ''
  const neverLeft = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|PROXY_\d+)$/.test(reason)
  return error.code === 'INCOMPLETE' || (error.code === 'NETWORK' && !neverLeft)
}
