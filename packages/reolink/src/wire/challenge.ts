/** What a device that knows the encrypted login asks with. PROTOCOL.md §1.5. */
export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly nc: string
  readonly qop: string
}

/** Reads `WWW-Authenticate`. Undefined where it is no such challenge. */
export function readChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > 4096 || !/^\s*Digest\b/i.test(header)) return undefined
  const of = (name: string) => {
    const found = new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(header)
    const value = found?.[1] ?? found?.[2]
    return value !== undefined && /^[\x20-\x7e]{1,256}$/.test(value) ? value : undefined
  }
  const realm = of('realm')
  const nonce = of('nonce')
  if (realm === undefined || nonce === undefined) return undefined
  return { realm, nonce, nc: of('nc') ?? '00000001', qop: of('qop') ?? 'auth' }
}
