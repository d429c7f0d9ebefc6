import {
  type CamError,
  type NotReady,
  type OpenedRecording,
  type OpenFrom,
  openBody,
  type Recording,
} from '@cam/download-core/source'
import { deliveredElsewhere, notDelivered, refusedByStorage, strangeAddress } from '../failures.ts'
import { readStandings, type SignedUrl, standingOf } from '../wire/media.ts'
import { kindOf, windowOf } from '../wire/piece.ts'
import { endpoints } from './api.ts'
import { type Clip, type Wanted, wantedOf } from './clips.ts'
import type { Ordering } from './prepare.ts'

/** An address that ends so soon is not begun with. */
const marginMs = 60_000
const askAgainAfterMs = 30_000

interface Renew {
  readonly renew: number
}

/**
 * Fetches a recording where it lies in storage, without our token. An address that is over is replaced once, and the transfer goes
 * on. PROTOCOL.md §6.
 */
export async function open(
  recording: Recording,
  from: OpenFrom,
  ordering: Ordering,
  signal: AbortSignal,
): Promise<OpenedRecording | NotReady> {
  const { api, settings, clips } = ordering
  const wanted = wantedOf(recording)
  let clip = clips.get(wanted)
  const fresh = !clip || isOver(clip.url, settings.clock.now())
  if (fresh) clip = await findAgain(wanted, ordering, signal)
  for (let renewed = fresh; clip; renewed = true) {
    const url = mayBeAsked(clip.url.href, settings.base)
    const opened = await openBody<Renew>(api.media, { url, signal }, from, {
      ...{ representation: 'clip', extension: kindOf(wanted.piece.media).extension, resume: recording.resume },
      clock: settings.clock,
      refuse: async ({ status }) => ([400, 403, 404, 410].includes(status) ? { renew: status } : undefined),
    })
    if (!('renew' in opened)) return { ...opened, actual: clip.actual }
    if (renewed) throw refusedByStorage(opened.renew)
    clip = await findAgain(wanted, ordering, signal)
  }
  return { askAgainAfterMs }
}

/** Where it is now: by its order, or by the list of what is uploaded. Throws where the vendor will not deliver it. */
async function findAgain(
  wanted: Wanted,
  { api, clips, orders, finder }: Ordering,
  signal: AbortSignal,
): Promise<Clip | undefined> {
  const { vehicleId, piece, view } = wanted
  const order = orders.of(vehicleId, piece, view)
  const retrievalId = clips.get(wanted)?.retrievalId ?? (order?.forgotten ? undefined : order?.retrievalId)
  if (retrievalId === undefined) {
    // What was never ordered has to be as good as an order again; of an order of unknown fate more is believed.
    await (order ? finder.lookForOrdered([wanted], signal) : finder.look(vehicleId, [wanted], signal))
    return clips.get(wanted)
  }
  const items = readStandings(await api.get(endpoints.standing, { retrievalId }, signal), vehicleId)
  const standing = standingOf(items ?? [], view, windowOf(piece))
  if (standing.is === 'elsewhere') throw deliveredElsewhere(`${view} of vehicle ${vehicleId}`, standing.item)
  if (standing.is === 'failed' || standing.is === 'absent') throw notDelivered(`${view} of vehicle ${vehicleId}`)
  if (standing.is === 'waiting') return undefined
  clips.put(wanted, standing.item, retrievalId)
  return clips.get(wanted)
}

function isOver({ expiresAt }: SignedUrl, now: number): boolean {
  return expiresAt !== undefined && expiresAt - marginMs < now
}

/** Throws ProtocolError for an address over plain HTTP, unless the vendor itself is spoken to in that way. */
function mayBeAsked(href: string, base: string): string {
  const { protocol } = URL.canParse(href) ? new URL(href) : { protocol: '' }
  if (protocol === 'https:' || (protocol === 'http:' && base.startsWith('http:'))) return href
  throw strangeAddress(href) satisfies CamError
}
