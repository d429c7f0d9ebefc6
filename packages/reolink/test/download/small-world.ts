import type { Recording } from '@cam/download-core/source'
import type { ReolinkRecordingSpec, ReolinkSimulatorOptions, ReolinkSwitches } from '@cam/simulators/reolink'
import type { ReolinkOptions } from '../../src/index.ts'
import { berlin, channelsOf, type Pair, type ProfileName, pair, second } from '../archiving.ts'

/** A quarter of an hour on a Monday afternoon. */
export const window = { start: Date.UTC(2026, 10, 2, 12), end: Date.UTC(2026, 10, 2, 12, 15) }

export const calm = { signal: new AbortController().signal }

/** One camera with so many clips, one a minute. */
export function clips(count: number, bytes = 200_000): ReolinkRecordingSpec[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ start: window.start + at * 60 * second, end: window.start + at * 60 * second + 20 * second },
    bytes: bytes + at,
  }))
}

export function smallPair(
  profile: ProfileName,
  recordings: readonly ReolinkRecordingSpec[],
  switches: Partial<ReolinkSwitches> = {},
  options: Partial<ReolinkOptions> = {},
  pretence: ReolinkSimulatorOptions = {},
): Promise<Pair> {
  const world = { name: 'Farm', zone: berlin, channels: channelsOf([recordings]) }
  return pair({ world, switches: { profile, ...switches }, ...pretence }, options)
}

/** Everything of the only camera. */
export async function listAll({ source }: Pick<Pair, 'source'>): Promise<Recording[]> {
  const found: Recording[] = []
  for await (const camera of source.cameras(calm)) {
    for await (const item of source.recordings(camera, window, calm)) {
      if ('id' in item) found.push(item)
    }
  }
  return found
}

export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
