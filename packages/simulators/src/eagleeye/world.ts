/** Half-open, epoch milliseconds. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** What was recorded in one go, in whole milliseconds. */
export interface EagleEyeClipSpec extends TimeWindow {
  /** The retention has taken it, although lists still show it. Default false. */
  readonly expired?: boolean
  /** False: it is on the bridge only, which must be online to hand it over. Default true. */
  readonly inCloud?: boolean
}

/** A bridge as a caller describes it. */
export interface EagleEyeBridgeSpec {
  /** Eight hex digits. */
  readonly id: string
  readonly name: string
  /** Default true. */
  readonly online?: boolean
}

/** A camera as a caller describes it; plain JSON. */
export interface EagleEyeCameraSpec {
  /** Eight hex digits. */
  readonly id: string
  readonly name: string
  /** One of the world's bridges. */
  readonly bridgeId: string
  /** In order of their starts, all different; they may touch and overlap. */
  readonly clips: readonly EagleEyeClipSpec[]
  /** Default `ATTD`: attached. Others are no cameras of v3. */
  readonly serviceStatus?: 'ATTD' | 'IGND' | 'IDLE' | 'ERSE'
  /** Of another account, shared with this one. Default false. */
  readonly shared?: boolean
  /** Default true. */
  readonly online?: boolean
  /** The user sees the camera but may not have its footage. Default false. */
  readonly denied?: boolean
  /** IANA. Default `America/Chicago`. */
  readonly timeZone?: string
  /** Elements of its row in the device list, 15 to 29. Default: 27, 28 and 29 by turns. */
  readonly rowLength?: number
  /** Even. Default 160. */
  readonly width?: number
  /** Even. Default 96. */
  readonly height?: number
}

/** An account and everything in it; plain JSON. */
export interface EagleEyeWorld {
  /** Eight digits. */
  readonly accountId: string
  /** What `truth()` tells about when nobody says. */
  readonly window: TimeWindow
  readonly bridges: readonly EagleEyeBridgeSpec[]
  readonly cameras: readonly EagleEyeCameraSpec[]
}

/** A camera of the world that runs: clips grow, and footage expires. */
export interface WorldCamera {
  readonly spec: EagleEyeCameraSpec
  readonly bridge: EagleEyeBridgeSpec
  readonly width: number
  readonly height: number
  /** Its place among the cameras. */
  readonly index: number
  clips: readonly EagleEyeClipSpec[]
  /** What began before has expired. */
  retainedFrom: number
}

/** A clip as it is now. */
export interface Clip extends TimeWindow {
  readonly growing: boolean
  readonly expired: boolean
  readonly inCloud: boolean
}

/** Checks the whole world; throws TypeError for what no account could be. */
export function worldCameras(world: EagleEyeWorld): WorldCamera[] {
  const seen = new Set<string>()
  return world.cameras.map((spec, index) => {
    const { id, bridgeId, clips, width = 160, height = 96 } = spec
    if (!/^[0-9a-f]{8}$/.test(id) || seen.has(id))
      throw new TypeError(`camera id ${id} is not eight hex digits of its own`)
    seen.add(id)
    const bridge = world.bridges.find((one) => one.id === bridgeId)
    if (!bridge) throw new TypeError(`camera ${id} is on bridge ${bridgeId}, which is not there`)
    clips.forEach(({ start, end }, at) => {
      const whole = Number.isInteger(start) && Number.isInteger(end)
      if (!whole || start >= end || start <= (clips[at - 1]?.start ?? Number.NEGATIVE_INFINITY))
        throw new TypeError(`the clips of camera ${id} are not in order`)
    })
    return { ...{ spec, bridge, width, height, index, clips }, retainedFrom: Number.NEGATIVE_INFINITY }
  })
}

/** The clips that have begun, in order; one that goes on ends at the last whole second. */
export function clipsAt(camera: WorldCamera, now: number): Clip[] {
  return camera.clips.flatMap(({ start, end, expired = false, inCloud = true }) => {
    const growing = end > now
    const until = growing ? Math.floor(now / 1000) * 1000 : end
    if (until <= start) return []
    return [{ ...{ start, end: until, growing, inCloud }, expired: expired || start < camera.retainedFrom }]
  })
}
