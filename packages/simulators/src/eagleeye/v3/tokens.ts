import { createHmac, randomBytes } from 'node:crypto'
import type { Cloud } from '../cloud.ts'

/** What a token request is answered with. */
export interface TokenReply {
  readonly access_token: string
  /** Seconds. */
  readonly expires_in: number
  readonly refresh_token?: string
  readonly httpsBaseUrl: { readonly hostname: string; readonly port: number }
  readonly scope: 'vms.all'
  readonly token_type: 'Bearer'
}

/** A code that the browser brought. */
export interface AuthorizationCode {
  readonly redirectUri: string
  readonly expiresAt: number
  /** PKCE with S256. */
  readonly challenge: string | undefined
}

interface Pair {
  readonly access: string
  readonly refresh: string
  readonly consentedAt: number
  readonly issuedAt: number
  readonly accessEndsAt: number
  requests: number
  accessDead: boolean
  refreshDead: boolean
}

const kept = 10_000

/** Codes, access tokens and refresh tokens. */
export class Tokens {
  readonly #cloud: Cloud
  readonly #secret = randomBytes(32)
  readonly #codes = new Map<string, AuthorizationCode>()
  readonly #byAccess = new Map<string, Pair>()
  readonly #byRefresh = new Map<string, Pair>()
  #newest: Pair | undefined
  /**
   * `reused`: a refresh token that had been replaced was sent again; `overlapping`: a request came while another was
   * being answered. With one client at work, both stay 0.
   */
  readonly counts = { exchanged: 0, refreshed: 0, reused: 0, overlapping: 0, refused: 0 }
  underWay = 0

  constructor(cloud: Cloud) {
    this.#cloud = cloud
  }

  newCode(redirectUri: string, challenge: string | undefined): string {
    const code = randomBytes(16).toString('hex')
    this.#codes.set(code, { redirectUri, challenge, expiresAt: this.#cloud.clock.now() + 300_000 })
    if (this.#codes.size > kept) this.#codes.delete(this.#codes.keys().next().value!)
    return code
  }

  /** A code is good once. */
  takeCode(code: string): AuthorizationCode | undefined {
    const found = this.#codes.get(code)
    this.#codes.delete(code)
    return found && found.expiresAt > this.#cloud.clock.now() ? found : undefined
  }

  /** Tokens as after a consent. */
  issue(): TokenReply {
    return this.#replyOf(this.#make(this.#cloud.clock.now()))
  }

  /** Undefined for a refresh token that is not good, which is counted. */
  refresh(token: string): TokenReply | undefined {
    const { switches, clock } = this.#cloud
    const pair = this.#byRefresh.get(token)
    const now = clock.now()
    if (pair?.refreshDead) this.counts.reused++
    if (!pair || pair.refreshDead) return undefined
    if (now - pair.issuedAt >= switches.refreshIdle || now - pair.consentedAt >= switches.refreshTtl) return undefined
    this.counts.refreshed++
    if (switches.rotation === 'rotating') return this.#replyOf(this.#replace(pair))
    const good = !pair.accessDead && pair.accessEndsAt > now
    return this.#replyOf(good ? pair : this.#make(pair.consentedAt, pair.refresh))
  }

  /** As if somebody else had refreshed; without tokens, as after a consent. */
  rotateNewest(): TokenReply {
    return this.#newest && !this.#newest.refreshDead ? this.#replyOf(this.#replace(this.#newest)) : this.issue()
  }

  /** Whether the access token is good for one more request. */
  use(access: string | undefined): boolean {
    const pair = this.#byAccess.get(access ?? '')
    if (!pair || pair.accessDead || pair.accessEndsAt <= this.#cloud.clock.now()) return false
    if (++pair.requests > this.#cloud.switches.expireSessionAfter) pair.accessDead = true
    return !pair.accessDead
  }

  /** Either of the two; a revoked refresh token takes its access token with it. */
  revoke(token: string): void {
    const pair = this.#byRefresh.get(token) ?? this.#byAccess.get(token)
    if (!pair) return
    if (pair.refresh === token) pair.refreshDead = true
    pair.accessDead = true
  }

  /** Every access token is over. */
  expireAccess(): void {
    for (const pair of this.#byAccess.values()) pair.accessDead = true
  }

  /** The old refresh token and the access token that came with it die at once. */
  #replace(pair: Pair): Pair {
    pair.accessDead = true
    pair.refreshDead = true
    this.#cloud.tokenEnded(pair.access)
    return this.#make(pair.consentedAt)
  }

  #make(consentedAt: number, refresh = randomBytes(32).toString('base64url')): Pair {
    const issuedAt = this.#cloud.clock.now()
    const accessEndsAt = issuedAt + this.#cloud.switches.accessTtl
    const access = this.#jwt({ iat: issuedAt, exp: accessEndsAt, jti: randomBytes(8).toString('hex') })
    const pair = {
      access,
      refresh,
      consentedAt,
      issuedAt,
      accessEndsAt,
      requests: 0,
      accessDead: false,
      refreshDead: false,
    }
    this.#byAccess.set(access, pair)
    this.#byRefresh.set(refresh, pair)
    for (const map of [this.#byAccess, this.#byRefresh]) if (map.size > kept) map.delete(map.keys().next().value!)
    this.#newest = pair
    return pair
  }

  #replyOf({ access, refresh, accessEndsAt }: Pair): TokenReply {
    const { clock, switches } = this.#cloud
    return {
      access_token: access,
      expires_in: Math.min(Math.max(0, Math.round((accessEndsAt - clock.now()) / 1000)), 2 ** 31 - 1),
      ...(switches.publicClient ? {} : { refresh_token: refresh }),
      httpsBaseUrl: baseUrlOf(this.#cloud),
      ...{ scope: 'vms.all', token_type: 'Bearer' },
    }
  }

  #jwt({ iat, exp, jti }: { iat: number; exp: number; jti: string }): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iat: Math.floor(iat / 1000), exp: Math.floor(exp / 1000), jti, sub: 'ca0e1cf2', scope: 'vms.all' }
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
    return `${signed}.${createHmac('sha256', this.#secret).update(signed).digest('base64url')}`
  }
}

/** Host and port of the account's cluster; it says nothing about a scheme. */
export function baseUrlOf({ hosts, cluster }: Cloud): TokenReply['httpsBaseUrl'] {
  const { hostname, port } = new URL(hosts[cluster])
  return { hostname, port: Number(port) }
}
