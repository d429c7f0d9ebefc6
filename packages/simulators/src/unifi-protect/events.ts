import type { Console } from './console.ts'
import { type Call, sendJson, wholeNumber } from './replies.ts'
import type { ProtectEventSpec } from './world.ts'

type Known = ProtectEventSpec & { readonly camera: string }

/** `GET events`. */
export function events(call: Call): Promise<void> {
  const { console, query } = call
  const [start, end, limit, offset] = ['start', 'end', 'limit', 'offset'].map((name) => {
    const values = query.getAll(name)
    return values.length === 0 ? undefined : wholeNumber(values[0]!)
  })
  const given = { start, end, limit, offset }
  if (Object.values(given).some((value) => value !== undefined && !(value >= 0)))
    return sendJson(call, 400, { error: 'Invalid query', name: 'BadRequestError' })
  if (limit === undefined && (start === undefined || end === undefined))
    return sendJson(call, 400, { error: "'start' and 'end', or 'limit' is required", name: 'BadRequestError' })
  const both = (plural: string, singular: string) => [...query.getAll(plural), ...query.getAll(singular)]
  const types = both('types', 'type')
  const smart = both('smartDetectTypes', 'smartDetectType')
  const cameras = query.getAll('cameras')
  const anyTime = types.length === 0 && console.switches.eventsTypesBug
  const found = all(console)
    .filter((event) => types.length === 0 || types.includes(event.type))
    .filter((event) => smart.length === 0 || event.smartDetectTypes?.some((type) => smart.includes(type)))
    // A list joined by commas is one id that nobody has.
    .filter((event) => cameras.length === 0 || cameras.includes(event.camera))
    .filter((event) => anyTime || (event.start >= (start ?? 0) && event.start <= (end ?? Number.POSITIVE_INFINITY)))
    .sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))
  return sendJson(call, 200, page(found, query.get('orderDirection'), limit, offset ?? 0).map(describe))
}

/** Without an order the newest are kept, and come oldest first all the same. */
function page(found: readonly Known[], order: string | null, limit = found.length, offset: number): readonly Known[] {
  if (order === 'DESC') return found.toReversed().slice(offset, offset + limit)
  if (order === 'ASC') return found.slice(offset, offset + limit)
  const end = Math.max(0, found.length - offset)
  return found.slice(Math.max(0, end - limit), end)
}

export function event(call: Call, id: string): Promise<void> {
  const found = eventOf(call.console, id)
  return found ? sendJson(call, 200, describe(found)) : notFound(call)
}

export function eventOf(console: Console, id: string): Known | undefined {
  return all(console).find((one) => one.id === id)
}

export function notFound(call: Call): Promise<void> {
  return sendJson(call, 404, { error: 'Not Found', name: 'NotFoundError' })
}

function all(console: Console): Known[] {
  const own = console.cameras.flatMap(({ spec }) => (spec.events ?? []).map((one) => ({ ...one, camera: spec.id })))
  return [...own, ...console.exported].filter(({ start }) => start <= console.clock.now())
}

function describe({ id, type, start, end, camera, smartDetectTypes = [], score = 70 }: Known) {
  return {
    ...{ id, modelKey: 'event', type, start, end, camera, smartDetectTypes },
    score: type === 'smartAudioDetect' ? 0 : score,
    smartDetectEvents: [],
    partition: null,
    user: null,
    metadata: {},
    thumbnail: `e-${id}`,
    heatmap: `e-${id}`,
    timestamp: null,
    category: null,
    subCategory: null,
    description: null,
    isFavorite: false,
    favoriteObjectIds: [],
  }
}
