/** Half-open, epoch milliseconds. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** One stream of a camera, as `channels` lists it. */
export interface ProtectChannel {
  /** 0 high, 1 medium, 2 low, 3 package camera. */
  readonly id: number
  readonly name: string
  readonly width: number
  readonly height: number
}

/** An event as a caller describes it. */
export interface ProtectEventSpec {
  /** 24 hex digits or a UUID. */
  readonly id: string
  /** `motion`, `ring`, `smartDetectZone` … */
  readonly type: string
  readonly start: number
  /** Null while it goes on. */
  readonly end: number | null
  readonly smartDetectTypes?: readonly string[]
  /** Default 70. */
  readonly score?: number
}

/** A camera as a caller describes it; plain JSON. */
export interface ProtectCameraSpec {
  /** 24 hex digits. */
  readonly id: string
  /** Twelve upper-case hex digits. */
  readonly mac: string
  readonly name: string | null
  readonly displayName?: string
  /** Default `UVC G4 Pro`. */
  readonly type?: string
  /** Default `G4 Pro`. */
  readonly marketName?: string
  /** Default `CONNECTED`. */
  readonly state?: 'CONNECTED' | 'CONNECTING' | 'DISCONNECTED'
  /** Default true. */
  readonly isAdopted?: boolean
  /** Default false. */
  readonly isAdoptedByOther?: boolean
  /** Default `always`. */
  readonly mode?: 'always' | 'detections' | 'motion' | 'never' | 'schedule' | 'adaptive'
  /** Seconds recorded before and after an event. Default 5 each. */
  readonly paddingSecs?: number
  /** Default 320×180, 240×136 and 160×90. With a channel 3 it has a package camera. */
  readonly channels?: readonly ProtectChannel[]
  /** What was recorded, in order and apart; grown to whole five seconds. */
  readonly recorded: readonly TimeWindow[]
  /** Before this only the low stream is left. Default: all of it is there in high quality. */
  readonly hqFrom?: number
  /** Before this nothing is left. Default: nothing is gone. */
  readonly lqFrom?: number
  /** Where the time-lapse store has something. Default: where anything was ever recorded. */
  readonly timelapse?: TimeWindow
  readonly events?: readonly ProtectEventSpec[]
  /** The user sees the camera but may not have its footage. Default false. */
  readonly denied?: boolean
}

/** A console and everything on it; plain JSON. */
export interface ProtectWorld {
  readonly nvr: {
    /** 24 hex digits; null where a console keeps it to itself. */
    readonly id: string | null
    readonly mac: string | null
    readonly name: string
    /** IANA. */
    readonly timezone: string
  }
  /** What `truth()` tells about when nobody says. */
  readonly window: TimeWindow
  readonly cameras: readonly ProtectCameraSpec[]
}

/** A camera of the world that runs: its edges move. */
export interface WorldCamera {
  readonly spec: ProtectCameraSpec
  readonly channels: readonly ProtectChannel[]
  readonly recorded: readonly TimeWindow[]
  hqFrom: number
  lqFrom: number
}

/** Footage comes in whole groups of pictures. */
const gridMs = 5000
export const floorToGrid = (at: number) => Math.floor(at / gridMs) * gridMs
export const ceilToGrid = (at: number) => Math.ceil(at / gridMs) * gridMs

const ordinaryChannels: readonly ProtectChannel[] = [
  { id: 0, name: 'High', width: 320, height: 180 },
  { id: 1, name: 'Medium', width: 240, height: 136 },
  { id: 2, name: 'Low', width: 160, height: 90 },
]

/** The camera as it is at the start; throws TypeError for windows that are not in order. */
export function worldCamera(spec: ProtectCameraSpec): WorldCamera {
  const recorded = spec.recorded.map(({ start, end }) => ({ start: floorToGrid(start), end: ceilToGrid(end) }))
  recorded.forEach(({ start }, index) => {
    const backwards = !(spec.recorded[index]!.start < spec.recorded[index]!.end)
    if (backwards || start < (recorded[index - 1]?.end ?? Number.NEGATIVE_INFINITY))
      throw new TypeError(`what camera ${spec.id} recorded is not in order, or touches when grown to five seconds`)
  })
  const { channels = ordinaryChannels, hqFrom, lqFrom } = spec
  return {
    ...{ spec, channels, recorded },
    hqFrom: hqFrom === undefined ? Number.NEGATIVE_INFINITY : ceilToGrid(hqFrom),
    lqFrom: lqFrom === undefined ? Number.NEGATIVE_INFINITY : ceilToGrid(lqFrom),
  }
}

/** What of `windows` lies in `bounds`. */
export function clip(windows: readonly TimeWindow[], bounds: TimeWindow): TimeWindow[] {
  return windows
    .map(({ start, end }) => ({ start: Math.max(start, bounds.start), end: Math.min(end, bounds.end) }))
    .filter(({ start, end }) => start < end)
}

/** What of `windows` is not in `hole`. */
export function without(windows: readonly TimeWindow[], hole: TimeWindow): TimeWindow[] {
  const before = clip(windows, { start: Number.NEGATIVE_INFINITY, end: hole.start })
  return [...before, ...clip(windows, { start: hole.end, end: Number.POSITIVE_INFINITY })]
}

/** What is there now. */
export function existing(camera: WorldCamera, now: number): TimeWindow[] {
  return clip(camera.recorded, { start: camera.lqFrom, end: floorToGrid(now) })
}

/** Where the footage of each quality begins and ends, as `stats.video` says; null where there is none. */
export function edges(camera: WorldCamera, now: number) {
  const low = existing(camera, now)
  const high = clip(low, { start: camera.hqFrom, end: Number.POSITIVE_INFINITY })
  return {
    lowStart: low[0]?.start ?? null,
    lowEnd: low.at(-1)?.end ?? null,
    highStart: high[0]?.start ?? null,
    highEnd: high.at(-1)?.end ?? null,
  }
}
