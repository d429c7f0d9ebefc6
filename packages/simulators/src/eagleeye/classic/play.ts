import { randomUUID } from 'node:crypto'
import { type Call, retryHeaders, sendJson, sendText } from '../call.ts'
import { deliver, failed } from '../delivery.ts'
import { filmOf } from '../films.ts'
import type { WorldCamera } from '../world.ts'
import { readTimestamp } from './timestamps.ts'
import { transcoding } from './transcode.ts'

/** `GET /asset/play/video.flv` and `.mp4`: from the start of a clip, or `time_offset` ms later, to the end asked for. */
export async function play(call: Call): Promise<void> {
  const { cloud, query, exchange } = call
  const asked = askedOf(call)
  if (!asked) return sendText(call, 400, 'Bad Request')
  const camera = cloud.camera(query.get('id'))
  if (!camera) return sendText(call, 404, 'Not Found')
  const { start, from, end } = asked
  const form = exchange.path.endsWith('.mp4') ? 'mp4' : 'flv'
  const key = `${camera.spec.id} ${from} ${end} ${form}`
  if (cloud.mayNot(camera)) return sendText(call, 403, 'Forbidden')
  if (await failed(call, camera, start, key)) return
  const clip = cloud.allClips(camera).find((one) => one.start === start)
  if (!clip) return sendText(call, Number(cloud.switches.notARecording), 'No recording starts there')
  if (clip.expired) return sendText(call, 410, 'Gone')
  if (cloud.outOfReach(camera, from)) return sendText(call, 503, 'Service Unavailable', retryHeaders(call))
  const film = filmOf(camera, { start: from, end }, form, cloud.clock.now())
  if (!film) return sendText(call, 404, 'Not Found')
  if (form === 'mp4' && (await transcoding(call, key, meant(call, camera, start)))) return
  const type = form === 'mp4' ? 'video/mp4' : 'video/x-flv'
  return deliver(call, { film, camera, start, key, type })
}

const meant = ({ cloud }: Call, camera: WorldCamera, start: number) => cloud.means('only', camera, start)

/** Start of the clip, start and end of what is wanted of it. Live video (`stream_…`) is not to be had. */
function askedOf({ query, cloud }: Call): { start: number; from: number; end: number } | undefined {
  const now = cloud.clock.now()
  const start = readTimestamp(query.get('start_timestamp'), now, now)
  const end = readTimestamp(query.get('end_timestamp'), now, start)
  const offset = query.get('time_offset') ?? '0'
  const from = start + Number(offset)
  return /^\d+$/.test(offset) && from < end && query.get('id') ? { start, from, end } : undefined
}

/** `GET /asset/cloud/video.flv`: a job that brings the footage from the bridge; nobody is told when it has. */
export async function prefetch(call: Call): Promise<void> {
  const asked = askedOf(call)
  if (!asked || !call.cloud.camera(call.query.get('id'))) return sendText(call, 400, 'Bad Request')
  return sendJson(call, 201, { data: { uuid: randomUUID() } })
}
