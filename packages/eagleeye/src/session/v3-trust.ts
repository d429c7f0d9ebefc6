import type { Reach } from '../client/v3/settings.ts'
import { untrustedHost } from '../failures/v3.ts'
import { trusts } from '../wire/trusted.ts'
import type { BaseUrl } from '../wire/v3/base-url.ts'

/** The origins that may see tokens. */
export function tokenOrigins({ hosts, trusted }: Pick<Reach, 'hosts' | 'trusted'>): [string, ...string[]] {
  return [hosts.api, hosts.auth, ...trusted]
}

/** The origin of the account's API, from what a reply says of it. Throws ProtocolError for one that must not see tokens. */
export function originOf({ hostname, port }: BaseUrl, reach: Pick<Reach, 'hosts' | 'trusted'>): string {
  const secure = new URL(`https://${hostname}:${port}`).origin
  const origins = tokenOrigins(reach)
  if (trusts(origins, secure)) return secure
  // It names no scheme; plain HTTP is only believed where that very origin was declared.
  const plain = new URL(`http://${hostname}:${port}`).origin
  if (origins.includes(plain)) return plain
  throw untrustedHost("The account's API", secure)
}
