import { createHash } from 'node:crypto'
import { digitsOf, type ReolinkZone, summerAt, wallOf } from './local-time.ts'
import type { Profile } from './profiles.ts'
import type { Recording, ReolinkTrigger } from './world.ts'

type Bit = readonly [at: number, width: number, value: number]

const bitOf: Readonly<Record<ReolinkTrigger, number>> = {
  ...{ person: 17, face: 18, vehicle: 19, animal: 20, schedule: 23, motion: 24, doorbell: 26 },
}
/** Newer hubs moved what stands after bit 20. */
const hubBitOf: Readonly<Record<ReolinkTrigger, number>> = { ...bitOf, schedule: 24, motion: 25, doorbell: 27 }

/** The flags of a file name: bits from the left, as hexadecimal digits. */
export function flagsOf(
  triggers: readonly ReolinkTrigger[],
  digits: 7 | 10,
  bits = digits === 10 ? hubBitOf : bitOf,
): string {
  const fields: Bit[] = [
    [0, 7, 54],
    [7, 1, 1],
    [8, 7, 20],
    [15, 2, 1],
    ...triggers.map((trigger): Bit => [bits[trigger], 1, 1]),
  ]
  let value = 0n
  for (const [at, width, number] of fields) value |= BigInt(number) << BigInt(digits * 4 - at - width)
  return value.toString(16).toUpperCase().padStart(digits, '0')
}

/** What a Search calls a file; undefined where it calls it nothing. `end` is undefined while it is being written. */
export function nameOf(
  { spec, channel, stream }: Recording,
  { names }: Pick<Profile, 'names'>,
  zone: ReolinkZone,
  end: number | undefined,
  bytes: number,
): string | undefined {
  if (names === 'none') return undefined
  if (names === 'opaque') {
    const { day, time } = digitsOf(spec.start)
    return `${stream === 'main' ? 0 : 1}-${channel.channel}-0-01${day.slice(2)}${time}-00000`
  }
  const begun = digitsOf(wallOf(zone, spec.start))
  const ended = end === undefined ? '000000' : digitsOf(wallOf(zone, end)).time
  const summer = summerAt(zone, spec.start) ? 'DST' : ''
  const size = end === undefined ? '0' : bytes.toString(16).toUpperCase()
  const triggers = spec.triggers ?? ['motion']
  const folder = `Mp4Record/${begun.day.slice(0, 4)}-${begun.day.slice(4, 6)}-${begun.day.slice(6)}`
  const kind = stream === 'main' ? 'M' : 'S'
  const times = `${summer}${begun.day}_${begun.time}_${ended}`
  if (names === 'files') return `${folder}/Rec${kind}03_${times}_${flagsOf(triggers, 7)}_${size}.mp4`
  const { uid = uidOf(channel.name) } = channel
  return `/mnt/sda/${uid}-${channel.name}/${folder}/Rec${kind}02_${times}_0_800_800_${flagsOf(triggers, 10)}_${size}.mp4`
}

/** A uid as they are: sixteen letters and digits. */
export function uidOf(seed: string): string {
  return `95270${createHash('sha256').update(seed).digest('hex').slice(0, 11).toUpperCase()}`
}
