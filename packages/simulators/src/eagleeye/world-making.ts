import { randomNumbers } from '../media/prng.ts'
import type { EagleEyeClipSpec, TimeWindow } from './world.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** Clips at odd moments in the window, about so many, of 8 seconds to some minutes, and never one near its edges. */
export function clipsIn(seed: string, window: TimeWindow, about: number): EagleEyeClipSpec[] {
  const next = randomNumbers(seed)
  const apart = Math.floor((window.end - window.start) / about)
  const clips: EagleEyeClipSpec[] = []
  let at = window.start + 20 * minute + (next() % apart)
  for (;;) {
    // Most are short, one in eight is long.
    const longest = next() % 8 === 0 ? 12 * minute : 100 * second
    const end = at + 8 * second + (next() % longest)
    if (end > window.end - 30 * minute) return clips
    clips.push({ start: at, end })
    at = end + minute + (next() % (2 * apart - 2 * minute))
  }
}

/** The clips in order, without those that touch one of `more`, and `more`. */
export function withClips(clips: readonly EagleEyeClipSpec[], more: readonly EagleEyeClipSpec[]): EagleEyeClipSpec[] {
  const apart = clips.filter((clip) => more.every(({ start, end }) => clip.end < start || end < clip.start))
  return [...apart, ...more].sort((a, b) => a.start - b.start)
}

/** Eight hex digits, as a camera's or a bridge's serial number. */
export const esn = (kind: 'camera' | 'bridge', index: number) =>
  `100${kind === 'camera' ? 'a' : 'b'}${(0x1000 + index).toString(16)}`
