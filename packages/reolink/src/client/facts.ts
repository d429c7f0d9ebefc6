import { at, isJsonObject, word } from '@cam/download-core/source'
import type { Settings } from '../options.ts'
import { type DeviceTime, readDeviceTime } from '../wire/device-time.ts'
import { type Command, integer, integerFrom } from '../wire/envelope.ts'
import type { CommandReply } from './device.ts'
import { wallOf } from './recordings/wall.ts'
import { deviceZone, namedZone } from './recordings/zone.ts'

/** One camera of a device. */
export interface Channel {
  /** As commands want it; not always without gaps. */
  readonly index: number
  /** May be empty. */
  readonly name: string
  readonly online: boolean
  readonly uid?: string
  readonly model?: string
  /** Running on its battery, and asleep. */
  readonly asleep?: boolean
}

/** What a device says of itself. */
export interface DeviceFacts {
  readonly name: string
  readonly model: string
  /** `hub` is a recorder for battery cameras. */
  readonly kind: 'camera' | 'nvr' | 'hub'
  readonly isNvr: boolean
  readonly isHub: boolean
  /** Stable and unlike any other's; not every firmware tells it. */
  readonly uid?: string
  /** Many devices show zeros: those are left out. */
  readonly serial?: string
  /** `aa:bb:cc:dd:ee:ff`. */
  readonly mac?: string
  readonly firmware: string
  readonly hardware: string
  readonly channels: readonly Channel[]
  /** Absent where the device does not tell the time. */
  readonly time?: DeviceTime
  /** When it said so, by our clock; epoch milliseconds. */
  readonly askedAt: number
  /** How far the device's clock is ahead of ours, in milliseconds, to the second; negative where it is behind. */
  readonly clockAheadMs?: number
  readonly disks: readonly Disk[]
  readonly abilities: Abilities
}

/** A disk or card. */
interface Disk {
  readonly kind: 'disk' | 'card' | 'unknown'
  readonly usable: boolean
  readonly capacityMiB?: number
  readonly freeMiB?: number
}

/** What the device says it can do. */
interface Abilities {
  /** The version of a feature, 0 where it has none; `undefined` where it does not say. */
  version(feature: string, channel?: number): number | undefined
}

/** One login on the device, ours or another's. */
export interface Session {
  readonly id: string
  readonly user: string
  readonly address: string
  /** `admin` or `guest`, in the device's words. */
  readonly level?: string
  /** Whether the device would end it for us. */
  readonly canEnd: boolean
}

const mostChannels = 64
const mostDisks = 64

/** What is asked to know a device; what it does not know of these, it is not asked again. PROTOCOL.md §3. */
export function factCommands(username: string): readonly Command[] {
  return [
    { cmd: 'GetDevInfo' },
    { cmd: 'GetChannelstatus' },
    { cmd: 'GetTime' },
    { cmd: 'GetLocalLink' },
    { cmd: 'GetP2p' },
    { cmd: 'GetHddInfo' },
    { cmd: 'GetAbility', param: { User: { userName: username } } },
  ]
}

/**
 * Reads the replies to `factCommands`. Throws what GetDevInfo was refused with: without it nothing is known; what GetP2p was refused
 * with for the moment, where only that tells the uid; and on recorders the same of GetChannelstatus: their cameras would be others.
 */
export function readFacts(
  replies: readonly CommandReply[],
  { address, timeZone }: Pick<Settings, 'address' | 'timeZone'>,
): DeviceFacts {
  const of = (cmd: string, name: string): unknown => at(replies.find((reply) => reply.cmd === cmd)?.value, name)
  const refusal = replies.find(({ cmd }) => cmd === 'GetDevInfo')?.error
  if (refusal) throw refusal
  const info = of('GetDevInfo', 'DevInfo')
  const name = word(at(info, 'name')) ?? word(at(info, 'model')) ?? address
  const kind = kindOf(info)
  const unlisted = replies.find(({ cmd }) => cmd === 'GetChannelstatus')?.error
  if (kind !== 'camera' && unlisted?.retryable) throw unlisted
  const uid = identifier(at(info, 'uid')) ?? identifier(at(of('GetP2p', 'P2p'), 'uid'))
  // Without its number the device would pass for another one, and everything would be fetched again.
  const unnamed = uid === undefined ? replies.find(({ cmd }) => cmd === 'GetP2p')?.error : undefined
  if (unnamed?.retryable) throw unnamed
  const serial = identifier(at(info, 'serial'))
  const mac = readMac(at(of('GetLocalLink', 'LocalLink'), 'mac'))
  const clock = replies.find(({ cmd }) => cmd === 'GetTime')
  const time = readDeviceTime(clock?.value)
  return {
    name,
    model: word(at(info, 'model')) ?? '',
    kind,
    isNvr: kind !== 'camera',
    isHub: kind === 'hub',
    ...(uid !== undefined && { uid }),
    ...(serial !== undefined && { serial }),
    ...(mac !== undefined && { mac }),
    firmware: word(at(info, 'firmVer')) ?? '',
    hardware: word(at(info, 'hardVer')) ?? '',
    channels: channelsOf(info, of('GetChannelstatus', 'status'), { name, kind, uid }),
    askedAt: clock?.at ?? 0,
    ...(clock && time && { time, ...aheadOf(time, timeZone, clock.at) }),
    disks: disksOf(of('GetHddInfo', 'HddInfo')),
    abilities: abilitiesOf(of('GetAbility', 'Ability')),
  }
}

