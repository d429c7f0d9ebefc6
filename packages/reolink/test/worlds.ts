import type { ReolinkRecordingSpec, ReolinkSimulatorOptions, ReolinkWorld } from '@cam/simulators/reolink'
import { berlin, channelsOf, hour, minute, type ProfileName, second, uidOfChannel } from './archiving.ts'

/** Two days in Berlin, the second of which has 25 hours: from 02:00 on 24 October 2026. */
export const autumn = { start: Date.UTC(2026, 9, 24), end: Date.UTC(2026, 9, 26) }
/** When the hour from 02:00 to 03:00 begins there, for the first and for the second time. */
export const firstTwo = Date.UTC(2026, 9, 25, 0)
export const secondTwo = Date.UTC(2026, 9, 25, 1)

const kinds = [['motion'], ['motion', 'person'], ['vehicle'], ['schedule', 'animal']] as const

/** Clips here and there: the same minutes of both hours, one that goes over the change, and one over each midnight. */
function clips(seed: number): ReolinkRecordingSpec[] {
  const starts = [
    ...Array.from({ length: 16 }, (_, at) => autumn.start + at * 3 * hour + (7 + seed) * minute),
    ...[firstTwo + 20 * minute, secondTwo + 20 * minute, secondTwo - 10 * second],
    ...[Date.UTC(2026, 9, 24, 21, 59, 50), Date.UTC(2026, 9, 25, 22, 59, 50)],
  ]
  return starts
    .sort((a, b) => a - b)
    .map((start, at) => ({
      ...{ start, end: start + (20 + ((at * seed) % 17)) * second },
      ...{ triggers: kinds[at % 4]!, bytes: 180_000 + at * 321 },
    }))
}

/** Hours one right after the other around the change, and pieces of three minutes before and after. */
function pieces(): ReolinkRecordingSpec[] {
  const hours = Array.from({ length: 4 }, (_, at) => ({ start: firstTwo + (at - 1) * hour, lasts: hour }))
  const others = Array.from({ length: 16 }, (_, at) => ({ start: autumn.start + at * 3 * hour, lasts: 3 * minute }))
  return [...others.filter(({ start }) => start < firstTwo - hour || start > secondTwo + 2 * hour), ...hours]
    .sort((a, b) => a.start - b.start)
    .map(({ start, lasts }, at) => ({
      ...{ start, end: start + lasts },
      ...{ triggers: ['schedule'] as const, bytes: 450_000 + at * 97 },
    }))
}

/** What a device of that kind records in these two days. */
function autumnWorld(profile: ProfileName): ReolinkWorld {
  const recorded =
    profile === 'camera' ? [clips(1)] : profile === 'hub' ? [clips(1), clips(2)] : [pieces(), pieces().slice(0, 3), []]
  return { name: 'Farm', zone: berlin, channels: channelsOf(recorded) }
}

export function autumnOf(profile: ProfileName, switches: ReolinkSimulatorOptions['switches'] = {}) {
  return { world: autumnWorld(profile), switches: { profile, ...switches } }
}

/** The uid of channel by channel; that of a camera is its device's. */
export function cameraIdOf(profile: ProfileName): (channel: number) => string {
  return profile === 'camera' ? () => '95270F5266ECB70A' : uidOfChannel
}
