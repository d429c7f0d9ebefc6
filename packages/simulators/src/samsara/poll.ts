import { apiError, type Call, sendJson } from './call.ts'
import { errorOf, failed } from './failing.ts'
import { footageOf } from './footage.ts'
import type { Item } from './orders.ts'
import { cameraOf, writeMoment } from './world.ts'

/** GET /cameras/media/retrieval */
export async function poll(call: Call): Promise<void> {
  const { cloud, query, exchange } = call
  const { switches, clock, orders } = cloud
  const id = query.get('retrievalId')
  if (id === null) return apiError(call, 400, "Missing parameter 'retrievalId'.")
  const found = orders.find(id)
  if (!found || clock.now() >= found.order.acceptedAt + switches.retrievalTtl) return errorOf(call, 404)
  if (found.items.some(({ vehicle, input, window }) => cloud.suffers(vehicle, input, window.start)))
    if (await failed(call, 'pollFailN', id)) return
  if (switches.pollMs > 0) await clock.wait(switches.pollMs, exchange.gone).catch(() => {})
  if (found.endTold) orders.pollsAfterEnd++
  const told = found.items.map((item) => ({ item, status: orders.look(item, 'poll') }))
  // Nothing came of it, and the client knows.
  found.endTold = told.every(({ status }) => status !== 'waiting' && status !== 'available')
  if (found.polls++ < switches.emptyPolls) return sendJson(call, 200, { data: { media: [] } })
  const media = told.flatMap(({ item, status }) => {
    const row = status === 'available' ? availableRow(call, item) : rowOf(call, item, status)
    const footage = footageOf(item, cloud.means, true)
    return footage.is === 'there' && footage.clip.twice ? [row, row] : [row]
  })
  return sendJson(call, 200, { data: { media } })
}

function rowOf({ cloud }: Call, item: Item, status: string) {
  const { vehicle, input, mediaType, window } = item
  const footage = footageOf(item, cloud.means, true)
  const word = (footage.is === 'there' ? footage.clip.word : undefined) ?? cloud.switches.pendingWord
  const camera = cameraOf(vehicle, input)
  return {
    ...{ vehicleId: vehicle.spec.id, input, mediaType, status: status === 'waiting' ? word : status },
    ...{ startTime: writeMoment(window.start), endTime: writeMoment(window.end) },
    ...(camera?.role === undefined ? {} : { cameraRole: camera.role, auxcamSerial: camera.auxcamSerial }),
    ...(cloud.switches.extraFields ? { deviceState: { uplink: 'cellular' } } : {}),
  }
}

function availableRow(call: Call, item: Item) {
  const { cloud } = call
  const { switches } = cloud
  const row = rowOf(call, item, 'available')
  const footage = footageOf(item, cloud.means, true)
  if (footage.is === 'missing') return row
  const { shows, clip } = footage
  const times =
    switches.itemTimes === 'delivered' && item.mediaType !== 'image'
      ? { startTime: writeMoment(shows.start), endTime: writeMoment(shows.end) }
      : {}
  const withoutUrl = item.told++ < (clip.withoutUrl ?? 0)
  return {
    ...row,
    ...times,
    availableAtTime: writeMoment(item.doneAt!),
    ...(withoutUrl ? {} : { urlInfo: urlInfoOf(call, item) }),
  }
}

/** A URL that was signed for this reply. */
export function urlInfoOf({ cloud }: Call, asked: Parameters<typeof cloud.signatures.sign>[0]) {
  const { url, expiresAt } = cloud.signatures.sign(asked)
  return { url, ...(cloud.switches.urlExpiryStated ? { urlExpiryTime: writeMoment(expiresAt) } : {}) }
}
