import { reolinkZones } from './local-time.ts'
import { uidOf } from './names.ts'
import type { ReolinkSwitches } from './switches.ts'
import type { ReolinkChannelSpec, ReolinkRecordingSpec, ReolinkTrigger, ReolinkWorld } from './world.ts'

/** The world of that name. Everything in it was recorded long ago. */
export function worldOf(switches: ReolinkSwitches, custom: ReolinkWorld | undefined): ReolinkWorld {
  const { world, profile } = switches
  if (world === 'custom') {
    if (!custom) throw new TypeError('world custom needs the world it is')
    return custom
  }
  const recorder = profile === 'nvr-classic' || profile === 'nvr-365'
  const recordings = (seed: number): readonly ReolinkRecordingSpec[] => {
    if (world === 'empty') return []
    if (world === 'busy') return busy(seed)
    if (world === 'dst') return autumn(seed)
    return recorder ? chunks() : clips(seed)
  }
  return {
    name: profile === 'camera' ? 'Yard' : profile === 'hub' ? 'Home Hub' : 'NVR',
    zone: reolinkZones.berlin,
    channels: channelsOf(profile).map((channel, index) => ({
      ...channel,
      recordings: channel.online === false ? [] : recordings(index + 1),
    })),
  }
}

function channelsOf(profile: ReolinkSwitches['profile']): Omit<ReolinkChannelSpec, 'recordings'>[] {
  if (profile === 'camera') return [{ channel: 0, name: 'Yard', uid: uidOf('Yard') }]
  if (profile === 'hub')
    return ['Front Door', 'Garden'].map((name, channel) => ({ channel, name, uid: uidOf(name), typeInfo: 'Argus 4' }))
  return [
    { channel: 0, name: 'Gate', uid: uidOf('Gate'), typeInfo: 'RLC-810A' },
    { channel: 1, name: '', online: false },
    { channel: 2, name: 'Hall', uid: uidOf('Hall'), typeInfo: 'RLC-520A' },
    { channel: 5, name: 'Roof', uid: uidOf('Roof'), typeInfo: 'D800' },
  ]
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
/** Midnight of 2 March 2026 in Berlin. */
const begin = Date.UTC(2026, 2, 1, 23)

const kinds: readonly (readonly ReolinkTrigger[])[] = [
  ['motion'],
  ['motion', 'person'],
  ['vehicle'],
  ['motion', 'animal'],
]

/** Three days of clips, some twenty a day, and one over midnight. */
function clips(seed: number): ReolinkRecordingSpec[] {
  return Array.from({ length: 3 }, (_, day) => [
    ...Array.from({ length: 20 }, (_, at): ReolinkRecordingSpec => {
      const start = begin + day * 24 * hour + at * 67 * minute + ((at * seed * 37) % 600) * second
      return { start, end: start + (8 + ((at * 7 + day + seed) % 40)) * second, triggers: kinds[(at + day) % 4]! }
    }),
    {
      start: begin + (day + 1) * 24 * hour - 20 * second,
      end: begin + (day + 1) * 24 * hour + 15 * second,
      triggers: ['motion', 'person'] as const,
    },
  ]).flat()
}

/** Four hours around a midnight without a gap, in files of a quarter of an hour. */
function chunks(): ReolinkRecordingSpec[] {
  return Array.from({ length: 16 }, (_, at) => {
    const start = begin + 22 * hour + at * 15 * minute
    return { start, end: start + 15 * minute, triggers: ['schedule'] }
  })
}

/** A clip every five minutes around the hour that Berlin has twice, on 26 October 2025. */
function autumn(seed: number): ReolinkRecordingSpec[] {
  return Array.from({ length: 48 }, (_, at) => {
    const start = Date.UTC(2025, 9, 25, 23) + at * 5 * minute + seed * second
    return { start, end: start + 20 * second }
  })
}

/** 620 clips in one day. */
function busy(seed: number): ReolinkRecordingSpec[] {
  return Array.from({ length: 620 }, (_, at) => {
    const start = begin + at * 139 * second + seed * second
    return { start, end: start + 10 * second, triggers: kinds[at % 4]! }
  })
}
