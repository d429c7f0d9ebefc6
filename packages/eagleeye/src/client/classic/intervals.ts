import { errorForStatus, isCamError, overlaps, type TimeWindow } from '@cam/download-core/source'
import { notAllowed, unreadableList } from '../../failures/index.ts'
import type { ClassicSession } from '../../session/classic.ts'
import { distinct, type Interval, readInterval } from '../../wire/classic/interval.ts'
import { toTimestamp } from '../../wire/classic/timestamp.ts'
import type { ClassicSettings } from './log-in.ts'

/** There is no paging, so that one question is for a day at most. */
const questionMs = 86_400_000
/** Whether a clip over the end of a question is in its answer is not documented: questions overlap by up to so much. */
const mostOverlapMs = questionMs / 2
/** The vendor began in 2012. */
const earliest = Date.UTC(2012, 0, 1)
/** Asked for in any case where nobody gave a start and nothing older is known. */
const recentMs = 31 * questionMs

/** What was recorded by one camera, in order of time. Without a window: all there is. */
export async function listIntervals(
  session: ClassicSession,
  settings: ClassicSettings,
  cameraId: string,
  window: TimeWindow | undefined,
  signal: AbortSignal,
): Promise<Interval[]> {
  const { lookBackMs, clock } = settings
  const now = clock.now()
  const asked = window ?? { start: await oldest(session, cameraId, now, signal), end: now }
  const found: Interval[] = []
  // Clips that begin before the window, and those that end behind it, have a part in it too.
  for (const question of questions({ start: asked.start - lookBackMs, end: asked.end + lookBackMs }, lookBackMs, now)) {
    found.push(...(await ask(session, cameraId, { end_timestamp: toTimestamp(question.end) }, question.start, signal)))
  }
  return distinct(found).filter((interval) => !window || overlaps(interval, window))
}

/** The window in days that overlap, so that no clip lies on a border only. */
export function questions({ start, end }: TimeWindow, lookBackMs: number, now: number): TimeWindow[] {
  const last = Math.min(Math.ceil(end), now)
  const step = questionMs - Math.min(lookBackMs, mostOverlapMs)
  const windows: TimeWindow[] = []
  for (let from = Math.max(Math.floor(start), earliest); from < last; from += step) {
    const until = Math.min(from + questionMs, last)
    windows.push({ start: from, end: until })
    if (until === last) break
  }
  return windows
}

async function oldest(session: ClassicSession, cameraId: string, now: number, signal: AbortSignal): Promise<number> {
  const first = await ask(session, cameraId, { count: 1 }, earliest, signal)
  return Math.min(now - recentMs, ...first.map(({ start }) => start))
}

async function ask(
  session: ClassicSession,
  cameraId: string,
  until: { readonly end_timestamp: string } | { readonly count: number },
  start: number,
  signal: AbortSignal,
): Promise<Interval[]> {
  const what = `list of recordings of camera ${cameraId}`
  let json: unknown
  try {
    // Never `coalesce`: entries that are put together grow, and hide their tail.
    const query = { id: cameraId, start_timestamp: toTimestamp(start), ...until }
    const answer = await session.ask('/asset/list/video', query, signal)
    // 201 and 202 say that there is nothing to read yet.
    if (answer.status !== 200) throw errorForStatus({ ...answer, text: answer.text() }, `The ${what}`)
    json = answer.json()
  } catch (error) {
    if (!isCamError(error)) throw error
    if (error.httpStatus === 403) throw notAllowed(cameraId, 'the list of recordings')
    throw error.httpStatus === undefined && error.code === 'PROTOCOL'
      ? unreadableList(what, 'it is not JSON, or was cut off', error)
      : error
  }
  if (!Array.isArray(json)) throw unreadableList(what, 'it is no list')
  return json.map((entry, position) => {
    const read = readInterval(entry)
    // Left out, it would be footage that nobody ever asks for.
    if (typeof read === 'string') throw unreadableList(what, `entry ${position + 1} ${read}`)
    return read
  })
}
