import {
  type CamError,
  type Clock,
  errorForStatus,
  excerpt,
  type Http,
  type HttpReply,
  type OpenedRecording,
  openBody,
  retryAfterMs,
} from '@cam/download-core/source'
import { type AboutCamera, damagedIndex, named, notAllowed, noVideo, vendor } from '../failures/index.ts'
import type { Query, Session } from '../session.ts'
import { readRefusal } from '../wire/refusal.ts'
import { isEmptyMovie, stubBytes } from '../wire/stub.ts'
import { isMp4, looksLikeWords, readBeginning, readWords } from './beginning.ts'

/** One export. */
export interface Wanted {
  readonly about: AboutCamera
  /** For messages: `2026-10-24T10:00:00.000Z/2026-10-24T11:00:00.000Z`. */
  readonly stretch: string
  readonly query: Query
  readonly representation: string
}

/** What came of it: video, or the console's word that there is none. */
export type Exported = OpenedRecording | { readonly empty: string }

/** Asks for one export, once. Throws what the reply means where it is neither video nor "nothing recorded". PROTOCOL.md §3.1. */
export async function askForExport(
  session: Session,
  wanted: Wanted,
  clock: Clock,
  signal: AbortSignal,
): Promise<Exported> {
  const { http } = session
  const url = await session.url('video/export', wanted.query, signal)
  const reply = await http.send({ url, signal })
  try {
    if (reply.status !== 200) {
      return await refused(http, reply, wanted, clock)
    }
    const { bytes, whole, rest } = await readBeginning(reply, stubBytes)
    const what = nameOf(wanted)
    if (bytes.length === 0) throw noVideo(what, 'an empty body', 200)
    if (looksLikeWords(bytes, reply.headers['content-type'] ?? '')) {
      return await refused(http, { ...reply, body: rest }, wanted, clock)
    }
    if (whole && isEmptyMovie(bytes)) return { empty: `an MP4 of ${bytes.length} bytes without pictures` }
    if (whole && bytes.length < stubBytes) throw noVideo(what, `${bytes.length} bytes that are no video`, 200)
    if (!isMp4(bytes)) throw noVideo(what, 'something that does not begin like an MP4', 200)
    return await openBody(
      alreadySent(http, { ...reply, body: rest }),
      { url, signal },
      { byte: 0 },
      {
        representation: wanted.representation,
        extension: 'mp4',
        // Each request is rendered anew, and Range is ignored.
        resume: 'never',
        clock,
      },
    )
  } catch (error) {
    await reply.discard()
    throw error
  }
}

/** With the camera: a line of a log stands alone. */
function nameOf({ about, stretch }: Wanted): string {
  return `The export of ${named(about.camera)}, ${stretch}`
}

/** The reply is here; what is made of it is the core's business. */
function alreadySent(http: Http, reply: HttpReply): Http {
  return { ...http, send: async () => reply }
}

async function refused(http: Http, reply: HttpReply, wanted: Wanted, clock: Clock): Promise<Exported> {
  const { status, headers } = reply
  const { about, stretch } = wanted
  const text = http.redact(await readWords(reply))
  await reply.discard()
  const refusal = readRefusal(status, text)
  const said = refusal.said === undefined ? undefined : excerpt(refusal.said)
  const words = said ?? (excerpt(text) || undefined)
  if (refusal.meaning === 'empty') return { empty: `HTTP ${status}, ${said}` }
  if (refusal.meaning === 'damaged') throw damagedIndex(about, stretch, status, words)
  if (status === 403) throw notAllowed(about, 'the footage', 'Playback Download', words)
  throw (
    otherwise(wanted, status, words, retryAfterMs(headers, clock.now())) ??
    errorForStatus({ status, headers, text }, nameOf(wanted), { vendor, clock, redact: http.redact })
  )
}

/** A console that starts answers 400 and 404 as well as 5xx, and a page where there should be video. PROTOCOL.md §3.1. */
function otherwise(
  wanted: Wanted,
  status: number,
  words: string | undefined,
  waitMs: number | undefined,
): CamError | undefined {
  const passing =
    status === 200 || status === 400 || status === 404 || (status >= 500 && status !== 501 && status !== 505)
  if (!passing) return undefined
  const got = status === 200 ? 'a message' : `HTTP ${status}`
  return noVideo(nameOf(wanted), words ? `${got}: ${words}` : got, status, waitMs)
}
