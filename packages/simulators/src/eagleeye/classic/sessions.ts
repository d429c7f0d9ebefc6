import { randomBytes } from 'node:crypto'
import type { Cloud } from '../cloud.ts'

/** Between authenticate and authorize. */
export interface LoginToken {
  readonly token: string
  readonly expiresAt: number
  /** Whether authorize needs a code. */
  readonly tfa: boolean
  wrongCodes: number
}

interface Session {
  requests: number
  lastAt: number
}

const kept = 10_000

/** Who is logged in to the classic API. */
export class ClassicSessions {
  readonly #cloud: Cloud
  readonly #tokens = new Map<string, LoginToken>()
  readonly #sessions = new Map<string, Session>()
  readonly #trusted = new Set<string>()

  constructor(cloud: Cloud) {
    this.#cloud = cloud
  }

  newToken(tfa: boolean): LoginToken {
    const lasts = this.#cloud.switches.tokenTtl ?? (tfa ? 15 * 60_000 : 30_000)
    const expiresAt = this.#cloud.clock.now() + lasts
    const made = { token: randomBytes(48).toString('base64'), expiresAt, tfa, wrongCodes: 0 }
    this.#tokens.set(made.token, made)
    if (this.#tokens.size > kept) this.#tokens.delete(this.#tokens.keys().next().value!)
    return made
  }

  token(token: unknown): LoginToken | undefined {
    const found = this.#tokens.get(String(token))
    return found && found.expiresAt > this.#cloud.clock.now() ? found : undefined
  }

  /** The token is used up; returns the session's id. */
  begin({ token }: LoginToken): string {
    this.#tokens.delete(token)
    const id = `c001~${randomBytes(16).toString('hex')}`
    this.#sessions.set(id, { requests: 0, lastAt: this.#cloud.clock.now() })
    return id
  }

  /** Whether the session is good for one more request. */
  use(id: string | undefined): boolean {
    const session = this.#sessions.get(id ?? '')
    if (!session) return false
    const { sessionIdle = Number.POSITIVE_INFINITY, expireSessionAfter } = this.#cloud.switches
    const now = this.#cloud.clock.now()
    if (++session.requests > expireSessionAfter || now - session.lastAt >= sessionIdle) {
      this.#sessions.delete(id ?? '')
      return false
    }
    session.lastAt = now
    return true
  }

  end(id: string | undefined): void {
    this.#sessions.delete(id ?? '')
  }

  /** A `tfa_key`, with which no second factor is asked for. */
  trust(): string {
    const key = randomBytes(16).toString('hex')
    this.#trusted.add(key)
    return key
  }

  trusts(key: string | undefined): boolean {
    return this.#trusted.has(key ?? '')
  }

  revoke(): void {
    this.#sessions.clear()
  }
}
