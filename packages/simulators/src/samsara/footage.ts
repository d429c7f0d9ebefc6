import type { TargetSwitch } from './targets.ts'
import {
  cameraOf,
  minuteMs,
  type SamsaraCameraSpec,
  type SamsaraClipSpec,
  type SamsaraInput,
  type SamsaraMediaType,
  type TimeWindow,
  type Vehicle,
} from './world.ts'

/** One angle of one vehicle in a window, in one form. */
export interface Asked {
  readonly vehicle: Vehicle
  readonly input: SamsaraInput
  readonly mediaType: SamsaraMediaType
  /** Of an image both ends are the same. */
  readonly window: TimeWindow
}

/** What there is of it. */
export type Footage =
  | { readonly is: 'missing'; readonly why: 'not-recording' | 'expired' | 'no-camera' }
  | {
      readonly is: 'there'
      readonly camera: SamsaraCameraSpec
      /** What the film really shows. */
      readonly shows: TimeWindow
      readonly clip: Partial<SamsaraClipSpec>
      /** How a retrieval of it ends. */
      readonly ends: 'available' | 'failed' | 'invalid' | 'unavailable' | 'pending'
      /** The vehicle is offline. */
      readonly offline: boolean
    }

/** Whether a switch means this vehicle, camera or minute. */
export type Means = (name: TargetSwitch, vehicle: Vehicle, input: SamsaraInput, start: number) => boolean

const missing = (why: 'not-recording' | 'expired' | 'no-camera'): Footage => ({ is: 'missing', why })

/** Looks it up in the world, as the switches have changed it; what is `inCloud` does not need the card. */
export function footageOf({ vehicle, input, mediaType, window }: Asked, means: Means, inCloud = false): Footage {
  const camera = cameraOf(vehicle, input)
  // Cameras of others than the maker have no low-resolution stream.
  if (!camera || (mediaType === 'videoLowRes' && input.startsWith('analog'))) return missing('no-camera')
  const { start } = window
  const clip: Partial<SamsaraClipSpec> =
    camera.clips?.find((one) => one.start <= start && start < one.start + minuteMs) ?? {}
  const recorded = recordedIn(camera.recorded ?? vehicle.spec.recorded, window)
  if (!recorded || means('unrecorded', vehicle, input, start)) return missing('not-recording')
  const expired = start < vehicle.retainedFrom || means('expired', vehicle, input, start)
  if (expired && !inCloud) return missing('expired')
  const ends = means('failed', vehicle, input, start)
    ? 'failed'
    : means('unavailable', vehicle, input, start)
      ? 'unavailable'
      : (clip.ends ?? 'available')
  const { shiftMs = 0, lastsMs } = clip
  const from = recorded.start + shiftMs
  const shows = { start: from, end: lastsMs === undefined ? recorded.end + shiftMs : from + lastsMs }
  return { is: 'there', camera, shows, clip, ends, offline: means('offline', vehicle, input, start) }
}

/** The first stretch of the window in which it was recording. */
function recordedIn(windows: readonly TimeWindow[], { start, end }: TimeWindow): TimeWindow | undefined {
  const found = windows.find((one) => one.start < Math.max(end, start + 1) && start < one.end)
  return found && { start: Math.max(start, found.start), end: Math.max(start, Math.min(end, found.end)) }
}
