import type { Camera, EpochMs, TimeWindow } from '@cam/download-core/source'
import { unreadable } from '../../failures/v3.ts'
import { cameraIncludes, type ListedCamera, readCamera } from '../../wire/v3/camera.ts'
import { type Interval, readInterval } from '../../wire/v3/interval.ts'
import { readPage } from '../../wire/v3/page.ts'
import { timestamp } from '../../wire/v3/time.ts'
import type { Api, Arguments } from './api.ts'

const pageSize = 500
/** Five million entries: an end that never comes. */
const mostPages = 10_000
/** Before the vendor's first recording. */
const beginning = Date.UTC(2010, 0, 1)

/** Every entry of a list, page after page. Throws ProtocolError for a list that is none or that goes in a circle. */
export async function* entries(
  api: Api,
  path: string,
  query: Arguments,
  signal: AbortSignal,
  most = mostPages,
): AsyncGenerator<unknown, void, undefined> {
  const seen = new Set<string>()
  let pageToken: string | undefined
  for (let pages = 0; pages < most; pages++) {
    const page = readPage(await api.get(path, { ...query, pageSize, pageToken }, signal))
    if ('problem' in page) throw unreadable(`The list ${path}`, page.problem)
    yield* page.results
    if (page.next === undefined) return
    if (seen.has(page.next)) throw unreadable(`The list ${path}`, 'its pages go in a circle')
    seen.add(page.next)
    pageToken = page.next
  }
  throw unreadable(`The list ${path}`, `it does not end within ${most} pages`)
}

/** The account's cameras, those that are offline too. An entry that cannot be read is one as well, so that it is not left out in silence. */
export async function* listCameras(api: Api, signal: AbortSignal): AsyncGenerator<ListedCamera, void, undefined> {
  let position = 0
  for await (const entry of entries(api, 'cameras', { include: cameraIncludes }, signal)) {
    position++
    const read = readCamera(entry)
    if (!('problem' in read)) {
      yield read
      continue
    }
    const id = `unreadable-${position}`
    yield { camera: { id, name: id, state: 'unknown', facts: { problem: read.problem } } }
  }
}

/** Throws what is wrong with a camera that was listed for its problem alone. */
export function refuseUnreadable({ id, facts }: Camera): void {
  if (!/^unreadable-\d{1,7}$/.test(id) || facts?.problem === undefined) return
  throw unreadable(`Entry ${id.slice('unreadable-'.length)} of the list of cameras`, `it ${facts.problem}`)
}

/**
 * One camera's recordings that begin from `start` on and end, where it is given, until `end`: in order, each start once, with
 * the latest of its ends. The vendor leaves out what lies over an edge, and joins what touches unless told not to.
 */
export async function listIntervals(
  api: Api,
  cameraId: string,
  { start, end }: { readonly start?: EpochMs; readonly end?: EpochMs },
  signal: AbortSignal,
): Promise<Interval[]> {
  const query = {
    ...{ deviceId: cameraId, type: 'main', mediaType: 'video', coalesce: 'false', include: 'mp4Url' },
    startTimestamp__gte: timestamp(start ?? beginning),
    endTimestamp__lte: end === undefined ? undefined : timestamp(end),
  }
  const byStart = new Map<EpochMs, Interval>()
  for await (const entry of entries(api, 'media', query, signal)) {
    const read = readInterval(entry, cameraId)
    if ('problem' in read) throw unreadable(`An entry of the recordings of camera ${cameraId}`, `it ${read.problem}`)
    const known = byStart.get(read.start)
    if (!known || known.end < read.end) byStart.set(read.start, read)
  }
  return [...byStart.values()].sort((a, b) => a.start - b.start)
}

/** What to ask for so that everything is listed that reaches into the window. */
export function edgesAround(
  window: TimeWindow | undefined,
  lookBackMs: number,
  now: EpochMs,
): { readonly start?: EpochMs; readonly end?: EpochMs } {
  if (!window) return {}
  const end = window.end + lookBackMs
  return { start: Math.max(window.start - lookBackMs, beginning), ...(end < now && { end }) }
}
