import { at, identifier, isObject, word } from './fields.ts'

/** Who was let in. */
export interface ClassicUser {
  /** Eight digits; the account whose cameras are seen. */
  readonly accountId: string
  readonly name?: string
  /** Where the account's own host lies: one label of a host name. */
  readonly subdomain?: string
}

/** What `authenticate` gave. */
export interface LoginToken {
  readonly token: string
  /** The account has a second factor, and nothing spared it. */
  readonly secondFactor: boolean
}

/** Undefined where there is no token in it. */
export function readToken(json: unknown): LoginToken | undefined {
  const token = at(json, 'token')
  if (typeof token !== 'string' || token === '' || token.length > 4096) return undefined
  return { token, secondFactor: isObject(at(json, 'two_factor_authentication_code')) }
}

/** Undefined where it does not say whose cameras these are. */
export function readUser(json: unknown): ClassicUser | undefined {
  const accountId = identifier(at(json, 'active_account_id')) ?? identifier(at(json, 'owner_account_id'))
  if (accountId === undefined) return undefined
  const name = word(at(json, 'email'))
  const subdomain = label(at(json, 'active_brand_subdomain'))
  return { accountId, ...(name !== undefined && { name }), ...(subdomain !== undefined && { subdomain }) }
}

/** One label, and nothing that could lead anywhere else. */
export function label(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i.test(value) ? value.toLowerCase() : undefined
}

/** The session comes under two names with the same value. PROTOCOL.md §1.1. */
export type SessionCookieName = 'auth_key' | 'videobank_sessionid'

/** What the login set. */
export interface LoginCookies {
  readonly session?: { readonly name: SessionCookieName; readonly value: string }
  readonly tfaKey?: string
}

/** Reads the cookies from a `Set-Cookie` header, several of them joined by commas. */
export function readCookies(header: string | undefined): LoginCookies {
  const found = new Map<string, string>()
  for (const [, name = '', value = ''] of (header ?? '').matchAll(
    /(?:^|,)\s*(auth_key|videobank_sessionid|tfa_key)="?([^;,"\s]{1,1024})/g,
  )) {
    if (isCookieValue(value)) found.set(name, value)
  }
  const name = found.has('auth_key') ? 'auth_key' : 'videobank_sessionid'
  const value = found.get(name)
  const tfaKey = found.get('tfa_key')
  return { ...(value !== undefined && { session: { name, value } }), ...(tfaKey !== undefined && { tfaKey }) }
}

/** What may stand in a `Cookie` header without changing its meaning. */
export function isCookieValue(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{8,1024}$/.test(value)
}