/** By the first of what both tell of themselves; what only one of them tells says nothing. */
export function mayBeTheSame(one: DeviceFacts, other: DeviceFacts): boolean {
  const told = (['uid', 'mac', 'serial'] as const).find((name) => one[name] !== undefined && other[name] !== undefined)
  return told === undefined || one[told] === other[told]
}

/** `timeZone`: the user's word goes before the device's. */
function aheadOf(time: DeviceTime, timeZone: string | undefined, askedAt: number): Pick<DeviceFacts, 'clockAheadMs'> {
  const zone = timeZone === undefined ? deviceZone(time) : namedZone(timeZone)
  const wall = wallOf(time.now)
  if (wall === undefined) return {}
  return { clockAheadMs: wall - Math.floor((askedAt + zone.offsetAt(askedAt)) / 1000) * 1000 }
}

function kindOf(info: unknown): DeviceFacts['kind'] {
  const types = [at(info, 'exactType'), at(info, 'type')].map((type) => word(type)?.toUpperCase())
  if (types.includes('HOMEHUB')) return 'hub'
  return types.some((type) => type && ['NVR', 'WIFI_NVR', 'NVR_WIFI'].includes(type)) ? 'nvr' : 'camera'
}

interface Owner {
  readonly name: string
  readonly kind: DeviceFacts['kind']
  readonly uid: string | undefined
}

/** As the device lists them; a camera that lists none has as many as it counts. PROTOCOL.md §3.2. */
function channelsOf(info: unknown, status: unknown, owner: Owner): readonly Channel[] {
  const listed = new Map<number, Channel>()
  for (const row of Array.isArray(status) ? status.slice(0, mostChannels) : []) {
    const index = integerFrom(at(row, 'channel'), 0, 255)
    if (index === undefined || listed.has(index)) continue
    const uid = identifier(at(row, 'uid'))
    const model = word(at(row, 'typeInfo'))
    const asleep = integer(at(row, 'sleep')) === 1
    listed.set(index, {
      index,
      name: word(at(row, 'name')) ?? '',
      online: integer(at(row, 'online')) === 1,
      ...(uid !== undefined && { uid }),
      ...(model !== undefined && { model }),
      ...(asleep && { asleep }),
    })
  }
  const nobodyThere = owner.kind !== 'camera' && Array.isArray(status)
  if (listed.size > 0 || nobodyThere) return [...listed.values()].sort((a, b) => a.index - b.index)
  const count = integerFrom(at(info, 'channelNum'), 1, mostChannels) ?? 1
  const alone = count === 1 && owner.kind === 'camera'
  return Array.from({ length: count }, (_, index) => ({
    index,
    name: owner.kind === 'camera' ? owner.name : '',
    online: true,
    ...(alone && owner.uid !== undefined && { uid: owner.uid }),
  }))
}

function disksOf(rows: unknown): readonly Disk[] {
  if (!Array.isArray(rows)) return []
  return rows.slice(0, mostDisks).map((row) => {
    const capacityMiB = integerFrom(at(row, 'capacity'), 0, 2 ** 40)
    const freeMiB = integerFrom(at(row, 'size'), 0, 2 ** 40)
    const type = integer(at(row, 'storageType'))
    return {
      kind: type === 1 ? 'disk' : type === 2 ? 'card' : 'unknown',
      usable: integer(at(row, 'format')) === 1 && integer(at(row, 'mount')) === 1,
      ...(capacityMiB !== undefined && { capacityMiB }),
      ...(freeMiB !== undefined && { freeMiB }),
    }
  })
}

function abilitiesOf(ability: unknown): Abilities {
  const channels = at(ability, 'abilityChn')
  return {
    version(feature, channel) {
      const of = channel === undefined ? ability : Array.isArray(channels) ? channels[channel] : undefined
      const found = at(of, feature)
      return isJsonObject(found) ? integer(at(found, 'ver')) : undefined
    },
  }
}

/** Devices without one of their own show zeros. */
function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{4,128}$/.test(value) && /[^0]/.test(value) ? value : undefined
}

function readMac(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const digits = value.replace(/[:\-.]/g, '').toLowerCase()
  if (!/^[\da-f]{12}$/.test(digits) || /^(0+|f+)$/.test(digits)) return undefined
  return digits.match(/../g)!.join(':')
}
