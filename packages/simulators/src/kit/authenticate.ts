import type { SimulatorClock } from './clock.ts'
import { asHeaderBytes, type DigestAlgorithm, digestResponse, parseDigest } from './digest.ts'
import { type NonceRules, Nonces } from './nonces.ts'

export type AuthKind =
  | 'none'
  | 'basic'
  | 'digest-md5'
  | 'digest-sha256'
  | 'both'
  | 'basic+digest'
  | 'basic+digest-one-header'

export interface AuthRules extends NonceRules {
  readonly kind: AuthKind
  /** Every n-th request that would have been let in is asked again with `stale=true`, never twice running; 0 for never. */
  readonly staleOnNth: number
}

export interface AuthRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly authorization: string | undefined
}

export type AuthVerdict =
  | { readonly outcome: 'in'; readonly headers: Readonly<Record<string, string>> }
  /** `wrong`: credentials were sent, and they were not right. */
  | { readonly outcome: 'challenge'; readonly challenges: readonly string[]; readonly wrong: boolean }
  | { readonly outcome: 'bad-request' }

/** Basic and Digest as Apache does them, for one user. */
export class Authenticator {
  readonly #realm: string
  readonly #user: string
  readonly #password: string
  readonly #nonces: Nonces
  #letIn = 0
  #staleJustNow = false

  constructor(o: { realm: string; user: string; password: string; clock: SimulatorClock }) {
    this.#realm = o.realm
    this.#user = asHeaderBytes(o.user)
    this.#password = asHeaderBytes(o.password)
    this.#nonces = new Nonces(o.realm, o.clock)
  }

  check(request: AuthRequest, rules: AuthRules): AuthVerdict {
    if (rules.kind === 'none') return { outcome: 'in', headers: {} }
    const { authorization } = request
    if (authorization === undefined) return this.#challenge(rules, false, false)
    const offersBasic = rules.kind.startsWith('basic')
    if (offersBasic && /^basic\s/i.test(authorization)) {
      const sent = Buffer.from(authorization.slice(6).trim(), 'base64').toString('latin1')
      const right = sent === `${this.#user}:${this.#password}`
      return right ? { outcome: 'in', headers: {} } : this.#challenge(rules, false, true)
    }
    if (rules.kind === 'basic') return this.#challenge(rules, false, true)
    return this.#digest(request, authorization, rules)
  }

  /** The challenge as for wrong credentials: for a user who may not do this. */
  refuse(rules: AuthRules): AuthVerdict {
    return this.#challenge(rules, false, false)
  }

  #digest(request: AuthRequest, authorization: string, rules: AuthRules): AuthVerdict {
    const sent = parseDigest(authorization)
    if (!sent) return this.#challenge(rules, false, true)
    const [user, uri, nonce, response] = [
      sent.get('username'),
      sent.get('uri'),
      sent.get('nonce'),
      sent.get('response'),
    ]
    if (user === undefined || uri === undefined || nonce === undefined || response === undefined)
      return { outcome: 'bad-request' }
    const algorithm = algorithmsOf(rules.kind).find((name) => name === (sent.get('algorithm') ?? 'MD5').toUpperCase())
    const [qop, nc, cnonce] = [sent.get('qop'), sent.get('nc'), sent.get('cnonce')]
    if (algorithm === undefined || (qop !== undefined && qop !== 'auth')) return this.#challenge(rules, false, true)
    if (qop !== undefined && (cnonce === undefined || !/^[0-9a-fA-F]{8}$/.test(nc ?? '')))
      return { outcome: 'bad-request' }
    if (!sameTarget(uri, request.target)) return { outcome: 'bad-request' }
    const parts = { algorithm, user, realm: this.#realm, password: this.#password, uri, nonce, nc, cnonce, qop }
    const right =
      user === this.#user &&
      sent.get('realm') === this.#realm &&
      response.toLowerCase() === digestResponse({ ...parts, method: request.method })
    if (!right) return this.#challenge(rules, false, true)
    if ((rules.oneTime || rules.ncCheck) && sent.get('opaque') !== this.#opaque)
      return this.#challenge(rules, false, false)
    const verdict = this.#nonces.check(nonce, nc, rules)
    if (verdict !== 'good') return this.#challenge(rules, verdict === 'stale', false)
    this.#letIn++
    if (rules.staleOnNth > 0 && !this.#staleJustNow && this.#letIn % rules.staleOnNth === 0) {
      this.#staleJustNow = true
      this.#nonces.expire(nonce)
      return this.#challenge(rules, true, false)
    }
    this.#staleJustNow = false
    const proof = digestResponse({ ...parts, method: '' })
    const info =
      qop === undefined
        ? [`rspauth="${proof}"`]
        : [`rspauth="${proof}"`, `cnonce="${cnonce}"`, `nc=${nc}`, `qop=${qop}`]
    if (rules.oneTime) info.push(`nextnonce="${this.#nonces.issue()}"`)
    return { outcome: 'in', headers: { 'Authentication-Info': info.join(', ') } }
  }

  readonly #opaque = '3e54a0f1c7d28b96'

  #challenge(rules: AuthRules, stale: boolean, wrong: boolean): AuthVerdict {
    const digests = algorithmsOf(rules.kind).map((algorithm) => {
      // The order of Apache's mod_auth_digest.
      const opaque = rules.oneTime || rules.ncCheck ? `, opaque="${this.#opaque}"` : ''
      const again = stale ? ', stale=true' : ''
      return `Digest realm="${this.#realm}", nonce="${this.#nonces.issue()}", algorithm=${algorithm}${opaque}${again}, qop="auth"`
    })
    const basic = rules.kind.startsWith('basic') ? [`Basic realm="${this.#realm}"`] : []
    const all = [...basic, ...digests]
    return {
      outcome: 'challenge',
      wrong,
      challenges: rules.kind === 'basic+digest-one-header' ? [all.join(', ')] : all,
    }
  }
}

function algorithmsOf(kind: AuthKind): readonly DigestAlgorithm[] {
  if (kind === 'none' || kind === 'basic') return []
  if (kind === 'digest-sha256') return ['SHA-256']
  return kind === 'both' ? ['SHA-256', 'MD5'] : ['MD5']
}

/** Path and query must be the same once decoded; scheme and host of an absolute address are not looked at. */
function sameTarget(uri: string, target: string): boolean {
  const relative = uri.replace(/^https?:\/\/[^/]*/i, '')
  const decoded = (text: string) =>
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decoded(relative) === decoded(target)
}
