import { type CamError, isCamError, type Recording } from '@cam/download-core/source'
import type { Settings, Stream } from '../../options.ts'
import { type Parameter, queryOf } from '../../wire/query.ts'
import type { Device, Target } from '../device.ts'
import { digitsOf } from '../recordings/wall.ts'
import { encryptedOnDisk } from './disk-encryption.ts'
import type { Fragment } from './fragments.ts'

/** The ways to one recording, the best first. */
export type RungName = 'download' | 'playback' | 'flv'

/** One way to one recording. */
export interface Rung {
  readonly name: RungName
  /** What is asked for, in words. */
  readonly what: string
  target(signal: AbortSignal): Promise<Target>
  /** Its exact size, where the recorder that made it says so. */
  readonly bytes?: number
}

/** Where a recording is. */
export interface Place {
  readonly device: Device
  readonly settings: Settings
  readonly recording: Recording
  readonly channel: number
  readonly stream: Stream
  /** Makes a file of what has no name; once, whoever asks first. */
  fragment(signal: AbortSignal): Promise<Fragment>
}

/** As the vendor's own page counts streams. */
const streamNumbers: Readonly<Record<Stream, string>> = { main: '0', sub: '1' }

/**
 * Download: the file itself, its length stated, from any byte on. Playback: the same from most devices, FLV from some. FLV: at the
 * speed of life, without a length. PROTOCOL.md §4.2, §4.3.
 */
export function rungOf(name: RungName, place: Place): Rung {
  const { device, recording } = place
  const what = `${name === 'download' ? 'Download' : name === 'playback' ? 'Playback' : 'FLV'} of ${recording.id}`
  if (name === 'flv') return { name, what, target: async () => flvTarget(place) }
  return {
    ...{ name, what },
    async target(signal) {
      const file = fileOf(recording) ?? (await place.fragment(signal)).name
      // Whether a session is encrypted is known once there is one.
      await device.token(signal)
      return device.media(name === 'download' ? download(file, device) : playback(file, place), signal)
    },
  }
}

function download(file: string, { encrypted }: Device): Parameter[] {
  if (encrypted) return [...command('download'), ['source', file]]
  return [...command('Download'), ['source', file], ['output', file.slice(file.lastIndexOf('/') + 1)]]
}

/** As the vendor's own page asks: without `output` the device makes no copy on its card first. */
function playback(file: string, { channel, stream }: Place): Parameter[] {
  return [
    ...command('Playback'),
    ['channel', String(channel)],
    ['source', file],
    ['type', streamNumbers[stream]],
    ['seek', '0'],
  ]
}

function flvTarget({ device, settings, recording, channel, stream }: Place): Target {
  const { origin } = new URL(device.url([]))
  const start = fileOf(recording) ?? digitsOf(recording.window!.start)
  const query = queryOf([
    ['port', '1935'],
    ['app', 'bcs'],
    ['stream', 'playback.bcs'],
    ['channel', String(channel)],
    ['type', streamNumbers[stream]],
    ['start', start],
    ['seek', '0'],
    // No token is taken here.
    ['user', settings.username],
    ['password', settings.password],
  ])
  return { url: `${origin}/flv?${query}`, rawTarget: `/flv?${query}` }
}

const command = (cmd: string): Parameter[] => [['cmd', cmd]]

/** The vendor's full name of it. */
export function fileOf({ facts }: Recording): string | undefined {
  return typeof facts?.file === 'string' ? facts.file : undefined
}

/** Whether another way may lead there where this one did not. The rest is the same on all of them, or passes. */
export function isOfThisWay(error: unknown): error is CamError {
  if (!isCamError(error) || error.stops === 'run' || error.vendorCode === encryptedOnDisk) return false
  if (error.vendorCode === -220 || error.httpStatus === 404) return true
  return ['NOT_FOUND', 'REQUEST', 'UNAVAILABLE', 'PROTOCOL'].includes(error.code)
}
