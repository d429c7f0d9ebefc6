import { joinFiles, type SyncVirtualFile, sha256Of } from '../kit/virtual-file.ts'
import { mjpegAvi } from '../media/avi.ts'
import { sizedMp4 } from '../media/mp4.ts'
import type { Dialect } from './dialect.ts'

/** An archive as a caller describes it; everything has a default. */
export interface ArchiveSpec {
  /** Id of the profile. Default that of the first profile. */
  readonly id?: string
  /** Default made from the profile's name and `last`. Anything but a string is only listed. */
  readonly filename?: unknown
  /** About how many bytes; exactly as many in an MP4. Default 200,000; 0 for an empty file. */
  readonly bytes?: number
  /** Default 10. */
  readonly fps?: number
  /** Epoch milliseconds of the first picture. */
  readonly first?: number
  /** Epoch milliseconds of the last picture. */
  readonly last?: number
  /** Default the file name. */
  readonly seed?: number | string
  /** Laid over the entry in the list; undefined takes a field away. */
  readonly listing?: Readonly<Record<string, unknown>>
  /** Served instead of generated media. */
  readonly file?: SyncVirtualFile
}

export interface Profile {
  readonly id: string
  readonly name: string
  readonly width: number
  readonly height: number
}

/** The profiles of every world. */
export const profiles: readonly [Profile, Profile] = [
  { id: 'KQWMZTRB', name: 'Front Gate', width: 160, height: 120 },
  { id: 'HVXPLNDA', name: 'North Yard', width: 160, height: 120 },
]

/** An archive on the pretend SD card. */
export interface Archive {
  readonly id: string
  readonly filename: unknown
  readonly entry: Readonly<Record<string, unknown>>
  readonly file: SyncVirtualFile
  /** Seconds since 1970, as the file system has it. */
  readonly modifiedAt: number
  readonly spec: ArchiveSpec
  readonly generation: number
}

/** What can be downloaded, for comparing. */
export interface Truth {
  readonly id: string
  readonly filename: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  /** Whether some spelling of a request reaches it. */
  readonly fetchable: boolean
}

const day = 86_400_000
const firstDay = Date.UTC(2026, 2, 2)

/** Builds an archive; `generation` above 0 gives other bytes under the same name. */
export function archiveOf(spec: ArchiveSpec, dialect: Dialect, generation = 0): Archive {
  const { id = profiles[0].id, fps = 10, first = firstDay + 6 * 3_600_000 } = spec
  const last = spec.last ?? first + 14 * 3_600_000
  const profile = profiles.find((one) => one.id === id) ?? profiles[0]
  const filename = 'filename' in spec ? spec.filename : archiveName(profile.name, last, dialect)
  const seed = `${spec.seed ?? `${id} ${String(filename)}`}${generation === 0 ? '' : ` ${generation}`}`
  const made = spec.file
    ? { file: spec.file, frames: 0, stated: spec.file.size }
    : generate(spec, dialect, seed, fps, last)
  const entry: Record<string, unknown> =
    dialect.app === 'timelapseme'
      ? { id, filename }
      : {
          id,
          filename,
          size: made.stated,
          ...(dialect.container === 'mp4' ? { sourceSize: made.stated } : {}),
          frames: made.frames,
          fps,
          first,
          last,
        }
  if (dialect.listHasArchiveTime) entry.archive = midnightAfter(last)
  if (dialect.container === 'mp4') Object.assign(entry, { container: 'mp4', codec: 'h264' })
  for (const [name, value] of Object.entries(spec.listing ?? {})) {
    if (value === undefined) delete entry[name]
    else entry[name] = value
  }
  return {
    id,
    filename,
    entry,
    file: made.file,
    modifiedAt: Math.floor(midnightAfter(last) / 1000) + generation,
    spec,
    generation,
  }
}

function generate(spec: ArchiveSpec, dialect: Dialect, seed: string, fps: number, last: number) {
  const { bytes = 200_000 } = spec
  if (bytes === 0) return { file: joinFiles([]), frames: 0, stated: 0 }
  if (dialect.container === 'mp4') {
    const file = sizedMp4(Math.max(bytes, 16_384), seed, { fps, createdAt: midnightAfter(last) })
    return { file, frames: file.facts.frames, stated: file.size }
  }
  const perFrame = bytes < 1_000_000 ? 6000 : 50_000
  const frames = Math.max(1, Math.round(bytes / perFrame))
  const frameBytes = Math.max(16, Math.min(60_000, Math.round(bytes / frames) - 1700))
  const file = mjpegAvi({
    seed,
    frames,
    fps,
    width: 160,
    height: 120,
    frameBytes,
    riffSize: dialect.riffExcess ? 'excess' : 'exact',
  })
  return { file, frames, stated: file.paddedPictureBytes }
}

/** `Front_Gate_2026_03_03_0000.mp4`: the time of archiving, which is the midnight after the last picture. */
export function archiveName(profileName: string, last: number, dialect: Dialect): string {
  const [date = '', time = ''] = new Date(midnightAfter(last)).toISOString().split('T')
  const stamp = date.replaceAll('-', '_') + (dialect.nameHasTime ? `_${time.slice(0, 5).replace(':', '')}` : '')
  return `${profileName.replaceAll(' ', '_')}_${stamp}.${dialect.container}`
}

function midnightAfter(time: number): number {
  return (Math.floor(time / day) + 1) * day
}

/** What is downloadable under which name; of two archives with one name the later content is there. */
export function truthOf(archives: readonly Archive[], dialect: Dialect): Truth[] {
  const found = new Map<string, Truth>()
  for (const { id, filename, file } of archives) {
    if (typeof filename !== 'string') continue
    const key = dialect.app === 'timelapseme' ? `${id}\n${filename}` : filename
    const fetchable = isFetchable(filename, dialect)
    found.set(key, {
      ...{ id, filename, size: file.size, fetchable },
      // Half a gigabyte takes a while to hash; who only counts should not wait for it.
      get sha256() {
        return sumOf(file)
      },
    })
  }
  return [...found.values()]
}

const sums = new WeakMap<SyncVirtualFile, string>()

function sumOf(file: SyncVirtualFile): string {
  const known = sums.get(file) ?? sha256Of(file)
  sums.set(file, known)
  return known
}

function isFetchable(filename: string, dialect: Dialect): boolean {
  if (filename === '' || filename === '.' || filename === '..') return false
  if (dialect.refusesPathNames && /[/\\\x00-\x1f\x7f]/.test(filename)) return false
  // Without decoding, what cannot stand in a request line as it is cannot be asked for; a quote would end the digest's uri.
  return dialect.decodesQueries || !/[#&"\s\x00-\x1f\x7f]/.test(filename)
}
