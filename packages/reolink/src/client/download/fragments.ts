import { at, type EpochMs, type Recording, RequestError, ServerError } from '@cam/download-core/source'
import { type Asked, vendor } from '../../failures.ts'
import type { Stream } from '../../options.ts'
import { integerFrom } from '../../wire/envelope.ts'
import type { Device } from '../device.ts'
import { wireTime } from '../recordings/search.ts'
import { minuteMs, secondMs, type WallMs, wallFromDigits } from '../recordings/wall.ts'

/** A file that the recorder made for us. */
export interface Fragment {
  readonly name: string
  readonly bytes?: number
}

/** What is to be made. */
export interface Wanted {
  readonly device: Pick<Device, 'ask'>
  readonly asked: Asked
  readonly recording: Recording
  readonly channel: number
  readonly stream: Stream
  /** The start in UTC, which some recorders put into names. */
  readonly utc: EpochMs
  /** The clock showed this start twice: only sizes tell which of the two a file is of. */
  readonly repeated: boolean
}

const mostFragments = 1000
const mostBytes = 2 ** 46
const mebibyte = 1024 * 1024

/**
 * Lets the recorder make a file of a recording that has no name, and tells which it is. The list may hold others, even of another
 * hour: the right one says when it begins; of several such ones it is the largest. Throws RequestError where that leaves a doubt.
 * PROTOCOL.md §4.3.
 */
export async function makeFragment(wanted: Wanted, signal: AbortSignal): Promise<Fragment> {
  const { device, asked, recording, channel, stream } = wanted
  const from = wallOfFact(recording, 'from')
  const to = wallOfFact(recording, 'to')
  if (from === undefined || to === undefined || to <= from) {
    throw new RequestError(`No recorder can be asked for ${recording.id}: its end is before its start on the clock.`, {
      vendor,
    })
  }
  const NvrDownload = {
    ...{ channel, iLogicChannel: 0, streamType: stream },
    ...{ StartTime: wireTime(from), EndTime: wireTime(to) },
  }
  const value = await device.ask({ cmd: 'NvrDownload', action: 1, param: { NvrDownload } }, signal)
  const list = at(value, 'fileList')
  const fragments = (Array.isArray(list) ? list.slice(0, mostFragments) : []).flatMap(readFragment)
  const starting = fragments.filter(({ start }) => start !== undefined && isNear(start, [from, wanted.utc]))
  const candidates = starting.length > 0 ? starting : fragments
  if (candidates.length === 0) {
    throw new ServerError(`${asked.address} made no file of recording ${recording.id}.`, { vendor })
  }
  const sure = wanted.repeated ? candidates.filter((one) => isAbout(one, recording)) : candidates
  const best = sure.reduce((most, one) => ((most.bytes ?? 0) >= (one.bytes ?? 0) ? most : one), sure[0]!)
  const doubtful = wanted.repeated ? sure.length !== 1 : false
  if (doubtful || candidates.filter(({ name }) => name === best.name).length > 1) {
    throw new RequestError(
      `${asked.address} made files for ${recording.id} of which nobody can tell which is its own.`,
      {
        vendor,
      },
    )
  }
  const { name, bytes } = best
  return { name, ...(bytes !== undefined && { bytes }) }
}

interface ReadFragment extends Fragment {
  readonly start?: WallMs
}

function readFragment(file: unknown): ReadFragment[] {
  const name = at(file, 'fileName')
  if (typeof name !== 'string' || name === '' || name.length > 1024) return []
  const bytes = integerFrom(at(file, 'fileSize'), 1, mostBytes)
  const [, date, time] = /(\d{8})(\d{6})(?:\.\w+)?$/.exec(name) ?? []
  const start = date === undefined ? undefined : wallFromDigits(date, time!)
  return [{ name, ...(bytes !== undefined && { bytes }), ...(start !== undefined && { start }) }]
}

function isNear(start: WallMs, wanted: readonly WallMs[]): boolean {
  return wanted.some((one) => Math.abs(start - one) <= minuteMs)
}

function isAbout({ bytes }: Fragment, { approximateBytes }: Recording): boolean {
  return bytes !== undefined && approximateBytes !== undefined && Math.abs(bytes - approximateBytes) <= mebibyte
}

/** What the list said of the device's clock. */
export function wallOfFact({ facts }: Recording, name: 'from' | 'to'): WallMs | undefined {
  const digits = facts?.[name]
  if (typeof digits !== 'string') return undefined
  const wall = wallFromDigits(digits.slice(0, 8), digits.slice(8))
  return wall === undefined ? undefined : Math.floor(wall / secondMs) * secondMs
}
