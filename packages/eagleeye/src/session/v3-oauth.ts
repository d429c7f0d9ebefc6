import {
  createHttp,
  errorForStatus,
  type Http,
  type HttpAnswer,
  isCamError,
  readAnswer,
} from '@cam/download-core/source'
import type { Client, Reach } from '../client/v3/settings.ts'
import { noToken } from '../failures/v3.ts'
import { readOauthError, readTokenReply, type TokenReply } from '../wire/v3/token.ts'
import { type Tokens, usualAuth } from './v3-stored.ts'
import { originOf, tokenOrigins } from './v3-trust.ts'

const limitBytes = 262_144
const limitMs = 60_000
/** All there is. */
export const scope = 'vms.all'

/** Where the browser has to go for a consent. */
export interface Consent {
  readonly clientId: string
  /** As registered with the vendor, letter by letter. */
  readonly redirectUri: string
  /** Origin of the login server. Default `https://auth.eagleeyenetworks.com`. */
  readonly authOrigin?: string | undefined
  /** Comes back with the code, so that a code of somebody else's is noticed. */
  readonly state?: string | undefined
}

/** The address to open in a browser. The redirect address is compared as it stands, so it must not be encoded. PROTOCOL.md §2.1. */
export function authorizeUrl({ clientId, redirectUri, state, authOrigin }: Consent): string {
  const origin = authOrigin ?? usualAuth
  const extra = state === undefined ? '' : `&state=${encodeURIComponent(state)}`
  return `${origin}/oauth2/authorize?scope=${scope}&client_id=${encodeURIComponent(clientId)}&response_type=code${extra}&redirect_uri=${redirectUri}`
}

/** One request for tokens, sent once. Throws NetworkError and TimeoutError; any status is an answer. */
export async function askForTokens(
  http: Http,
  { hosts, timeouts, clock }: Reach,
  { clientId, clientSecret }: Omit<Client, 'sessions'>,
  fields: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const secrets = [clientSecret, fields.refresh_token, fields.code].filter((one) => one !== undefined)
  const open = clientSecret === undefined
  const reply = await http.send({
    url: `${hosts.auth}/oauth2/token`,
    method: 'POST',
    maxRedirects: 0,
    signal,
    timeouts: { firstByteMs: Math.min(timeouts.firstByteMs ?? limitMs, limitMs) },
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(!open && { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` }),
    },
    body: new URLSearchParams({ ...fields, ...(open && { client_id: clientId }) }).toString(),
  })
  return readAnswer(reply, { limitBytes, limitMs, clock, what: 'The login server', secrets })
}

/** The tokens in a reply. Throws what another status means, and ProtocolError where there are none. */
export function tokensIn(answer: HttpAnswer, { clock }: Reach): TokenReply {
  const { status, headers } = answer
  if (status !== 200) {
    const said = oauthError(answer)
    throw errorForStatus({ status, headers, ...(said !== undefined && { text: said }) }, 'The login server', {
      vendor: 'eagleeye',
      clock,
    })
  }
  const reply = readTokenReply(jsonIn(answer))
  if (!reply) throw noToken(status)
  return reply
}

/** What is kept of a reply; `known` is what came before. */
export function tokensOf(
  { accessToken, refreshToken, lastsMs, base }: TokenReply,
  reach: Reach,
  known: Pick<Tokens, 'firstLoginAt'> & Partial<Pick<Tokens, 'refreshToken' | 'base'>>,
): Tokens {
  const now = reach.clock.now()
  const refresh = refreshToken ?? known.refreshToken
  const origin = base ? trustedOrNone(() => originOf(base, reach)) : known.base
  return {
    ...{ accessToken, receivedAt: now, expiresAt: Math.round(now + lastsMs) },
    ...(refresh !== undefined && { refreshToken: refresh }),
    ...(origin !== undefined && { base: origin }),
    ...{ firstLoginAt: known.firstLoginAt, lastRefreshAt: now },
  }
}

/** Tokens are kept whatever host their reply names: they are the only good ones. Where to take them is asked for again. */
function trustedOrNone(origin: () => string): string | undefined {
  try {
    return origin()
  } catch (error) {
    if (isCamError(error)) return undefined
    throw error
  }
}

/** The vendor's word for a refusal. */
export function oauthError(answer: HttpAnswer): string | undefined {
  return readOauthError(jsonIn(answer))
}

function jsonIn(answer: HttpAnswer): unknown {
  try {
    return answer.json()
  } catch (error) {
    if (isCamError(error)) return undefined
    throw error
  }
}

/** A client for the login server and the hosts it leads to. */
export function authHttp(reach: Reach): Http {
  return createHttp({
    origins: tokenOrigins(reach),
    timeouts: reach.timeouts,
    clock: reach.clock,
    ...(reach.tls && { tls: reach.tls }),
    ...(reach.env && { env: reach.env }),
  })
}
