import { createHash } from 'node:crypto'

export type DigestAlgorithm = 'MD5' | 'SHA-256'

/** The parameters of an `Authorization: Digest` header; undefined when it cannot be read. Values are as sent, unquoted. */
export function parseDigest(header: string): Map<string, string> | undefined {
  if (!/^digest\s/i.test(header)) return undefined
  const parameters = new Map<string, string>()
  const pattern = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y
  pattern.lastIndex = 'digest '.length
  while (pattern.lastIndex < header.length) {
    const match = pattern.exec(header)
    if (!match) return undefined
    const name = match[1]!.toLowerCase()
    if (parameters.has(name)) return undefined
    parameters.set(name, match[2] === undefined ? match[3]! : match[2].replace(/\\(.)/g, '$1'))
  }
  return parameters
}

/** Lower-case hex of text whose characters are bytes. */
function hashBytes(algorithm: DigestAlgorithm, latin1: string): string {
  return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(Buffer.from(latin1, 'latin1'))
    .digest('hex')
}

/** One character per byte of the UTF-8 form, as a header shows it. */
export function asHeaderBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

export interface DigestRequest {
  readonly algorithm: DigestAlgorithm
  /** One character per byte, like everything here. */
  readonly user: string
  readonly realm: string
  readonly password: string
  readonly method: string
  readonly uri: string
  readonly nonce: string
  /** Absent in the style of RFC 2069. */
  readonly nc?: string | undefined
  readonly cnonce?: string | undefined
  readonly qop?: string | undefined
}

/** What `response` must be. With an empty method it is `rspauth`, by which the server proves itself. */
export function digestResponse(request: DigestRequest): string {
  const { algorithm, user, realm, password, method, uri, nonce, nc, cnonce, qop } = request
  const secret = hashBytes(algorithm, `${user}:${realm}:${password}`)
  const what = hashBytes(algorithm, `${method}:${uri}`)
  const middle = qop === undefined ? nonce : `${nonce}:${nc ?? ''}:${cnonce ?? ''}:${qop}`
  return hashBytes(algorithm, `${secret}:${middle}:${what}`)
}
