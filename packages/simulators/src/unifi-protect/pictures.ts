import { jpeg } from '../media/picture.ts'
import { eventOf, notFound } from './events.ts'
import { mayNot } from './export.ts'
import { type Call, nginxPage, sendHtml, sendJson, wholeNumber } from './replies.ts'
import { edges, existing, floorToGrid, type WorldCamera } from './world.ts'

/** The live picture; without `force` one that may be minutes old. */
export function snapshot(call: Call, id: string, channel: number): Promise<void> {
  const camera = call.console.camera(id)
  if (!camera) return notFound(call)
  const now = call.console.clock.now()
  if ((camera.spec.state ?? 'CONNECTED') !== 'CONNECTED')
    return sendJson(call, 503, { error: 'Camera is not connected', name: 'ServiceUnavailable' })
  const at = call.query.get('force') === 'true' ? Math.floor(now / 1000) * 1000 : Math.floor(now / 300_000) * 300_000
  return picture(call, camera, channel, at)
}

/** A picture of the archive: the last key picture before the moment. */
export function recordingSnapshot(call: Call, id: string): Promise<void> {
  const { console, query } = call
  const camera = console.camera(id)
  const at = wholeNumber(query.get('ts'))
  if (!camera) return notFound(call)
  if (mayNot(call, camera)) return sendJson(call, 403, { error: 'Forbidden', name: 'ForbiddenError' })
  if (Number.isNaN(at)) return sendJson(call, 400, { error: "Invalid 'ts'", name: 'BadRequestError' })
  const there = existing(camera, console.clock.now()).some(({ start, end }) => start <= at && at < end)
  if (!there) return notFound(call)
  const { highStart } = edges(camera, console.clock.now())
  const low = highStart === null || at < highStart
  return picture(call, camera, query.get('lens') === '2' ? 3 : low ? 2 : 0, floorToGrid(at))
}

/** 404 until the event has ended, and for an id with its `e-` before it. */
export function thumbnail(call: Call, id: string): Promise<void> {
  const event = eventOf(call.console, id)
  const camera = call.console.camera(event?.camera)
  if (!event || !camera || event.end === null || event.end > call.console.clock.now()) return notFound(call)
  return picture(call, camera, 2, event.start)
}

function picture(call: Call, camera: WorldCamera, channelId: number, at: number): Promise<void> {
  const channel = camera.channels.find(({ id }) => id === channelId)
  if (!channel) return notFound(call)
  const { snapshotForm } = call.console.switches
  if (snapshotForm === 'json') return sendJson(call, 200, { error: 'Snapshot failed' })
  if (snapshotForm === 'html') return sendHtml(call, 200, nginxPage('Welcome'))
  const asked = (name: string, initial: number) => {
    const value = wholeNumber(call.query.get(name))
    return value >= 16 && value <= 1920 ? value : initial
  }
  const size = { width: asked('w', channel.width), height: asked('h', channel.height) }
  const body = jpeg({ ...size, seed: `${camera.spec.id} ${channelId} ${at}` }).bytes()
  return call.exchange.reply(200, { headers: { 'Content-Type': 'image/jpeg' }, body })
}
