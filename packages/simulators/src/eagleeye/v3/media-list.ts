import { type Call, sendJson } from '../call.ts'
import { fail } from '../failing.ts'
import type { TimeWindow, WorldCamera } from '../world.ts'
import { lastTokenOf, pageOf, readMoment, refused, writeMoment } from './arguments.ts'
import { badArgument, notFound } from './errors.ts'

const includes = ['flvUrl', 'rtspUrl', 'rtspsUrl', 'multipartUrl', 'mp4Url', 'hlsUrl', 'wsLiveUrl']

/** `GET /media`: what begins and ends in the window, in no order. */
export async function media(call: Call): Promise<void> {
  const { cloud, query } = call
  const timestamps = ['startTimestamp__gte', 'endTimestamp__lte']
  const required = ['deviceId', 'type', 'mediaType', 'startTimestamp__gte']
  const optional = ['endTimestamp__lte', 'coalesce', 'include']
  if (await refused(call, { required, optional, timestamps, paged: true })) return
  const wrong = wrongWord(call)
  if (wrong !== undefined)
    return badArgument(call, 'invalidArgument', wrong, `Could not parse value for parameter '${wrong}'`)
  const camera = cloud.camera(query.get('deviceId'))
  if (!camera) return notFound(call, 'The device')
  const { listFailN, listFailStatus } = cloud.switches
  if (listFailN > 0 && cloud.means('only', camera) && cloud.countedBefore(`list ${camera.spec.id}`) < listFailN)
    return fail(call, listFailStatus)
  const page = pageOf(call, found(call, camera), lastTokenOf(call, 'media'))
  if (!page) return badArgument(call, 'invalidArgument', 'pageToken', 'The page token is not valid')
  return sendJson(call, 200, { ...page, results: page.results.map((one) => itemOf(call, camera, one)) })
}

/** The argument that has a value nobody knows. */
function wrongWord({ query }: Call): string | undefined {
  const choices: Readonly<Record<string, readonly string[]>> = {
    ...{ type: ['main', 'preview'], mediaType: ['video', 'image'], coalesce: ['true', 'false'] },
  }
  const wrong = Object.entries(choices).find(([name, words]) => !words.includes(query.get(name) ?? words[0]!))
  if (wrong) return wrong[0]
  return query.list('include').every((name) => includes.includes(name)) ? undefined : 'include'
}

/** An interval over the window's edge is left out, so whoever wants it must look back. */
function found({ query, cloud }: Call, camera: WorldCamera): TimeWindow[] {
  if (query.get('type') !== 'main' || query.get('mediaType') !== 'video') return []
  const now = cloud.clock.now()
  const from = readMoment(query.get('startTimestamp__gte'))
  const until = query.get('endTimestamp__lte') === undefined ? now : readMoment(query.get('endTimestamp__lte'))
  const clips = cloud.clips(camera)
  const listed = query.get('coalesce') === 'false' ? clips : joined(clips)
  const growing = cloud.switches.growingTwice ? clips.filter((clip) => clip.growing) : []
  const twice = growing.map(({ start, end }) => ({ start: start + Math.floor((end - start) / 2), end }))
  const inside = [...listed, ...twice].filter(({ start, end }) => start >= from && end <= until)
  // Every second one first, and those backwards.
  return [...inside.filter((_, index) => index % 2 === 1).reverse(), ...inside.filter((_, index) => index % 2 === 0)]
}

/** Merges where one ends exactly when the next one begins. */
function joined(clips: readonly TimeWindow[]): TimeWindow[] {
  const entries: { start: number; end: number }[] = []
  for (const { start, end } of clips) {
    const before = entries.at(-1)
    if (before?.end === start) before.end = end
    else entries.push({ start, end })
  }
  return entries
}

function itemOf({ cloud, query }: Call, camera: WorldCamera, { start, end }: TimeWindow) {
  const asked = new Set(query.list('include'))
  const { mediaOrigin } = cloud.switches
  const address = () => {
    const session = cloud.mediaUrls.add({ cameraId: camera.spec.id, start, end, issuedAt: cloud.clock.now() })
    const origin = mediaOrigin === '' ? cloud.hosts.media : mediaOrigin
    return `${origin}/media/recordings.mp4?esn=${camera.spec.id}&stream_session=${session}`
  }
  return {
    ...{ type: 'main', deviceId: camera.spec.id, mediaType: 'video' },
    ...{ startTimestamp: writeMoment(start), endTimestamp: writeMoment(end) },
    ...(asked.has('flvUrl') ? { flvUrl: null } : {}),
    ...(asked.has('hlsUrl') ? { hlsUrl: null } : {}),
    ...(asked.has('mp4Url') ? { mp4Url: cloud.means('mp4UrlNull', camera, start) ? null : address() } : {}),
  }
}
