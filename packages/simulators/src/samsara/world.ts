/** Half-open, epoch milliseconds. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** The angles, in the words of the requests. */
export const inputs = [
  ...(['dashcamRoadFacing', 'dashcamDriverFacing', 'analog1', 'analog2', 'analog3', 'analog4'] as const),
]
export type SamsaraInput = (typeof inputs)[number]

/** The angles, in short. */
const angles = ['road', 'driver', 'analog1', 'analog2', 'analog3', 'analog4'] as const
export type SamsaraAngle = (typeof angles)[number]

export const mediaTypes = ['image', 'videoHighRes', 'videoLowRes', 'hyperlapse'] as const
export type SamsaraMediaType = (typeof mediaTypes)[number]

/** What is odd about what one camera recorded from a moment on. */
export interface SamsaraClipSpec {
  /** Meant is whatever is asked for that begins in the minute from here. */
  readonly start: number
  /** How a retrieval of it ends; `pending` never does. Default `available`. */
  readonly ends?: 'available' | 'failed' | 'invalid' | 'unavailable' | 'pending'
  /** The film begins so much later than asked. */
  readonly shiftMs?: number
  /** The film is so long. Default: as long as asked. */
  readonly lastsMs?: number
  /** Sample rate of its silent sound; null for none. Default: as the camera's. */
  readonly audio?: number | null
  /** Default: as the camera's, like the next two. */
  readonly timescale?: number
  readonly width?: number
  readonly height?: number
  /** What is stored has only its first half, or nothing. */
  readonly damaged?: 'half' | 'empty'
  /** In so many polls it is available and has no `urlInfo`. */
  readonly withoutUrl?: number
  /** The status before it is available, instead of the usual word. */
  readonly word?: string
  /** Listed twice in the same reply. */
  readonly twice?: true
}

/** A camera of a vehicle; plain JSON. */
export interface SamsaraCameraSpec {
  readonly input: SamsaraInput
  /** Of a camera on an AHD4. */
  readonly role?: string
  readonly auxcamSerial?: string
  /** Even, at least 256. Default 320. */
  readonly width?: number
  /** Even, at least 144. Default 180. */
  readonly height?: number
  /** Pictures a second; divides the timescale. Default 10. */
  readonly fps?: number
  /** Default 15360. */
  readonly timescale?: number
  /** Sample rate of its silent sound. Default: no sound. */
  readonly audio?: number
  /** A key picture in so many milliseconds. Default 5000. */
  readonly keyMs?: number
  /** Its films carry so many bytes that show nothing, and are as large as real ones by them. Default 0. */
  readonly ballast?: number
  /** When it recorded. Default: whenever its vehicle did. */
  readonly recorded?: readonly TimeWindow[]
  readonly clips?: readonly SamsaraClipSpec[]
}

/** Media that are in the cloud before anybody asks. */
export interface SamsaraUploadSpec extends TimeWindow {
  readonly input: SamsaraInput
  /** Default `videoHighRes`; an image has `end` as its `start`. */
  readonly mediaType?: 'image' | 'videoHighRes'
  /** Default `videoRetrieval`. */
  readonly triggerReason?: string
  /** Epoch milliseconds. Default: three minutes after its end. */
  readonly availableAt?: number
}

/** A vehicle as a caller describes it; plain JSON. */
export interface SamsaraVehicleSpec {
  /** Decimal digits. */
  readonly id: string
  readonly name: string
  readonly vin?: string
  readonly serial?: string
  readonly licensePlate?: string
  readonly externalIds?: Readonly<Record<string, string>>
  /** Absent: no camera is paired, as far as anybody knows. */
  readonly cameraSerial?: string
  readonly cameras: readonly SamsaraCameraSpec[]
  /** When its cameras were recording: in order, apart from each other. */
  readonly recorded: readonly TimeWindow[]
  /** What was recorded before is no longer on the card. */
  readonly retainedFrom?: number
  readonly uploaded?: readonly SamsaraUploadSpec[]
  /** Every camera of the windshield sends a still every two minutes. Default false. */
  readonly stills?: boolean
}

/** An organisation and everything in it; plain JSON. */
export interface SamsaraWorld {
  readonly orgId: string
  readonly orgName: string
  /** What `truth()` tells about when nobody says. */
  readonly window: TimeWindow
  readonly vehicles: readonly SamsaraVehicleSpec[]
}

/** A vehicle of the world that runs. */
export interface Vehicle {
  readonly spec: SamsaraVehicleSpec
  /** Its place among the vehicles, which its films carry. */
  readonly index: number
  retainedFrom: number
}

export const minuteMs = 60_000

/** Checks the whole world; throws TypeError for what no organisation could be. */
export function worldVehicles(world: SamsaraWorld): Vehicle[] {
  const seen = new Set<string>()
  return world.vehicles.map((spec, index) => {
    if (!/^\d+$/.test(spec.id) || seen.has(spec.id))
      throw new TypeError(`vehicle id ${spec.id} is no number of its own`)
    seen.add(spec.id)
    if (new Set(spec.cameras.map(({ input }) => input)).size < spec.cameras.length)
      throw new TypeError(`vehicle ${spec.id} has two cameras for one input`)
    for (const windows of [spec.recorded, ...spec.cameras.map(({ recorded }) => recorded ?? [])])
      windows.forEach(({ start, end }, at) => {
        if (!(start < end) || start <= (windows[at - 1]?.end ?? Number.NEGATIVE_INFINITY))
          throw new TypeError(`what vehicle ${spec.id} recorded is not in order`)
      })
    return { spec, index, retainedFrom: spec.retainedFrom ?? Number.NEGATIVE_INFINITY }
  })
}

export const cameraOf = ({ spec }: Vehicle, input: SamsaraInput) => spec.cameras.find((one) => one.input === input)

/** The input an angle is called in requests; takes either vocabulary. */
export function inputOf(angle: SamsaraAngle | SamsaraInput): SamsaraInput {
  const at = (angles as readonly string[]).indexOf(angle)
  const input = at < 0 ? inputs.find((one) => one === angle) : inputs[at]
  if (!input) throw new TypeError(`there is no angle ${JSON.stringify(angle)}`)
  return input
}

export const angleOf = (input: SamsaraInput) => angles[inputs.indexOf(input)]!

/** `2025-04-16T18:30:00Z`, with milliseconds only where there are any. */
export const writeMoment = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')
