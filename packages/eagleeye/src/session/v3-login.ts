import type { Call } from '@cam/download-core/source'
import { clientOf } from '../client/v3/index.ts'
import { clientRefused, codeRefused, notStored } from '../failures/v3.ts'
import { type EagleEyeOptions, readOptions } from '../options.ts'
import { askForTokens, authHttp, oauthError, scope, tokensIn, tokensOf } from './v3-oauth.ts'
import { loginKey, saveTokens } from './v3-stored.ts'

/** What the browser brought back. */
export interface ConsentGiven {
  readonly code: string
  /** The same as in `authorizeUrl`. */
  readonly redirectUri: string
}

/**
 * Turns the code of a consent into a login that is kept in `options.sessions`. Throws AuthenticationError for a code or a
 * client that is not taken, DiskError where the login cannot be kept, and what keeps the login server from answering.
 */
export async function exchangeCode(options: EagleEyeOptions, consent: ConsentGiven, { signal }: Call): Promise<void> {
  const settings = readOptions(options)
  const client = clientOf(settings)
  const key = loginKey({ auth: settings.hosts.auth, clientId: client.clientId })
  await using http = authHttp(settings)
  await using _alone = await client.sessions.lock(key, signal)
  const { code, redirectUri } = consent
  const fields = { grant_type: 'authorization_code', scope, code, redirect_uri: redirectUri }
  const answer = await askForTokens(http, settings, client, fields, signal)
  const { status } = answer
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const said = oauthError(answer)
    throw said === 'invalid_client' ? clientRefused(client.clientId, status) : codeRefused(status, said)
  }
  const tokens = tokensOf(tokensIn(answer, settings), settings, { firstLoginAt: settings.clock.now() })
  try {
    await saveTokens(client.sessions, key, tokens)
  } catch (error) {
    throw notStored(error)
  }
}
