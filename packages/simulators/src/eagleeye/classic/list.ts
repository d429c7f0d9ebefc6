import { randomNumbers } from '../../media/prng.ts'
import { type Call, sendJson, sendText } from '../call.ts'
import { fail } from '../failing.ts'
import type { Clip, TimeWindow, WorldCamera } from '../world.ts'
import { readTimestamp, writeTimestamp } from './timestamps.ts'

/** `GET /asset/list/video`. */
export async function list(call: Call): Promise<void> {
  const { cloud, query } = call
  const { listFailN, listFailStatus } = cloud.switches
  const camera = cloud.camera(query.get('id'))
  const now = cloud.clock.now()
  const start = readTimestamp(query.get('start_timestamp'), now, now)
  const end =
    query.get('end_timestamp') === undefined ? undefined : readTimestamp(query.get('end_timestamp'), now, start)
  const count = query.get('count') === undefined ? undefined : Number(query.get('count'))
  if (!query.get('id') || Number.isNaN(start) || Number.isNaN(end ?? 0) || !Number.isInteger(count ?? 0))
    return sendText(call, 400, 'Bad Request')
  if (end === undefined && count === undefined) return sendText(call, 400, 'Bad Request')
  if (!camera) return sendText(call, 403, 'Forbidden')
  if (listFailN > 0 && cloud.means('only', camera) && cloud.countedBefore(`list ${camera.spec.id}`) < listFailN)
    return fail(call, listFailStatus)
  const listed = query.get('options')?.split(',').includes('coalesce')
    ? merged(cloud.clips(camera))
    : noisy(call, camera)
  return sendJson(
    call,
    200,
    chosen(call, listed, { start, end, count }).map(({ start: s, end: e }) => ({
      ...{ s: writeTimestamp(s), e: writeTimestamp(e) },
      id: randomNumbers(`${camera.spec.id} ${s}`)(),
    })),
  )
}

/** A negative count goes back in time; beside an end it is only the most there may be. */
function chosen(
  { cloud }: Call,
  listed: readonly TimeWindow[],
  { start, end, count }: { start: number; end: number | undefined; count: number | undefined },
): readonly TimeWindow[] {
  const starting = cloud.switches.listEdges === 'starting'
  if (count !== undefined && count < 0)
    return listed
      .filter((clip) => clip.start < start)
      .reverse()
      .slice(0, -count)
  const last = end ?? Number.POSITIVE_INFINITY
  const inside = listed.filter((clip) => clip.start < last && (starting ? clip.start >= start : clip.end > start))
  return count === undefined ? inside : inside.slice(0, count)
}

/** With `coalesce`, what touches or overlaps is one entry. */
function merged(clips: readonly Clip[]): TimeWindow[] {
  const entries: { start: number; end: number }[] = []
  for (const { start, end } of clips) {
    const before = entries.at(-1)
    if (before && start <= before.end) before.end = Math.max(before.end, end)
    else entries.push({ start, end })
  }
  return entries
}

function noisy({ cloud }: Call, camera: WorldCamera): TimeWindow[] {
  const { listNoise, growingTwice } = cloud.switches
  return cloud.clips(camera).flatMap((clip, index): TimeWindow[] => {
    const later = clip.start + Math.floor((clip.end - clip.start) / 2)
    const twice = growingTwice && clip.growing ? [{ start: later, end: clip.end }] : []
    if (listNoise === 'none' || index % 3 === 1) return [clip, ...twice]
    return [listNoise === 'stale' ? { start: clip.start, end: later } : clip, clip, ...twice]
  })
}
