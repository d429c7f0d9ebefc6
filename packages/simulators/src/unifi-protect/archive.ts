import type { Media } from '../media/media.ts'
import { groupMs, surveillanceMp4 } from '../media/surveillance-mp4.ts'
import type { UnifiProtectSwitches } from './switches.ts'
import {
  ceilToGrid,
  clip,
  existing,
  floorToGrid,
  type ProtectChannel,
  type TimeWindow,
  type WorldCamera,
  without,
} from './world.ts'

/** What an export is asked for. */
export interface ExportAsked extends TimeWindow {
  /** 3 for the package camera, however it was asked for. */
  readonly channel: number
}

/** How a console makes films of its footage. */
export type FilmRules = Pick<UnifiProtectSwitches, 'sparse' | 'creationTime' | 'overrunMs'> & {
  readonly standIn?: boolean
  /** Left out of it. */
  readonly hole?: TimeWindow | undefined
}

/** A film, and what of the time line is in it. */
export interface Film {
  readonly file: Media
  /** Not clipped to what was asked. */
  readonly footage: readonly TimeWindow[]
}

/** The footage around what was asked, cut where key pictures are; undefined where there is none. */
export function filmOf(camera: WorldCamera, asked: ExportAsked, rules: FilmRules, now: number): Film | undefined {
  const start = floorToGrid(asked.start - rules.overrunMs)
  const there = clip(existing(camera, now), { start, end: ceilToGrid(asked.end + rules.overrunMs) })
  const footage = rules.hole ? without(there, grown(rules.hole)) : there
  const first = footage[0]
  if (!first) return undefined
  const channel = channelFor(camera, asked.channel, rules.standIn === true || first.start < camera.hqFrom)
  if (!channel) return undefined
  const moments = footage.flatMap((window) => {
    const count = (window.end - window.start) / groupMs
    return Array.from({ length: count }, (_, index) => window.start + index * groupMs)
  })
  const edit = rules.sparse === 'edit'
  const file = surveillanceMp4({
    seed: `${camera.spec.id} ${channel.id}`,
    width: channel.width,
    height: channel.height,
    groups: moments.map((shows, index) => ({
      shows,
      at: rules.sparse === 'stitched' ? index * groupMs : shows - start,
    })),
    keepLead: edit,
    createdAt: { footage: edit ? start : first.start, none: undefined, now }[rules.creationTime],
  })
  return { file, footage }
}

/** The stream asked for; of old footage and as a stand-in the low one. A package camera has only its own. */
function channelFor(camera: WorldCamera, id: number, low: boolean): ProtectChannel | undefined {
  const named = (wanted: number) => camera.channels.find((channel) => channel.id === wanted)
  return low && id !== 3 ? named(2) : named(id)
}

function grown({ start, end }: TimeWindow): TimeWindow {
  return { start: floorToGrid(start), end: ceilToGrid(end) }
}

/** How many times faster than life, for each `fps` of a time lapse. */
export const speedOfFps: ReadonlyMap<number, number> = new Map([
  [4, 60],
  [8, 120],
  [20, 300],
  [40, 600],
])

/** Where the time-lapse store has something. */
export function timelapseWindow({ spec, recorded }: WorldCamera): TimeWindow | undefined {
  const [first, last] = [recorded[0], recorded.at(-1)]
  return spec.timelapse ?? (first && last ? { start: first.start, end: last.end } : undefined)
}

/** A time lapse: gaps are left out, and footage that is gone is still there. */
export function timelapseOf(
  camera: WorldCamera,
  asked: ExportAsked,
  speed: number,
  rules: FilmRules,
  now: number,
): Film | undefined {
  const store = timelapseWindow(camera)
  const bounds = { start: floorToGrid(asked.start), end: Math.min(ceilToGrid(asked.end), now) }
  const footage = store ? clip(clip(camera.recorded, store), bounds) : []
  const channel = channelFor(camera, asked.channel, false)
  if (!footage[0] || !channel) return undefined
  const step = groupMs * speed
  const moments: number[] = []
  for (let at = bounds.start; at < bounds.end; at += step)
    if (clip(footage, { start: at, end: at + step }).length > 0) moments.push(at)
  const file = surveillanceMp4({
    seed: `${camera.spec.id} ${channel.id} ${speed}x`,
    width: channel.width,
    height: channel.height,
    groups: moments.map((shows, index) => ({ shows, at: index * groupMs })),
    createdAt: { footage: footage[0].start, none: undefined, now }[rules.creationTime],
  })
  return { file, footage }
}
