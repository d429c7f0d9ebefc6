import type { Token } from '../wire/token.ts'
import type { Cipher } from './cipher.ts'

/** The counters of an encrypted session: each number is taken once. */
export interface Seals {
  readonly cipher: Cipher
  /** The parameter `encrypt` of one request; `cmd` only for commands. */
  stamp(cmd?: string): string
}

/** Below are those of the vendor's own apps. PROTOCOL.md §1.5. */
const firstCounter = 3

/** Requests go one after the other, so one counter would do; where it is used up for the device, the next may not be. */
export function createSeals(
  cipher: Cipher,
  { total, first }: NonNullable<Token['counters']> = { total: 4, first: 0 },
): Seals {
  const ids = Math.max(total - firstCounter, 1)
  let used = 0
  return {
    cipher,
    stamp(cmd) {
      const id = firstCounter + (used % ids)
      const number = first + Math.floor(used / ids)
      used++
      return cipher.encrypt(`countId=${id}&checkNum=${number}${cmd === undefined ? '' : `&cmd=${cmd}`}`)
    },
  }
}
