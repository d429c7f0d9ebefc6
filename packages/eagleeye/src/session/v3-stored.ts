import type { EpochMs, SessionStore } from '@cam/download-core/source'
import { isToken } from '../wire/v3/token.ts'

/** The tokens of one login, as they are kept between runs. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken?: string
  readonly receivedAt: EpochMs
  readonly expiresAt: EpochMs
  /** Origin of the account's API. */
  readonly base?: string
  /** When somebody gave the consent in a browser: it is good for 90 days. */
  readonly firstLoginAt: EpochMs
  /** When the tokens were last renewed: without that they last 14 days. */
  readonly lastRefreshAt: EpochMs
  /** A renewal was begun and has not been heard of since. */
  readonly renewingSince?: EpochMs
}

/** What names a login in a store; no secret is in it. */
export interface LoginOf {
  /** Origin of the login server. Default `https://auth.eagleeyenetworks.com`. */
  readonly auth?: string | undefined
  readonly clientId: string
}

/** The vendor's login server. */
export const usualAuth = 'https://auth.eagleeyenetworks.com'

/** The store's key for one client's login. */
export function loginKey({ auth = usualAuth, clientId }: LoginOf): string {
  return `eagleeye v3 ${auth} ${clientId}`
}

/** Reads the tokens. Anybody may have written them: what is no login is none. */
export async function loadTokens(sessions: SessionStore, key: string): Promise<Tokens | undefined> {
  const text = await sessions.load(key)
  if (text === undefined) return undefined
  let value: Readonly<Record<string, unknown>>
  try {
    value = Object(JSON.parse(text))
  } catch {
    return undefined
  }
  const { accessToken, refreshToken, base, renewingSince } = value
  const times = [value.receivedAt, value.expiresAt, value.firstLoginAt, value.lastRefreshAt]
  if (!isToken(accessToken) || !times.every((time) => Number.isSafeInteger(time))) return undefined
  const [receivedAt, expiresAt, firstLoginAt, lastRefreshAt] = times as [number, number, number, number]
  return {
    ...{ accessToken, receivedAt, expiresAt, firstLoginAt, lastRefreshAt },
    ...(isToken(refreshToken) && { refreshToken }),
    ...(typeof base === 'string' && URL.canParse(base) && { base: new URL(base).origin }),
    ...(Number.isSafeInteger(renewingSince) && { renewingSince: renewingSince as number }),
  }
}

/** Durable when it returns. */
export function saveTokens(sessions: SessionStore, key: string, tokens: Tokens): Promise<void> {
  return sessions.save(key, JSON.stringify(tokens))
}

const day = 86_400_000
const unusedLastsMs = 14 * day
const consentLastsMs = 90 * day

/**
 * When the stored login ends unless somebody acts: 14 days after the last renewal, 90 days after the consent, or with its only
 * token. Undefined where none is stored. Throws what the store throws.
 */
export async function loginExpiresAt(sessions: SessionStore, key: string): Promise<EpochMs | undefined> {
  const tokens = await loadTokens(sessions, key)
  if (!tokens) return undefined
  if (tokens.refreshToken === undefined) return tokens.expiresAt
  return Math.min(tokens.lastRefreshAt + unusedLastsMs, tokens.firstLoginAt + consentLastsMs)
}
