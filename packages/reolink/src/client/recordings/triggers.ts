import type { Trigger } from '../../options.ts'

/** Where each trigger's bit is, counted from the most significant one. PROTOCOL.md §4.4. */
type Bits = readonly (readonly [Trigger, number])[]

const cameraBits: Bits = [
  ['person', 17],
  ['face', 18],
  ['vehicle', 19],
  ['animal', 20],
  ['schedule', 23],
  ['motion', 24],
  ['pir', 25],
  ['doorbell', 26],
  ['other', 27],
]

const hubBits: Bits = [...cameraBits, ['package', 35], ['package', 36]]
const hub1Bits: Bits = [...hubBits, ['package', 37]]
const hub2Bits: Bits = [
  ['person', 17],
  ['face', 18],
  ['vehicle', 19],
  ['animal', 20],
  ['other', 21],
  ['other', 22],
  ['schedule', 24],
  ['motion', 25],
  ['pir', 26],
  ['doorbell', 27],
  ['package', 35],
  ['package', 36],
  ['package', 37],
]

/** What started a recording, by the flags in its name. Undefined for what are no flags. */
export function readTriggers(flags: string, version: number, ofHub: boolean): readonly Trigger[] | undefined {
  if (!/^[\dA-F]{7,16}$/i.test(flags)) return undefined
  const bits = [...flags].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')
  const found = bitsOf(version, ofHub).flatMap(([trigger, at]) => (bits[at] === '1' ? [trigger] : []))
  return [...new Set(found)]
}

/** Versions that are not known yet are read like the newest one that is. */
function bitsOf(version: number, ofHub: boolean): Bits {
  if (!ofHub) return cameraBits
  if (version === 0) return hubBits
  return version === 1 ? hub1Bits : hub2Bits
}
