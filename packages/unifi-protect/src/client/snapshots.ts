import {
  type Call,
  type Camera,
  errorForStatus,
  excerpt,
  type Gap,
  type HttpReply,
  type OpenedRecording,
  openBody,
  overlaps,
  type Recording,
  type Snapshot,
  type TimeWindow,
} from '@cam/download-core/source'
import { type AboutCamera, foreignRecording, notAllowed, noVideo, unreadableList, vendor } from '../failures/index.ts'
import type { Query } from '../session.ts'
import { packageChannel } from '../wire/camera.ts'
import { readRefusal } from '../wire/refusal.ts'
import { readWords } from './beginning.ts'
import { noFootage } from './continuous.ts'
import { meaningOfEmpty, oldest } from './emptiness.ts'
import { edgesOf, gap, type Kind, type Listed, type Reading } from './reading.ts'
import { iso } from './segments.ts'

const secondMs = 1000

/** One picture of each camera: of this moment, or of one in the past. */
export function snapshots(reading: Reading): Kind {
  const { settings, session, list } = reading
  const { clock, at, channel, address } = settings
  const { http } = session

  async function* recordings({ id }: Camera, asked: TimeWindow | undefined, { signal }: Call): Listed {
    const start = Math.floor((at ?? clock.now()) / secondMs) * secondMs
    const window = { start, end: start + secondMs }
    if (asked && !overlaps(window, asked)) return
    const camera = await list.camera(id, signal)
    const edges = edgesOf(camera, channel)
    if (!edges) return yield gap(camera, window, { outcome: 'absent', reason: 'This camera has no package camera.' })
    if (at !== undefined && edges === 'none') {
      return yield gap(camera, window, { outcome: 'absent', reason: noFootage })
    }
    if (at !== undefined && edges !== 'none' && edges.start !== undefined && window.end <= edges.start) {
      return yield gap(camera, window, { outcome: 'expired', reason: oldest(edges.start) })
    }
    yield {
      id: `snapshot/${iso(start).replace('.000', '')}`,
      cameraId: id,
      window,
      windowFrom: 'asked',
      extension: 'jpg',
      resume: 'never',
      facts: { channel, live: at === undefined },
    } satisfies Recording
  }

  async function open(recording: Recording, _: unknown, { signal }: Call): Promise<OpenedRecording | Gap> {
    const { cameraId, window } = recording
    if (!window) throw foreignRecording(recording.id)
    const live = recording.facts?.live !== false
    const { path, query } = pictureOf(cameraId, channel, live ? undefined : window.start, clock.now())
    const url = await session.url(path, query, signal)
    const about = { address, camera: list.known(cameraId) }
    return openBody<Gap>(
      http,
      { url, signal },
      { byte: 0 },
      {
        representation: path.slice(path.lastIndexOf('/') + 1),
        extension: 'jpg',
        resume: 'never',
        clock,
        accept: (_type, first) => (isJpeg(first) ? undefined : 'something that is no JPEG'),
        refuse: async (reply) => {
          const { said } = await refused(reply, about, live, iso(window.start))
          const empty = {
            about,
            window,
            said,
            edgesOf: (camera: Parameters<typeof edgesOf>[0]) => edgesOf(camera, channel) ?? ('none' as const),
          }
          return meaningOfEmpty(empty, list, clock, signal)
        },
      },
    )
  }

  /** Answers with the console's words for "nothing recorded"; throws everything else. */
  async function refused(
    reply: HttpReply,
    about: AboutCamera,
    live: boolean,
    moment: string,
  ): Promise<{ readonly said: string }> {
    const { status, headers } = reply
    const text = http.redact(await readWords(reply))
    const refusal = readRefusal(status, text)
    const said = refusal.said === undefined ? undefined : excerpt(refusal.said)
    if (refusal.meaning === 'empty' && !live) return { said: `HTTP ${status}, ${said}` }
    if (status === 403) throw notAllowed(about, 'pictures', live ? 'Livestream' : 'Playback Download', said)
    const what = `The picture of ${moment}`
    if (status === 400 || status === 404) throw noVideo(what, `HTTP ${status}${said ? `: ${said}` : ''}`, status)
    throw errorForStatus({ status, headers, text }, what, { vendor, clock, redact: http.redact })
  }

  return { name: 'snapshots', identity: 'own', recordings, open }
}

/** One live picture, read into memory. */
export async function takeSnapshot(
  { session, settings }: Reading,
  camera: Camera,
  { signal }: Call,
): Promise<Snapshot> {
  const takenAt = settings.clock.now()
  const { path, query } = pictureOf(camera.id, settings.channel, undefined, takenAt)
  const { bytes } = await session.ask(path, query, signal)
  if (!isJpeg(bytes)) throw unreadableList(settings.address, `picture of camera ${camera.id}`, 'it is no JPEG')
  return { bytes, takenAt, extension: 'jpg' }
}

/** Where a picture is asked for. `at`: of the past. PROTOCOL.md §3.3. */
function pictureOf(id: string, channel: number, at: number | undefined, now: number): { path: string; query: Query } {
  const camera = `cameras/${encodeURIComponent(id)}`
  const ofPackage = channel === packageChannel
  if (at !== undefined)
    return { path: `${camera}/recording-snapshot`, query: { ts: at, ...(ofPackage && { lens: 2 }) } }
  return { path: `${camera}/${ofPackage ? 'package-snapshot' : 'snapshot'}`, query: { ts: now, force: true } }
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8
}
