import { type BaseUrl, readBaseUrl } from './base-url.ts'
import { at, isObject } from './fields.ts'

/** What the token endpoint hands out. */
export interface TokenReply {
  readonly accessToken: string
  /** Milliseconds. */
  readonly lastsMs: number
  /** Absent for public clients, and where the old one stays good. */
  readonly refreshToken?: string
  readonly base?: BaseUrl
}

const usualLifeMs = 3_600_000
const longestLifeMs = 90 * 86_400_000

/** Reads a token reply. Undefined where there is no usable token in it. PROTOCOL.md §2.1. */
export function readTokenReply(json: unknown): TokenReply | undefined {
  if (!isObject(json) || !isToken(json.access_token)) return undefined
  const seconds = Number(json.expires_in)
  const lastsMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, longestLifeMs) : usualLifeMs
  const base = readBaseUrl(json)
  return {
    ...{ accessToken: json.access_token, lastsMs },
    ...(isToken(json.refresh_token) && { refreshToken: json.refresh_token }),
    ...(base && { base }),
  }
}

/** Whether it can stand in a header and in a form. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{8,16384}$/.test(value)
}

/** The word of an OAuth error, such as `invalid_grant`. */
export function readOauthError(json: unknown): string | undefined {
  const error = at(json, 'error')
  return typeof error === 'string' && /^[a-z_]{3,60}$/.test(error) ? error : undefined
}
