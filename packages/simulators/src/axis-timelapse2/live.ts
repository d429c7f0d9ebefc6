import { asHeaderBytes } from '../kit/digest.ts'
import { bytesFile } from '../kit/virtual-file.ts'
import { mjpegAvi } from '../media/avi.ts'
import { mp4 } from '../media/mp4.ts'
import { jpeg } from '../media/picture.ts'
import { sendFile } from './download.ts'
import { type Call, sendError, sendJson, sendText } from './replies.ts'
import { type Profile, profiles } from './world.ts'

const first = Date.UTC(2026, 3, 20, 6)
const last = Date.UTC(2026, 3, 20, 10)
const images = 30

/** The recordings still growing, one for each profile. */
export async function recordings(call: Call): Promise<void> {
  const { exchange, camera } = call
  const id = call.parameter('id')
  if (exchange.method === 'PUT' && camera.dialect.container === 'mp4') {
    if (!camera.profile(id)) return sendError(call, 404, 'Recording not found')
    camera.startJob('refresh', id!)
    return sendText(call, 'Refresh started')
  }
  if (exchange.method !== 'GET') return sendError(call, 405, 'Method not allowed')
  if (id === undefined) return sendJson(call, Object.fromEntries(profiles.map((one) => [one.id, describe(call, one)])))
  const profile = camera.profile(id)
  return profile ? sendJson(call, describe(call, profile)) : sendError(call, 404, 'Recording not found')
}

function describe({ camera }: Call, { width, height }: Profile): Record<string, unknown> {
  const entry = { images, size: 180_000, first, last, archived: 0, fps: 10 }
  if (camera.dialect.container === 'avi') return entry
  return { ...entry, frames: images, sizeBytes: 180_000, nextFrame: images + 1, width, height, estimatedSize: 180_000 }
}

/** The live recording as a file: in 1.x rebuilt from open files, in 3.x by ffmpeg while everybody else waits. */
export async function exportLive(call: Call): Promise<void> {
  const { exchange, camera } = call
  if (exchange.method !== 'GET') return sendError(call, 405, 'Method not allowed')
  const [id, fps, filename] = ['id', 'fps', 'filename'].map((name) => call.parameter(name))
  const { width, height, name = '' } = camera.profile(id) ?? {}
  if (camera.dialect.container === 'avi') {
    if (!id || !fps || !filename) return sendError(call, 400, 'Missing parameters')
    if (!width || !height) return sendError(call, 404, 'Recording not found')
    const rate = Math.max(1, Math.min(60, Number(fps) || 10))
    const file = mjpegAvi({ seed: `live ${id}`, frames: images, fps: rate, width, height, riffSize: 'excess' })
    return sendFile(call, { name: filename, file, etag: undefined, faulty: true })
  }
  if (!id) return sendError(call, 400, 'Missing parameters')
  if (!width || !height) return sendError(call, 404, 'Recording not found')
  if (camera.job) return sendError(call, 409, 'Another media operation is already running')
  await camera.clock.wait(camera.switches.jobMs, exchange.gone)
  const file = mp4({ seed: `live ${id}`, frames: images, width, height })
  const stamp = new Date(last)
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-')
  return sendFile(call, {
    name: asHeaderBytes(`${name.replaceAll(' ', '_')}-${stamp}.mp4`),
    file,
    etag: undefined,
    faulty: true,
  })
}

/** One picture of the live recording (1.x). */
export async function image(call: Call): Promise<void> {
  if (call.exchange.method !== 'GET') return sendError(call, 405, 'Method not allowed')
  const profile = call.camera.profile(call.parameter('id'))
  const index = Number(call.parameter('index'))
  if (!profile || !(index >= 1 && index <= images)) return sendError(call, 404, 'Frame not found')
  const { width, height } = profile
  const file = bytesFile(jpeg({ seed: `live ${profile.id} ${index}`, width, height }).bytes())
  return sendFile(call, { name: `${index}.jpg`, file, etag: undefined, type: 'image/jpeg' })
}

/** The preview of the live recording (3.x): PUT prepares it, GET streams it. */
export async function video(call: Call): Promise<void> {
  const { exchange, camera } = call
  const profile = camera.profile(call.parameter('id'))
  if (exchange.method !== 'GET' && exchange.method !== 'PUT') return sendError(call, 405, 'Method not allowed')
  if (!profile) return sendError(call, 404, 'Recording not found')
  if (exchange.method === 'PUT') {
    camera.startJob('media_encode', profile.id)
    return sendText(call, 'Preview started')
  }
  const { id, width, height } = profile
  const fps = Math.max(1, Math.min(60, Number(call.parameter('fps')) || 10))
  return sendFile(call, {
    name: 'preview.mp4',
    file: mp4({ seed: `live ${id}`, frames: images, width, height, fps }),
    etag: undefined,
  })
}
