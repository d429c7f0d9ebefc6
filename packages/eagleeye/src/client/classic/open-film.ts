import {
  BusyError,
  type CamError,
  errorForReply,
  type Gap,
  type HttpReply,
  isCamError,
  type NotReady,
  type OpenedRecording,
  type OpenFrom,
  openBody,
  type Recording,
  readAnswer,
  retryAfterMs,
} from '@cam/download-core/source'
import {
  foreignRecording,
  noFilmYet,
  notAllowed,
  notRendered,
  notThere,
  outOfReach,
  vendor,
} from '../../failures/index.ts'
import type { ClassicSession } from '../../session/classic.ts'
import { toTimestamp } from '../../wire/classic/timestamp.ts'
import { readWorker } from '../../wire/classic/worker.ts'
import { readRecordingId } from '../../wire/recording-id.ts'
import type { ClassicSettings } from './log-in.ts'

/** The vendor speaks of "a suitable period". */
const askAgainAfterMs = 10_000
const smallBytes = 65_536

/** Starts one film. PROTOCOL.md §1.5. */
export async function openFilm(
  session: ClassicSession,
  settings: ClassicSettings,
  recording: Recording,
  from: OpenFrom,
  signal: AbortSignal,
): Promise<OpenedRecording | NotReady | Gap> {
  const { format, clock } = settings
  const { id, cameraId, window } = recording
  const place = readRecordingId(id)
  if (!place || !window) throw foreignRecording(id)
  const query = {
    id: cameraId,
    // Has to be the start of a listed interval; what begins later is told apart by its offset.
    start_timestamp: toTimestamp(place.start),
    end_timestamp: toTimestamp(window.end),
    time_offset: place.offsetMs,
  }
  const url = await session.url(`/asset/play/video.${format}`, query, signal)
  const reading: Reading = { session, settings, recording }
  try {
    return await openBody<NotReady | Gap>(session.http, { url, signal }, from, {
      representation: `classic/${format}`,
      extension: format,
      resume: recording.resume,
      clock,
      accept: (_, first) => noFilm(first, format),
      refuse: (reply) => meaningOf(reply, reading),
    })
  } catch (error) {
    // A cloud that is busy says so in JSON, now and then under 200: another try may bring the film.
    const isNoFilm = isCamError(error) && error.code === 'PROTOCOL' && error.httpStatus === undefined
    throw isNoFilm ? noFilmYet(id, error) : error
  }
}

interface Reading {
  readonly session: ClassicSession
  readonly settings: ClassicSettings
  readonly recording: Recording
}

function noFilm(first: Uint8Array, format: 'flv' | 'mp4'): string | undefined {
  const text = Buffer.from(first.subarray(0, 8)).toString('latin1')
  const fits =
    format === 'flv' ? text.startsWith('FLV') : /^(ftyp|styp|moov|moof|mdat|free|skip|wide)$/.test(text.slice(4))
  return fits ? undefined : `something that is no ${format.toUpperCase()}`
}

/** What a status means that is neither 200 nor 206. */
async function meaningOf(reply: HttpReply, reading: Reading): Promise<CamError | NotReady | Gap> {
  const { session, settings, recording } = reading
  const { cameraId, window } = recording
  const { status } = reply
  const what = `The film ${recording.id}`
  if (status === 201 || status === 202) return beingMade(reply, reading, what)
  if (status === 410) return { ...gone, cameraId, start: window!.start, end: window!.end }
  if (status === 403) return notAllowed(cameraId, 'the film')
  if (status === 404) return notThere(cameraId, what)
  if (status === 423 || status === 463) return outOfReach(cameraId, what, status)
  const { clock } = settings
  return errorForReply(reply, `${what} of camera ${cameraId}`, { vendor, clock, redact: session.http.redact })
}

const gone = { outcome: 'expired', reason: 'The vendor says that it is out of retention (HTTP 410).' } as const

/** It is JSON about the work on a film, and never the film. Asking again for the same film begins nothing new. */
async function beingMade(
  reply: HttpReply,
  { settings, recording, session }: Reading,
  what: string,
): Promise<CamError | NotReady> {
  const { clock, timeouts } = settings
  const limits = { limitBytes: smallBytes, limitMs: timeouts.idleMs ?? 60_000, clock, what }
  let text: string
  try {
    text = (await readAnswer(reply, limits)).text()
  } catch (cause) {
    return new BusyError(`${what}: HTTP ${reply.status}, and nothing that says how far it is.`, { vendor, cause })
  }
  const { progress, error } = readWorker(text)
  if (error !== undefined) return notRendered(recording.cameraId, what, session.http.redact(error), reply.status)
  const wait = retryAfterMs(reply.headers, clock.now())
  return { askAgainAfterMs: Math.max(wait ?? 0, askAgainAfterMs), ...(progress !== undefined && { progress }) }
}
