import type { Call, FootageSource, Identity, Note, Preparation, Recording } from '@cam/download-core/source'
import { isCamError } from '@cam/download-core/source'
import { type Api, createApi, endpoints } from './client/api.ts'
import { createClips } from './client/clips.ts'
import { createFinder } from './client/finding.ts'
import { listRecordings } from './client/listing.ts'
import { open } from './client/open.ts'
import { createOrderBook } from './client/orders.ts'
import { type Ordering, prepare } from './client/prepare.ts'
import { listVehicles } from './client/vehicles.ts'
import { vendor } from './failures.ts'
import { readOptions, type SamsaraOptions, type Settings } from './options.ts'
import { at, identifier, word } from './wire/fields.ts'

/** The dashcam footage of an organisation's vehicles. */
export interface SamsaraSource extends FootageSource {
  /** Orders what is neither uploaded nor ordered, each piece once, and says how everything stands. */
  prepare(asked: readonly Recording[], notes: readonly Note[], call: Call): AsyncIterable<Preparation>
}

/**
 * The dashcam footage of one Samsara organisation. Throws TypeError or RangeError for options that make no sense; contacts nothing
 * before the first call.
 */
export function samsara(options: SamsaraOptions): SamsaraSource {
  const settings = readOptions(options)
  const api = createApi(settings)
  const clips = createClips()
  const finder = createFinder(api, settings, clips)
  const ordering: Ordering = { api, settings, clips, finder, orders: createOrderBook(), spent: 0 }
  return {
    vendor,
    identity: 'own',
    limits: { transfers: 6, transfersPerCamera: 3 },
    patience: patienceOf(settings),
    identify: ({ signal }) => identify(api, settings, signal),
    async *cameras({ signal }) {
      yield* await listVehicles(api, settings, signal)
    },
    recordings: (camera, window, { signal }) => listRecordings(camera, window, ordering, signal),
    prepare: (asked, notes, { signal }) => prepare(asked, notes, ordering, signal),
    open: (recording, from, { signal }) => open(recording, from, ordering, signal),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}

/** To open may be to ask for a new address first, which is tried again a few times, and then to wait for storage. */
function patienceOf({ timeouts }: Settings): NonNullable<FootageSource['patience']> {
  const { connectMs = 20_000, tlsMs = 20_000, firstByteMs = 60_000, idleMs = 60_000 } = timeouts
  return { openMs: 4 * (connectMs + tlsMs + firstByteMs), idleMs }
}

/**
 * The organisation. What one kind of media holds says nothing about another: each has its own rows in a ledger. Where the token may
 * not ask who it belongs to, the host stands for it.
 */
async function identify(api: Api, { base, media }: Settings, signal: AbortSignal): Promise<Identity> {
  const suffix = media === 'highres' ? '' : `/${media}`
  try {
    const me = await api.get(endpoints.me, {}, signal)
    const id = identifier(at(me, 'data', 'id'))
    if (id !== undefined) return { id: `${id}${suffix}`, name: word(at(me, 'data', 'name')) ?? id }
  } catch (error) {
    if (!isCamError(error) || (error.code !== 'PERMISSION' && error.code !== 'NOT_FOUND')) throw error
  }
  const { host } = new URL(base)
  return { id: `${host}${suffix}`, name: host }
}
