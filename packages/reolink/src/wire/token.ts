import { at } from '@cam/download-core/source'
import { integerFrom } from './envelope.ts'

/** What a login gives. PROTOCOL.md §1.2. */
export interface Token {
  readonly name: string
  readonly leaseMs: number
  /** Of an encrypted session: how many counters there are, and where each begins. */
  readonly counters?: { readonly total: number; readonly first: number }
}

/** What the vendor's document has, where a firmware states none. */
const usualLease = 3600
/** Some firmwares were seen with leases of a few seconds; nobody could work with those. */
const shortestLease = 60
const longestLease = 7 * 86_400

/** Reads the value of Login. Undefined where there is no token in it. */
export function readToken(value: unknown): Token | undefined {
  const name = at(value, 'Token', 'name')
  if (typeof name !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(name) || name === 'null') return undefined
  const lease = integerFrom(at(value, 'Token', 'leaseTime'), 0, longestLease) ?? usualLease
  const total = integerFrom(at(value, 'Token', 'countTotal'), 1, 65_536)
  const first = integerFrom(at(value, 'Token', 'checkBasic'), 0, 2 ** 40)
  return {
    name,
    leaseMs: Math.max(lease, shortestLease) * 1000,
    ...(total !== undefined && first !== undefined && { counters: { total, first } }),
  }
}
