import type { Camera } from '../footage/camera.ts'
import { ProtocolError } from '../footage/errors.ts'
import { type Gap, isGap, type Recording } from '../footage/recording.ts'
import type { FootageSource } from '../footage/source.ts'
import { overlaps, type TimeWindow } from '../footage/time-window.ts'
import { asCamError } from './failure.ts'

const mostCameras = 100_000
const mostRecordings = 5_000_000
const latest = 8.64e15

/** What one camera has in one stretch of time; `error` where the list broke off, and then it is only a part. */
export interface Listing {
  readonly recordings: readonly Recording[]
  readonly gaps: readonly Gap[]
  readonly error?: ReturnType<typeof asCamError>
}

/** All cameras of a source. Throws where the source cannot tell, or tells what cannot be. */
export async function listCameras(source: FootageSource, signal: AbortSignal): Promise<Camera[]> {
  const cameras = new Map<string, Camera>()
  for await (const camera of source.cameras({ signal })) {
    if (typeof camera.id !== 'string' || camera.id === '') throw new ProtocolError('A camera was listed without an id.')
    cameras.set(camera.id, camera)
    if (cameras.size > mostCameras) throw new ProtocolError(`More than ${mostCameras} cameras were listed.`)
  }
  return [...cameras.values()]
}

/** Keeps what `wanted` names: `all`, ids, names, globs. Throws a RangeError for a word that fits no camera. */
export function selectCameras(cameras: readonly Camera[], wanted: readonly string[] | undefined): Camera[] {
  if (!wanted || wanted.length === 0 || wanted.includes('all')) return [...cameras]
  const chosen = new Set<Camera>()
  for (const word of wanted) {
    const fits = cameras.filter((camera) => cameraFits(camera, word))
    if (fits.length === 0) {
      const known = cameras.map((camera) => (camera.name ? `${camera.name} (${camera.id})` : camera.id))
      throw new RangeError(`cameras: no camera fits "${word}"; there are ${known.slice(0, 50).join(', ') || 'none'}.`)
    }
    for (const camera of fits) chosen.add(camera)
  }
  return cameras.filter((camera) => chosen.has(camera))
}

/** Whether a word of the user's names this camera: its id, its name, or a glob over either. */
export function cameraFits(camera: Camera, word: string): boolean {
  if (word === 'all' || word === camera.id) return true
  const escaped = word
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const glob = new RegExp(`^${escaped}$`, 'isu')
  return glob.test(camera.id) || glob.test(camera.name)
}

/** Reads one camera's list. A failure is an answer; only an abort throws. */
export async function listRecordings(
  source: FootageSource,
  camera: Camera,
  window: TimeWindow | undefined,
  signal: AbortSignal,
): Promise<Listing> {
  const recordings: Recording[] = []
  const gaps: Gap[] = []
  try {
    for await (const item of source.recordings(camera, window, { signal })) {
      if (isGap(item)) {
        checkGap(item, camera)
        if (!window || overlaps(item, window)) gaps.push(item)
      } else {
        checkRecording(item, camera)
        if (!window || !item.window || overlaps(item.window, window)) recordings.push(item)
      }
      if (recordings.length + gaps.length > mostRecordings) {
        throw new ProtocolError(`More than ${mostRecordings} recordings were listed for one camera.`)
      }
    }
    return { recordings, gaps }
  } catch (error) {
    signal.throwIfAborted()
    return { recordings, gaps, error: asCamError(error) }
  }
}

/** Throws ProtocolError for what no recording can be. Also for what an order turned into. */
export function checkRecording(recording: Recording, camera: Camera): void {
  if (typeof recording.id !== 'string' || recording.id === '') {
    throw new ProtocolError('A recording was listed without an id.')
  }
  if (recording.cameraId !== camera.id) {
    throw new ProtocolError(`Camera ${camera.id} listed a recording of camera ${recording.cameraId}.`)
  }
  if (typeof recording.extension !== 'string' || !/^[a-z0-9]{1,16}$/i.test(recording.extension)) {
    throw new ProtocolError(`Recording ${recording.id} was listed with the extension "${recording.extension}".`)
  }
  if (recording.window) checkWindow(recording.window, `Recording ${recording.id}`)
}

/** Throws ProtocolError for what no gap can be. */
export function checkGap(gap: Gap, camera: Camera): void {
  if (gap.cameraId !== camera.id) throw new ProtocolError(`Camera ${camera.id} listed a gap of camera ${gap.cameraId}.`)
  checkWindow(gap, `A gap of camera ${camera.id}`)
}

function checkWindow({ start, end }: TimeWindow, what: string): void {
  if (!(Math.abs(start) <= latest && Math.abs(end) <= latest && start <= end)) {
    throw new ProtocolError(
      `${what} was listed from ${start} to ${end} (epoch milliseconds), which is no stretch of time.`,
    )
  }
}
