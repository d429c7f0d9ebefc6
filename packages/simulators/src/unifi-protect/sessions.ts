import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { SimulatorClock } from '../kit/clock.ts'

/** A login that worked. */
export interface Session {
  readonly token: string
  readonly expiresAt: number
  /** The CSRF token that writes must carry now. */
  csrf: string
  requests: number
}

export const userId = '5fe8b8c3033e1a03870003e9'

/** Who is logged in. */
export class Sessions {
  readonly #clock: SimulatorClock
  readonly #secret = randomBytes(32)
  readonly #byToken = new Map<string, Session>()
  readonly #accessKeys = new Map<string, number>()

  constructor(clock: SimulatorClock) {
    this.#clock = clock
  }

  /** The token is a JWT with the claims that clients read, on legacy consoles it is just a word. */
  begin(lastsMs: number, kind: 'jwt' | 'word'): Session {
    const now = this.#clock.now()
    const csrf = newCsrf()
    const expiresAt = now + lastsMs
    const claims = { userId, passwordRevision: 1, csrfToken: csrf, jti: newCsrf() }
    const times = { iat: Math.floor(now / 1000), exp: Math.floor(expiresAt / 1000) }
    const token = kind === 'word' ? randomBytes(32).toString('base64url') : this.#jwt({ ...claims, ...times })
    const session = { token, expiresAt, csrf, requests: 0 }
    this.#byToken.set(token, session)
    return session
  }

  find(token: string | undefined): Session | undefined {
    const session = this.#byToken.get(token ?? '')
    return session && session.expiresAt > this.#clock.now() ? session : undefined
  }

  end(session: Session): void {
    this.#byToken.delete(session.token)
  }

  /** `<expiry>:<user>:<128 hex digits>`. */
  newAccessKey(lastsMs: number): string {
    const expiresAt = this.#clock.now() + lastsMs
    const key = `${expiresAt}:${userId}:${createHash('sha512').update(randomBytes(32)).digest('hex')}`
    this.#accessKeys.set(key, expiresAt)
    return key
  }

  isAccessKey(key: string): boolean {
    return (this.#accessKeys.get(key) ?? Number.NEGATIVE_INFINITY) > this.#clock.now()
  }

  /** All logins and access keys are over. */
  revoke(): void {
    this.#byToken.clear()
    this.#accessKeys.clear()
  }

  #jwt(claims: Record<string, unknown>): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
    return `${signed}.${createHmac('sha256', this.#secret).update(signed).digest('base64url')}`
  }
}

export const newCsrf = () => randomBytes(32).toString('hex')
