import { overlaps, type TimeWindow } from '@cam/download-core/source'
import { unreadableList } from '../failures/index.ts'
import type { Query, Session } from '../session.ts'
import { eventsIn, type ProtectEvent, readEvent } from '../wire/event.ts'
import { cut } from './segments.ts'

/** Which events. */
export interface EventQuery {
  readonly start: number
  readonly end: number
  /** In the console's words; never empty: without types a console ignores the window. */
  readonly types: readonly string[]
  /** Any of these; empty: whatever was seen. */
  readonly smartTypes?: readonly string[]
  /** One camera's alone. */
  readonly cameraId?: string
  /** The moment after which nothing has happened yet, for events that go on. */
  readonly now: number
}

/** Consoles were brought down by questions without bounds. */
const pageSize = 100
const chunkMs = 24 * 3_600_000
const mostPagesOfChunk = 500
/** Events are asked for from so long before the window: they may reach into it. */
const beforeMs = 3_600_000

/**
 * The events that overlap a window, a day and a page at a time, each once. Ends with a ProtocolError, after all that could be
 * read, where entries could not; throws one at once where a console's paging cannot be trusted. PROTOCOL.md §3.4.
 */
export async function* listEvents(
  session: Session,
  address: string,
  query: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<ProtectEvent, void, undefined> {
  const window = { start: query.start, end: query.end }
  const seen = new Set<string>()
  let unreadable = 0
  for (const chunk of cut({ start: Math.max(0, query.start - beforeMs), end: query.end }, chunkMs)) {
    for await (const entry of entriesOf(session, address, query, chunk, signal)) {
      const event = readEvent(entry)
      if (!event) {
        unreadable++
        continue
      }
      if (seen.has(event.id)) continue
      seen.add(event.id)
      // Not every version keeps to what it was asked.
      if (fits(event, query) && overlaps(spanOf(event, query.now), window)) yield event
    }
  }
  if (unreadable > 0) {
    const problem = `${unreadable} ${unreadable === 1 ? 'entry has' : 'entries have'} no id, type or start`
    throw unreadableList(address, 'list of events', problem)
  }
}

/** From the first to the last moment; one that goes on lasts until now. */
export function spanOf(event: ProtectEvent, now: number): TimeWindow {
  return { start: event.start, end: Math.max(event.end ?? now, event.start + 1) }
}

function fits(event: ProtectEvent, { types, smartTypes = [], cameraId }: EventQuery): boolean {
  if (cameraId !== undefined && event.cameraId !== cameraId) return false
  if (!types.includes(event.type)) return false
  return smartTypes.length === 0 || event.smartTypes.some((type) => smartTypes.includes(type))
}

async function* entriesOf(
  session: Session,
  address: string,
  query: EventQuery,
  chunk: TimeWindow,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const common: Query = {
    start: chunk.start,
    end: chunk.end,
    types: query.types,
    ...(query.cameraId !== undefined && { cameras: [query.cameraId] }),
    orderDirection: 'ASC',
    limit: pageSize,
  }
  const known = new Set<string>()
  for (let page = 0, offset = 0; page < mostPagesOfChunk; page++) {
    const answer = await session.ask('events', { ...common, offset }, signal)
    const entries = eventsIn(answer.json())
    if (!entries) throw unreadableList(address, 'list of events', 'it is no list')
    // Until nothing more comes, and not until a page is short: a console may have a smaller page than ours.
    if (entries.length === 0) return
    const fresh = entries.filter((entry) => {
      const id = JSON.stringify(readEvent(entry)?.id ?? entry).slice(0, 1000)
      if (known.has(id)) return false
      known.add(id)
      return true
    })
    yield* fresh
    if (fresh.length === 0) {
      if (entries.length < pageSize) return
      throw unreadableList(address, 'list of events', 'it sends the same page again and again')
    }
    offset += entries.length
  }
  throw unreadableList(address, 'list of events', `a day of it has more than ${mostPagesOfChunk} pages`)
}
