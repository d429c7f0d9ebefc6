import type { Call, Camera, FootageSource, Gap, Recording, TimeWindow } from '@cam/download-core/source'
import type { Settings } from '../options.ts'
import type { Session } from '../session.ts'
import type { Edges, ProtectCamera, Stream } from '../wire/camera.ts'
import { packageChannel } from '../wire/camera.ts'
import type { Exporter } from './exporter.ts'
import type { List } from './list.ts'

/** What one kind of footage is read with. */
export interface Reading {
  readonly settings: Settings
  readonly session: Session
  readonly list: List
  readonly exporter: Exporter
}

/** What a camera's listing brings. */
export type Listed = AsyncGenerator<Recording | Gap, void, undefined>

/** One kind of footage: what of it there should be, and how it is fetched. */
export interface Kind {
  /** Tells it from the other kinds of the same console. */
  readonly name: string
  readonly identity: NonNullable<FootageSource['identity']>
  recordings(camera: Camera, window: TimeWindow | undefined, call: Call): AsyncIterable<Recording | Gap>
  open: FootageSource['open']
}

/** The age of a camera's footage; the package camera has its own. Undefined where there is no such camera. */
export function edgesOf(camera: ProtectCamera, channel: number): Edges | undefined {
  return channel === packageChannel ? camera.package?.edges : camera.edges
}

/** The chosen stream, as far as the console describes it. */
export function streamOf({ streams }: ProtectCamera, channel: number): Stream | undefined {
  return streams.find(({ id }) => id === channel)
}

/** How a stream is named in an export. PROTOCOL.md §3.1. */
export function channelQuery(channel: number): { readonly lens: number } | { readonly channel: number } {
  return channel === packageChannel ? { lens: 2 } : { channel }
}

/** A stretch of which there is nothing. */
export function gap(
  camera: { readonly id: string },
  { start, end }: TimeWindow,
  is: Pick<Gap, 'outcome' | 'reason'>,
): Gap {
  return { cameraId: camera.id, start, end, ...is }
}
