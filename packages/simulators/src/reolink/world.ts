import type { ReolinkZone } from './local-time.ts'

export type ReolinkStream = 'main' | 'sub'
export type ReolinkTrigger = 'person' | 'face' | 'vehicle' | 'animal' | 'schedule' | 'motion' | 'doorbell'

/** A stretch that was recorded into one file of each stream. One that ends in the future is still being written. */
export interface ReolinkRecordingSpec {
  /** Epoch milliseconds, whole seconds. */
  readonly start: number
  readonly end: number
  /** Default both. */
  readonly streams?: readonly ReolinkStream[]
  /** Default motion. */
  readonly triggers?: readonly ReolinkTrigger[]
  /** Size of the main file, at least what the film takes: 8192 and 120 a second. Default a little more. */
  readonly bytes?: number
}

export interface ReolinkChannelSpec {
  /** From 0. */
  readonly channel: number
  readonly name: string
  readonly uid?: string
  /** Default true. */
  readonly online?: boolean
  readonly typeInfo?: string
  /** Of pictures of the main stream. Default 640×480; of the sub stream it is half. */
  readonly width?: number
  readonly height?: number
  /** In order. */
  readonly recordings: readonly ReolinkRecordingSpec[]
}

/** A device and what it recorded. */
export interface ReolinkWorld {
  readonly name: string
  readonly zone: ReolinkZone
  readonly channels: readonly ReolinkChannelSpec[]
}

/** One file of one stream. */
export interface Recording {
  readonly spec: ReolinkRecordingSpec
  readonly channel: ReolinkChannelSpec
  readonly stream: ReolinkStream
}

/** Everything that is ever recorded, by channel, stream and start. Throws TypeError. */
export function recordingsOf(world: ReolinkWorld): readonly Recording[] {
  const seen = new Set<number>()
  return world.channels.flatMap((channel) => {
    if (!Number.isInteger(channel.channel) || channel.channel < 0 || seen.has(channel.channel))
      throw new TypeError(`channel ${channel.channel} is no number of its own`)
    seen.add(channel.channel)
    channel.recordings.forEach(({ start, end, bytes = Number.POSITIVE_INFINITY }, at) => {
      if (!(start < end) || start % 1000 !== 0 || end % 1000 !== 0)
        throw new TypeError(`what channel ${channel.channel} recorded is whole seconds, its end after its start`)
      if (start < (channel.recordings[at - 1]?.start ?? Number.NEGATIVE_INFINITY))
        throw new TypeError(`what channel ${channel.channel} recorded is not in order`)
      if (bytes < smallest(end - start)) throw new TypeError(`${bytes} bytes are too few for ${end - start} ms`)
    })
    return (['main', 'sub'] as const).flatMap((stream) =>
      channel.recordings
        .filter(({ streams }) => streams?.includes(stream) ?? true)
        .map((spec) => ({ spec, channel, stream })),
    )
  })
}

/** No film of that length takes more. */
export const smallest = (ms: number) => 8192 + Math.ceil(ms / 1000) * 120
