import { basename, dirname, join } from 'node:path'
import type { EpochMs } from '@cam/download-core'
import { type Media, medias } from '@cam/samsara'
import { Temporal } from 'temporal-polyfill'
import { viewOfSeedWord } from './names.ts'

/** What a clip's own name says of it. */
export interface NamedClip {
  /** '' where the name holds none. */
  readonly vehicle: string
  readonly view: string
  readonly media: Media
  readonly start: EpochMs
  readonly seedNames: boolean
  /** IANA zone of the offset in the name, where there is one for it. */
  readonly timeZone?: string | undefined
  /** Where the films of its vehicle go, and below which its folder lies. */
  readonly root: string
  /** In place of the usual one. */
  readonly folder?: string
}

const time = String.raw`(\d{4}-\d\d-\d\d)T(\d\d_\d\d_\d\d)([+-]\d\d_\d\d|Z)?`
const seedName = new RegExp(String.raw`^([A-Z][A-Za-z0-9]*)_VideoClip_(.+)_${time}(?:_([a-z]+))?\.mp4$`)
/** `2025-03-23T04_00_00-07_00_road.mp4`: without a vehicle. */
const plainName = new RegExp(String.raw`^${time}_([a-z]+\d?)\.mp4$`)
const ourName = /^(\d\d-\d\d-\d\d)([+-]\d{4}|Z)?_([A-Za-z0-9]+)\.mp4$/

/** Reads names of ours, `Truck 12/2025-04-16/13-30-00-0500_road.mp4`, and those of SamsaraVideoDownloader. */
export function readClipName(path: string, timeZone: string): NamedClip | undefined {
  const [folder, name] = [dirname(path), basename(path)]
  const seed = seedName.exec(name)
  if (seed) {
    const [, word = '', vehicle = '', day, clock, offset, kind = 'highres'] = seed
    const media = medias.find((one) => one === kind)
    const start = momentOf(day!, clock!, offset, timeZone)
    return media && start !== undefined
      ? { vehicle, media, start, view: viewOfSeedWord(word), seedNames: true, root: folder, folder, ...zoneOf(offset) }
      : undefined
  }
  const plain = plainName.exec(name)
  if (plain) {
    const start = momentOf(plain[1]!, plain[2]!, plain[3], timeZone)
    if (start === undefined) return undefined
    return {
      vehicle: '',
      media: 'highres',
      start,
      view: plain[4]!,
      seedNames: true,
      root: folder,
      folder,
      ...zoneOf(plain[3]),
    }
  }
  const ours = ourName.exec(name)
  const day = /^\d{4}-\d\d-\d\d$/.exec(basename(folder))?.[0]
  const start = ours && day ? momentOf(day, ours[1]!, ours[2], timeZone) : undefined
  if (!ours || start === undefined) return undefined
  const vehicle = dirname(folder)
  const place = { root: dirname(vehicle), folder: join(vehicle, 'merged'), ...zoneOf(ours[2]) }
  return { vehicle: basename(vehicle), media: 'highres', start, view: ours[3]!, seedNames: false, ...place }
}

/** Zones of whole hours have a name that everything understands. */
function zoneOf(offset: string | undefined): Pick<NamedClip, 'timeZone'> {
  const [, sign, hours, minutes] = /^([+-])(\d\d)[_:]?(\d\d)$/.exec(offset ?? '') ?? []
  if (minutes !== '00' || Number(hours) > 12) return {}
  return { timeZone: Number(hours) === 0 ? 'UTC' : `Etc/GMT${sign === '-' ? '+' : '-'}${Number(hours)}` }
}

/** Undefined where there is no such moment. Of an hour that is there twice the first is taken. */
function momentOf(day: string, clock: string, offset: string | undefined, timeZone: string): EpochMs | undefined {
  try {
    const local = Temporal.PlainDateTime.from(`${day}T${clock.replace(/[-_]/g, ':')}`)
    if (offset === undefined) return local.toZonedDateTime(timeZone).epochMilliseconds
    const zone = offset === 'Z' ? '+00:00' : `${offset.slice(0, 3)}:${offset.slice(-2)}`
    return local.toZonedDateTime(zone).epochMilliseconds
  } catch {
    return undefined
  }
}
