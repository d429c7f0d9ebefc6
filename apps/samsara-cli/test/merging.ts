import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Ledger, memoryLedger, type Outcome, type PlannedRow } from '@cam/download-core'
import { type DashcamClipOptions, dashcamClip, readStamp } from '@cam/simulators/media'
import { findFfmpeg } from '@cam/video-merge'
import { onTestFinished } from 'vitest'
import { mergeFootage } from '../src/merge/merge-footage.ts'
import type { MergeEvent, MergeFootageOptions } from '../src/merge/types.ts'

/** The ffmpeg of 2018 that npm brings. */
export const { path: ffmpegPath } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }
/** Asked about itself once. */
export const ffmpeg = findFfmpeg({ path: ffmpegPath })
export const minute = 60_000
/** 13:30 in Chicago. */
export const half = Date.UTC(2025, 3, 16, 18, 30)
export const timeZone = 'America/Chicago'
const angles = ['road', 'driver', 'analog1', 'analog2', 'analog3', 'analog4']
const size = { width: 256, height: 144 }

/** A folder that goes with its test. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cam-samsara-merge-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A clip of one angle whose pictures say which second they show; `at` in milliseconds after half past. */
export function clip(view: string, at: number, options: Partial<DashcamClipOptions> = {}): Uint8Array {
  const known = { shows: half + at, angle: angles.indexOf(view), vehicle: 0, fps: 2, ...size, ...options }
  return dashcamClip(known).bytes()
}

export interface Archive {
  readonly root: string
  readonly ledger: Ledger
  /** Keeps the minute that begins `minutes` after half past, or records what else became of it. */
  keep(view: string, minutes: number, options?: Keeping): Promise<string>
  note(view: string, minutes: number, outcome: Outcome): Promise<void>
  merge(options?: Partial<MergeFootageOptions>): ReturnType<typeof merged>
}

interface Keeping extends Partial<DashcamClipOptions> {
  /** How much later than its minute it begins. */
  readonly lateMs?: number
  readonly vehicle?: never
}

async function merged(options: MergeFootageOptions) {
  const events: MergeEvent[] = []
  const onEvent = (event: MergeEvent) => {
    events.push(event)
    options.onEvent?.(event)
  }
  const result = await mergeFootage({ ffmpeg: await ffmpeg, ...options, onEvent })
  return { ...result, events }
}

/** An archive of Truck 12 as `download` leaves it, in which the test says what is kept when; or another vehicle in the same archive. */
export async function archiveOf(
  vehicle = { id: '712', name: 'Truck 12' },
  { into, media = 'highres' }: { readonly into?: Archive; readonly media?: string } = {},
): Promise<Archive> {
  const root = into?.root ?? (await scratch())
  const ledger = into?.ledger ?? memoryLedger()
  const camera = { ...vehicle, timeZone }
  const rowOf = (view: string, minutes: number): PlannedRow => {
    const window = { start: half + minutes * minute, end: half + (minutes + 1) * minute }
    const id = `${media}/${new Date(window.start).toISOString().replace('.000', '')}`
    return {
      key: { sourceId: 'org', cameraId: camera.id, view, recordingId: id },
      ...{ kind: 'recording', camera, window },
      recording: { id, cameraId: camera.id, view, window, windowFrom: 'asked', extension: 'mp4', resume: 'validated' },
    }
  }
  let clock = 0
  const note = async (view: string, minutes: number, outcome: Outcome) => {
    const row = rowOf(view, minutes)
    // Each by a run of its own.
    const run = `run ${++clock}`
    await ledger.plan(run, clock, [row])
    await ledger.record(run, clock, [{ key: row.key, outcome }])
  }
  return {
    root,
    ledger,
    note,
    async keep(view, minutes, { lateMs = 0, ...options } = {}) {
      const at = minutes * minute + lateMs
      const bytes = clip(view, at, options)
      const folder = camera.id === '712' ? camera.name : `${camera.name}~${camera.id}`
      const path = `${folder}/2025-04-16/13-${String(30 + minutes).padStart(2, '0')}-00-0500_${view}.mp4`
      await put(join(root, path), bytes)
      const { durationMs = minute } = options
      await note(view, minutes, {
        ...{ outcome: 'kept', path, bytes: bytes.length, fidelity: 'full', facts: {} },
        sha256: createHash('sha256').update(bytes).digest('hex'),
        ...{ proof: { by: 'container', format: 'mp4' } },
        covers: [{ start: half + at, end: half + at + durationMs }],
      })
      return join(root, path)
    },
    merge: (options = {}) => merged({ root, ledger, sourceId: 'org', ...options }),
  }
}

export async function put(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}

/** Everything below a folder but what hidden folders hold. */
export async function visible(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return files
    .map((path) => path.slice(folder.length + 1))
    .filter((path) => !/(^|\/)\./.test(path))
    .sort()
}

/** Of a place in a picture, decoded: an eighth of it across and a sixth of it down tell the second and the angle. */
const place = { width: 64, height: 36 }

/** What every picture of a film shows in each of `parts` places beside each other: seconds after half past and angle; nothing where it is black. */
export async function shown(path: string, parts = 1): Promise<(string | undefined)[][]> {
  const [width, height] = [place.width * parts, place.height]
  const decoded = ['-map', '0:v:0', '-vsync', '0', '-vf', `scale=${width}:${height}:flags=area`, '-pix_fmt', 'gray']
  const args = ['-v', 'error', '-nostdin', '-i', path, ...decoded, '-f', 'rawvideo', '-']
  const { stdout } = await promisify(execFile)(ffmpegPath, args, { encoding: 'buffer', maxBuffer: 2 ** 30 })
  const each = width * height
  return Array.from({ length: stdout.length / each }, (_, index) =>
    Array.from({ length: parts }, (_, part) => {
      const luma = stdout.subarray(index * each, (index + 1) * each)
      const stamp = readStamp(luma, width, { left: part * place.width, top: 0, ...place })
      if (stamp) return `${angles[stamp.angle]} ${(stamp.shows - half) / 1000}`
      return isBlack(luma, width, part) ? undefined : 'neither black nor a clip'
    }),
  )
}

/** The clock stands in the upper third. */
function isBlack(luma: Uint8Array, width: number, part: number): boolean {
  for (let row = place.height / 3; row < place.height; row++) {
    const from = row * width + part * place.width
    if (luma.subarray(from, from + place.width).some((bright) => bright > 24)) return false
  }
  return true
}
