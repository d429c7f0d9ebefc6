import type { DeviceTime } from '../wire/device-time.ts'

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
  /** How far the device's clock is ahead of ours, in milliseconds; negative where it is behind. */
  readonly clockAheadMs?: number
  readonly disks: readonly Disk[]
  readonly abilities: Abilities
}

/** A disk or card. */
export interface Disk {
  readonly kind: 'disk' | 'card' | 'unknown'
  readonly usable: boolean
  readonly capacityMiB?: number
  readonly freeMiB?: number
}

/** What the device says it can do. */
export interface Abilities {
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
