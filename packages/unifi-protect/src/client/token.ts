import type { EpochMs } from '@cam/download-core/source'

const hourMs = 3_600_000
const defaultLifeMs = 2 * hourMs
const longestLifeMs = 31 * 24 * hourMs
/** A shorter life would mean a login for each export; a console that means it says 401. */
const shortestLifeMs = 5 * 60_000

/** What a session token says of itself. Nothing of it is proved. */
interface Claims {
  readonly exp?: unknown
  readonly iat?: unknown
  readonly csrfToken?: unknown
}

/** When to renew a login at the latest. The console's clock may be wrong, so only the length of the token's life counts. */
export function expiryOf(token: string, now: EpochMs): EpochMs {
  const { exp, iat } = claimsOf(token)
  const life = typeof exp === 'number' ? exp * 1000 - (typeof iat === 'number' ? iat * 1000 : now) : Number.NaN
  return Math.round(now + (life >= shortestLifeMs ? Math.min(life, longestLifeMs) : defaultLifeMs))
}

/** How far ahead an expiry may lie to be believed. */
export const farthestExpiryMs = longestLifeMs

/** The CSRF token inside a session token. */
export function csrfInside(token: string): string | undefined {
  const { csrfToken } = claimsOf(token)
  return isCsrf(csrfToken) ? csrfToken : undefined
}

/** The CSRF token a reply brings. The updated one counts: the other is the one just used up. PROTOCOL.md §1.4. */
export function csrfOf(headers: Readonly<Record<string, string>>): string | undefined {
  return ['x-updated-csrf-token', 'x-csrf-token'].map((name) => headers[name]?.split(',')[0]?.trim()).find(isCsrf)
}

/** The session cookie in a `Set-Cookie` header, or in several joined to one. */
export function cookieOf(
  header: string | undefined,
): { readonly name: 'TOKEN' | 'UOS_TOKEN'; readonly token: string } | undefined {
  const found = [...(header ?? '').slice(0, 65_536).matchAll(/(?:^|,)\s*(UOS_TOKEN|TOKEN)="?([^;,"\s]+)/g)].flatMap(
    ([, name, token]) => (isToken(token) ? [{ name: name as 'TOKEN' | 'UOS_TOKEN', token }] : []),
  )
  return found.find(({ name }) => name === 'UOS_TOKEN') ?? found[0]
}

/** Whether it can stand in a header, as a cookie's value too. */
export function isToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{8,16384}$/.test(token)
}

/** The same for a CSRF token. */
export function isCsrf(csrf: unknown): csrf is string {
  return typeof csrf === 'string' && /^[\x21-\x7e]{1,1024}$/.test(csrf)
}

function claimsOf(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}
