import type { Films, FilmTruth } from './films.ts'
import { type Asked, footageOf, type Means } from './footage.ts'
import {
  angleOf,
  inputOf,
  minuteMs,
  type SamsaraAngle,
  type SamsaraInput,
  type SamsaraMediaType,
  type TimeWindow,
  type Vehicle,
} from './world.ts'

/** What the truth is asked about. */
export interface TruthQuestion {
  /** Id or name of the first that has it. Default: all vehicles. */
  readonly vehicle?: string
  /** Epoch milliseconds of the first piece. Default: where the world's window begins. */
  readonly start?: number
  /** How many minutes. Default: to the end of the world's window. */
  readonly minutes?: number
  /** In either vocabulary. Default: those the vehicle has cameras for. */
  readonly angles?: readonly (SamsaraAngle | SamsaraInput)[]
  /** Default `videoHighRes`. */
  readonly mediaType?: SamsaraMediaType
  /** Length of a piece in minutes; of images how far they are apart. Default 1. */
  readonly pieceMinutes?: number
}

/** What should become of one piece of one angle. */
export interface SamsaraTruth {
  readonly vehicleId: string
  readonly vehicle: string
  readonly input: SamsaraInput
  readonly angle: SamsaraAngle
  readonly mediaType: SamsaraMediaType
  /** Epoch milliseconds, as asked. */
  readonly start: number
  /** Of an image the same as `start`. */
  readonly end: number
  /** `pending`: it never gets ready as things are. */
  readonly outcome: 'kept' | 'absent' | 'failed' | 'expired' | 'pending'
  /**
   * Why it is not kept. absent: not-recording, no-camera, unavailable or invalid; failed: failed, or damaged where what
   * is stored cannot be played; expired: expired; pending: offline or pending.
   */
  readonly reason?:
    | 'not-recording'
    | 'no-camera'
    | 'unavailable'
    | 'invalid'
    | 'failed'
    | 'damaged'
    | 'expired'
    | 'offline'
    | 'pending'
  /** What the film really shows; of what is kept, damaged or pending. */
  readonly shows?: TimeWindow
  /** What the media host serves, made when somebody looks; of what is kept or damaged. */
  readonly film?: FilmTruth
}

/** What the truth is computed from: the world and the switches, never requests. */
export interface TruthRules {
  readonly vehicles: readonly Vehicle[]
  readonly window: TimeWindow
  readonly means: Means
  readonly films: Films
  /** Whether it is in the cloud from the start, so that no card matters. */
  isUploaded(asked: Asked): boolean
}

export function truthOf(question: TruthQuestion, rules: TruthRules): SamsaraTruth[] {
  const { vehicle, mediaType = 'videoHighRes', pieceMinutes = 1, start = rules.window.start } = question
  const minutes = question.minutes ?? Math.ceil((rules.window.end - start) / minuteMs)
  const wanted = rules.vehicles.filter(({ spec }) => spec.id === vehicle)
  const named = wanted.length > 0 ? wanted : rules.vehicles.filter(({ spec }) => spec.name === vehicle).slice(0, 1)
  if (vehicle !== undefined && named.length === 0) throw new TypeError(`there is no vehicle ${JSON.stringify(vehicle)}`)
  const rows: SamsaraTruth[] = []
  for (const one of vehicle === undefined ? rules.vehicles : named) {
    const asked = question.angles?.map(inputOf) ?? one.spec.cameras.map(({ input }) => input)
    for (let at = 0; at < minutes; at += pieceMinutes) {
      const from = start + at * minuteMs
      const length = mediaType === 'image' ? 0 : Math.min(pieceMinutes, minutes - at) * minuteMs
      for (const input of asked) rows.push(rowOf(one, input, mediaType, { start: from, end: from + length }, rules))
    }
  }
  return rows
}

function rowOf(
  vehicle: Vehicle,
  input: SamsaraInput,
  mediaType: SamsaraMediaType,
  window: TimeWindow,
  { means, films, isUploaded }: TruthRules,
): SamsaraTruth {
  const asked = { vehicle, input, mediaType, window }
  const footage = footageOf(asked, means, isUploaded(asked))
  const { id, name } = vehicle.spec
  const row = { ...{ vehicleId: id, vehicle: name, input, angle: angleOf(input), mediaType }, ...window }
  if (footage.is === 'missing')
    return { ...row, outcome: footage.why === 'expired' ? 'expired' : 'absent', reason: footage.why }
  const { ends, shows, offline, clip } = footage
  if (ends === 'failed') return { ...row, outcome: 'failed', reason: ends }
  if (ends === 'invalid' || ends === 'unavailable') return { ...row, outcome: 'absent', reason: ends }
  if (offline || ends === 'pending')
    return { ...row, outcome: 'pending', reason: offline ? 'offline' : 'pending', shows }
  const outcome = clip.damaged ? ({ outcome: 'failed', reason: 'damaged' } as const) : ({ outcome: 'kept' } as const)
  return {
    ...{ ...row, ...outcome, shows },
    get film(): FilmTruth {
      const { sha256, bytes } = films.film(asked, footage)
      return { sha256, bytes }
    },
  }
}
