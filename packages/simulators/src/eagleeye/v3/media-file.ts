import { type Call, retryHeaders, sendJson } from '../call.ts'
import { deliver, failed } from '../delivery.ts'
import { filmOf } from '../films.ts'
import { apiError, badArgument, notFound } from './errors.ts'

/** A `mp4Url`. */
export async function mediaFile(call: Call): Promise<void> {
  const { cloud, query, exchange } = call
  const extra = [...query.raw.keys()].find((name) => name !== 'esn' && name !== 'stream_session')
  if (extra !== undefined) {
    cloud.violation(`${exchange.method} ${exchange.path}: a media URL with '${extra}' added`)
    return badArgument(call, 'unexpectedArgument', extra, `Unexpected argument '${extra}'`)
  }
  const url = cloud.mediaUrls.find(query.get('stream_session'))
  if (!url || url.cameraId !== query.get('esn')) return notFound(call)
  const { mediaUrlTtl, mediaUrlExpired } = cloud.switches
  if (cloud.clock.now() - url.issuedAt >= mediaUrlTtl) {
    if (mediaUrlExpired === '404') return notFound(call)
    return apiError(call, 401, 'unauthenticated', 'invalidToken', 'The media session has expired')
  }
  const camera = cloud.camera(url.cameraId)!
  const { start, end } = url
  const key = `${camera.spec.id} ${start} ${end} mp4`
  if (cloud.mayNot(camera))
    return apiError(call, 403, 'permissionDenied', 'invalidPermission', 'downloadVideo is needed')
  if (await failed(call, camera, start, key)) return
  if (cloud.allClips(camera).find((clip) => clip.start === start)?.expired)
    return apiError(call, 404, 'notFound', 'outOfRetention', 'The recording is out of retention')
  if (cloud.outOfReach(camera, start))
    return apiError(call, 503, 'unavailable', 'deviceUnavailable', 'The bridge is offline', retryHeaders(call))
  const film = filmOf(camera, { start, end }, 'mp4', cloud.clock.now())
  if (!film) return notFound(call)
  return deliver(call, { film, camera, start, key, type: 'video/mp4' })
}

/** `GET /media/session` of the API: where a browser gets its cookie. */
export function mediaSession(call: Call): Promise<void> {
  return sendJson(call, 200, { url: `${call.cloud.hosts.media}/media/session` })
}

/** `GET /media/session` of the media host. */
export function beginMediaSession(call: Call): Promise<void> {
  const cookie = `een_media_session=${call.cloud.mediaUrls.newSession()}; Path=/; HttpOnly`
  return call.exchange.reply(204, { headers: { 'Set-Cookie': cookie } })
}
