import { type CamError, type Gap, isCamError, type OpenedRecording, openBody } from '@cam/download-core/source'
import { tokenOrigins } from '../../session/v3-trust.ts'
import { trusts } from '../../wire/trusted.ts'
import { listIntervals } from './lists.ts'
import type { Opening } from './opening.ts'

/** An address is good for two hours; one that is this old is asked for anew. PROTOCOL.md §2.2. */
const urlLastsMs = 90 * 60_000
/** After so many tries that brought nothing the recording is ordered as an export. */
const mostFailures = 3

/** Fetches the recording where the list says that it is. Undefined where it has to be ordered as an export. */
export async function openDirect(opening: Opening): Promise<OpenedRecording | Gap | undefined> {
  const { api, settings, recording, from, signal, state } = opening
  const { clock } = settings
  const stale = !state.url || clock.monotonic() - state.url.at > urlLastsMs
  if (stale) await findAgain(opening)
  for (let again = stale; ; again = true) {
    const href = state.url?.href
    // What lies there has gone on since, or is known to the ledger as a part alone.
    if (state.url?.end !== recording.window.end) return undefined
    if (!href || !trusts(tokenOrigins(settings), href)) return undefined
    try {
      return await openBody(api.media, { url: href, signal }, from, {
        ...{ representation: 'mp4Url', extension: 'mp4', resume: recording.resume, clock },
        refuse: (reply) => api.mediaError(reply),
      })
    } catch (error) {
      if (!isCamError(error)) throw error
      if (error.code === 'EXPIRED') return expired(opening, error)
      // It may be the address, or the token, that is too old: the list tells, and renews either.
      const maybeOld = error.httpStatus === 401 || error.code === 'NOT_FOUND'
      if (maybeOld && !again) {
        await findAgain(opening)
        continue
      }
      if (maybeOld || error.code === 'PROTOCOL') return undefined
      const silent = ['SERVER', 'NETWORK', 'TIMEOUT', 'BUSY', 'INCOMPLETE'].includes(error.code)
      if (silent && ++state.failures >= mostFailures) return undefined
      throw error
    }
  }
}

/** The vendor's word that the footage is no longer there. */
export function expired({ recording }: Opening, error: CamError): Gap {
  return { cameraId: recording.cameraId, ...recording.window, outcome: 'expired', reason: error.message }
}

async function findAgain({ api, settings, recording, signal, state }: Opening): Promise<void> {
  const { start, end } = recording.window
  const { clock, lookBackMs } = settings
  const until = end + lookBackMs
  const edges = { start, ...(until < clock.now() && { end: until }) }
  const listed = await listIntervals(api, recording.cameraId, edges, signal)
  const found = listed.find((interval) => interval.start === start)
  state.url = { href: found?.mp4Url ?? null, end: found?.end ?? end, at: clock.monotonic() }
}
