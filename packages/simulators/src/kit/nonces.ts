import { createHash, randomBytes } from 'node:crypto'
import type { SimulatorClock } from './clock.ts'

export interface NonceRules {
  /** A nonce older than this is stale; Infinity for never. */
  readonly ttlMs: number
  /** Each nonce is good for one request. */
  readonly oneTime: boolean
  /** Nonce counts must rise. */
  readonly ncCheck: boolean
}

export type NonceVerdict = 'good' | 'malformed' | 'stale' | 'replayed'

const remembered = 10_000

/** Nonces in the form of Apache's mod_auth_digest: 12 base64 characters of time, then 40 hex of SHA-1. */
export class Nonces {
  readonly #secret = randomBytes(20)
  readonly #clock: SimulatorClock
  readonly #realm: string
  readonly #lastCount = new Map<string, number>()
  readonly #used = new Set<string>()
  readonly #expired = new Set<string>()
  #issued = 0n

  constructor(realm: string, clock: SimulatorClock) {
    this.#realm = realm
    this.#clock = clock
  }

  issue(): string {
    // A counter in the microseconds keeps two nonces of one millisecond apart.
    const time = BigInt(Math.floor(this.#clock.now())) * 1000n + (this.#issued++ % 1000n)
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(time)
    const text = bytes.toString('base64')
    return text + this.#proof(text)
  }

  /** Makes this nonce stale, whatever its age. */
  expire(nonce: string): void {
    keep(this.#expired, nonce)
  }

  check(nonce: string, count: string | undefined, rules: NonceRules): NonceVerdict {
    if (!/^[A-Za-z0-9+/]{11}=[0-9a-f]{40}$/.test(nonce)) return 'malformed'
    const time = nonce.slice(0, 12)
    if (nonce.slice(12) !== this.#proof(time)) return 'stale'
    const issuedAt = Buffer.from(time, 'base64').readBigInt64LE()
    const age = this.#clock.now() - Number(issuedAt / 1000n)
    if (age >= rules.ttlMs || this.#expired.has(nonce)) return 'stale'
    if (rules.oneTime) {
      if (this.#used.has(nonce)) return 'stale'
      keep(this.#used, nonce)
    }
    if (rules.ncCheck) {
      const value = Number.parseInt(count ?? '', 16)
      if (!(value > (this.#lastCount.get(nonce) ?? 0))) return 'replayed'
      this.#lastCount.delete(nonce)
      this.#lastCount.set(nonce, value)
      if (this.#lastCount.size > remembered) this.#lastCount.delete(this.#lastCount.keys().next().value!)
    }
    return 'good'
  }

  #proof(time: string): string {
    return createHash('sha1').update(this.#secret).update(this.#realm).update(time).digest('hex')
  }
}

function keep(set: Set<string>, value: string): void {
  set.add(value)
  if (set.size > remembered) set.delete(set.values().next().value!)
}
