import { at, identifier, isObject, moment, present, within, word } from './fields.ts'

/** How far back a console's footage goes. `none`: it says that there is none. A member is absent where it says nothing. */
export type Edges =
  | 'none'
  | {
      /** The oldest footage of any quality. */
      readonly start?: number
      /** The oldest footage in high quality. */
      readonly highFrom?: number
      readonly end?: number
    }

/** One of a camera's streams. */
export interface Stream {
  readonly id: number
  readonly width?: number
  readonly height?: number
}

/** A camera as its console lists it. Everything but the id may be missing or absurd. PROTOCOL.md §2.2. */
export interface ProtectCamera {
  readonly id: string
  readonly name: string
  readonly mac?: string
  readonly model?: string
  readonly state: 'online' | 'offline' | 'unknown'
  /** Another console's, or nobody's: this one has none of its footage. */
  readonly foreign: boolean
  /** `always`, `detections`, `motion`, `never`, `schedule`, `adaptive` … */
  readonly mode?: string
  /** Recorded before and after an event, in milliseconds. */
  readonly padding: { readonly beforeMs: number; readonly afterMs: number }
  readonly streams: readonly Stream[]
  readonly edges: Edges
  readonly timelapse: Edges
  /** The second lens that watches the doorstep; absent where there is none. */
  readonly package?: { readonly edges: Edges }
}

/** An entry of the list that cannot be asked for. It is reported, never left out. */
export interface UnreadableCamera {
  readonly problem: string
  readonly position: number
}

/** The stream that is the package camera. */
export const packageChannel = 3

/** Reads one camera; fields of a wrong type count as missing. */
export function readCamera(value: unknown, position = 0): ProtectCamera | UnreadableCamera {
  if (!isObject(value)) return { problem: 'is not an object', position }
  const id = identifier(value.id)
  if (id === undefined) {
    const problem = value.id === undefined || value.id === null ? 'has no id' : 'has an id that is none'
    return { problem, position }
  }
  const mac = identifier(value.mac)
  const model = word(value.marketName) ?? word(value.type)
  const streams = readStreams(value.channels)
  const lens = packageLens(value, streams)
  return {
    id,
    name: word(value.name) ?? word(value.displayName) ?? ([model, mac].filter(Boolean).join(' ') || id),
    ...present({ mac, model, mode: word(at(value, 'recordingSettings', 'mode')) }),
    state: value.state === 'CONNECTED' ? 'online' : value.state === 'DISCONNECTED' ? 'offline' : 'unknown',
    foreign: value.isAdopted === false || value.isAdoptedByOther === true,
    padding: {
      beforeMs: seconds(at(value, 'recordingSettings', 'prePaddingSecs')),
      afterMs: seconds(at(value, 'recordingSettings', 'postPaddingSecs')),
    },
    streams,
    edges: readEdges(at(value, 'stats', 'video'), 'recording', value.hasRecordings === true),
    timelapse: readEdges(at(value, 'stats', 'video'), 'timelapse', false),
    ...(lens && { package: lens }),
  }
}

/** True for an entry that can be asked for. */
export function isReadable(camera: ProtectCamera | UnreadableCamera): camera is ProtectCamera {
  return 'id' in camera
}

/** Two ages: the low-quality one reaches further back, and is what decides. PROTOCOL.md §2.3. */
function readEdges(video: unknown, kind: 'recording' | 'timelapse', certain: boolean): Edges {
  if (!isObject(video)) return {}
  const starts = [video[`${kind}Start`], video[`${kind}StartLQ`]]
  const ends = [video[`${kind}End`], video[`${kind}EndLQ`]]
  // "None" has to be said: a missing member says nothing, and neither does a null beside `hasRecordings`.
  if (!certain && starts[0] === null && (starts[1] === null || starts[1] === undefined)) return 'none'
  const known = (values: readonly unknown[]) => values.flatMap((each) => moment(each) ?? [])
  return present({
    start: least(known(starts)),
    highFrom: moment(starts[0]),
    end: most(known(ends)),
  })
}

function readStreams(value: unknown): Stream[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, 16).flatMap((each) => {
    const id = within(at(each, 'id'), 0, 15)
    if (id === undefined) return []
    const size = (name: string) => {
      const pixels = within(at(each, name), 1, 65_536)
      return pixels !== undefined && Number.isInteger(pixels) ? pixels : undefined
    }
    return [{ id, ...present({ width: size('width'), height: size('height') }) }]
  })
}

function packageLens(
  camera: Record<string, unknown>,
  streams: readonly Stream[],
): { readonly edges: Edges } | undefined {
  const lenses = Array.isArray(camera.lenses) ? camera.lenses.slice(0, 16) : []
  const lens = lenses.find((each) => at(each, 'id') === 2)
  const video = at(lens, 'video')
  const there = lens !== undefined || at(camera, 'featureFlags', 'hasPackageCamera') === true
  if (!there && !streams.some(({ id }) => id === packageChannel)) return undefined
  const main = readEdges(at(camera, 'stats', 'video'), 'recording', camera.hasRecordings === true)
  return { edges: isObject(video) ? readEdges(video, 'recording', false) : main }
}

/** Seconds as a console states them, at most ten minutes. */
function seconds(value: unknown): number {
  return Math.round((within(value, 0, 600) ?? 0) * 1000)
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values)
}

function most(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
