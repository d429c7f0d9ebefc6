import type { Device } from './device.ts'
import type { SessionTruth } from './sessions.ts'
import type { ReolinkShot } from './shots.ts'
import type { ReolinkStream, ReolinkTrigger } from './world.ts'

/** One file on the device, and what a right copy of it is. */
export interface ReolinkRecordingTruth {
  /** `<channel> <stream> <start in ISO 8601>`; a name of the simulator's own. */
  readonly id: string
  readonly channel: number
  readonly stream: ReolinkStream
  /** Epoch milliseconds. */
  readonly start: number
  readonly end: number
  /** What a Search calls it, where it calls it anything. */
  readonly name?: string
  readonly triggers: readonly ReolinkTrigger[]
  /** It is still being written: `end`, `bytes` and `sha256` are those of now. */
  readonly growing: boolean
  readonly bytes: number
  /** Lower-case hex; made when first looked at. */
  readonly sha256: string
}

/** What there is, what was sent, and who is logged in. */
export interface ReolinkTruth {
  readonly recordings: readonly ReolinkRecordingTruth[]
  /** The last 200,000 pictures that were sent whole. */
  readonly shots: readonly ReolinkShot[]
  readonly sessions: {
    /** In the table now. */
    readonly open: number
    /** Ever. */
    readonly opened: number
    readonly closed: number
    /** The most there were at once. */
    readonly maximum: number
    readonly history: readonly SessionTruth[]
  }
}

/** Part of the truth about recordings. */
export interface ReolinkTruthQuestion {
  readonly channel?: number
  readonly stream?: ReolinkStream
  /** Epoch milliseconds: what overlaps these. */
  readonly start?: number
  readonly end?: number
}

export function truthOf(device: Device, question: ReolinkTruthQuestion = {}): ReolinkTruth {
  const { sessions, shots } = device
  const { opened, closed, maximum } = sessions
  return {
    recordings: recordingTruths(device, question),
    shots: shots.sent,
    sessions: { open: sessions.all().length, opened, closed, maximum, history: sessions.history() },
  }
}

function recordingTruths(device: Device, question: ReolinkTruthQuestion): ReolinkRecordingTruth[] {
  const { channel, stream, start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = question
  return device
    .seen()
    .filter((one) => one.start < end && one.end > start)
    .filter((one) => (channel ?? one.channel.channel) === one.channel.channel && (stream ?? one.stream) === one.stream)
    .map((one) => ({
      id: `${one.channel.channel} ${one.stream} ${new Date(one.start).toISOString()}`,
      ...{ channel: one.channel.channel, stream: one.stream, start: one.start, end: one.end, growing: one.growing },
      ...(one.name === undefined ? {} : { name: one.name }),
      ...{ triggers: one.spec.triggers ?? ['motion'], bytes: one.bytes },
      get sha256() {
        return device.films.truth(one).sha256
      },
    }))
}
