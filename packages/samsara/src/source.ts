import type { Call, FootageSource, Identity, Note, Preparation, Recording } from '@cam/download-core/source'
import { type Api, createApi, endpoints } from './client/api.ts'
import { createClips } from './client/clips.ts'
import { createFinder } from './client/finding.ts'
import { type Forecast, forecastOf } from './client/forecast.ts'
import { listRecordings } from './client/listing.ts'
import { open } from './client/open.ts'
import { createOrderBook } from './client/orders.ts'
import { type Ordering, prepare } from './client/prepare.ts'
import { listVehicles } from './client/vehicles.ts'
import { unreadable, vendor } from './failures.ts'
import { readOptions, type SamsaraOptions, type Settings } from './options.ts'
import { at, identifier, word } from './wire/fields.ts'

/** The dashcam footage of an organisation's vehicles. */
export interface SamsaraSource extends FootageSource {
  /** Orders what is neither uploaded nor ordered, each piece once, and says how everything stands. */
  prepare(asked: readonly Recording[], notes: readonly Note[], call: Call): AsyncIterable<Preparation>
  /** What `prepare` would order of recordings that this source has listed, as far as is known. Contacts nobody. */
  forecast(asked: readonly Recording[], notes: readonly Note[]): Forecast
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
    forecast: (asked, notes) => forecastOf(asked, notes, ordering),
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
 * The organisation. What one kind of media holds says nothing about another: each has its own rows in a ledger. Only the vendor can
 * tell who it is: under a name of our own making, what is ordered would be ordered again once the vendor's is known.
 */
async function identify(api: Api, { media }: Settings, signal: AbortSignal): Promise<Identity> {
  const me = await api.get(endpoints.me, {}, signal)
  const said = at(me, 'data', 'id')
  const id = identifier(Number.isSafeInteger(said) ? String(said) : said)
  if (id === undefined) throw unreadable('GET /me', 'it has no readable id of the organisation')
  return { id: `${id}${media === 'highres' ? '' : `/${media}`}`, name: word(at(me, 'data', 'name')) ?? id }
}
