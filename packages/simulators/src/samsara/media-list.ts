import { apiError, type Call, readMoment, sendJson } from './call.ts'
import { failed } from './failing.ts'
import { footageOf } from './footage.ts'
import { arraysRefused, pageOf } from './paging.ts'
import { urlInfoOf } from './poll.ts'
import { listed, type Upload } from './uploads.ts'
import { cameraOf, inputs, type SamsaraInput, type TimeWindow, type Vehicle, writeMoment } from './world.ts'

const day = 24 * 3_600_000

/** GET /cameras/media */
export async function mediaList(call: Call): Promise<void> {
  const { cloud, query } = call
  const { switches } = cloud
  if (await failed(call, 'listFailN', '')) return
  if (await arraysRefused(call, ['inputs', 'mediaTypes', 'triggerReasons'])) return
  const ids = query.getAll('vehicleIds').flatMap((one) => one.split(','))
  const [start, end] = [readMoment(query.get('startTime')), readMoment(query.get('endTime'))]
  const after = query.has('availableAfterTime') ? readMoment(query.get('availableAfterTime')) : Number.NEGATIVE_INFINITY
  const wrong = wrongArgument(call, ids)
  if (wrong !== undefined) return apiError(call, 400, `Invalid value for parameter '${wrong}'.`)
  if ([start, end, after].some(Number.isNaN)) return apiError(call, 400, 'Invalid value for a time.')
  if (end < start || end - start > day) return apiError(call, 400, 'startTime and endTime are at most 24 hours apart.')
  const vehicles = ids.map((id) => cloud.vehicle(id)).filter((one): one is Vehicle => one !== undefined)
  const allows = (name: string, value: string) => !query.has(name) || query.getAll(name).includes(value)
  const rows = listed(cloud, vehicles)
    .filter(({ input, mediaType }) => allows('inputs', input) && allows('mediaTypes', mediaType))
    .filter(({ triggerReason, availableAt }) => allows('triggerReasons', triggerReason) && availableAt > after)
    .filter(({ window }) => isIn(window, { start, end }, switches.listEdges))
    .sort((a, b) => a.window.start - b.window.start || inputs.indexOf(a.input) - inputs.indexOf(b.input))
  const page = await pageOf(call, rows, switches.mediaPageSize)
  if (!page) return
  return sendJson(call, 200, {
    data: { media: page.results.map((one) => rowOf(call, one)) },
    pagination: page.pagination,
  })
}

function wrongArgument({ query, cloud }: Call, ids: readonly string[]): string | undefined {
  if (ids.length === 0 || ids.length > 20 || ids.includes('')) return 'vehicleIds'
  if (query.getAll('inputs').some((one) => !(inputs as readonly string[]).includes(one))) return 'inputs'
  const strict = cloud.switches.listTypes === 'documented'
  const types = strict ? /^(image|videoHighRes)$/ : /^(image|videoHighRes|videoLowRes|hyperlapse)$/
  return query.getAll('mediaTypes').every((one) => types.test(one)) ? undefined : 'mediaTypes'
}

/** An image is at one moment. */
function isIn(media: TimeWindow, { start, end }: TimeWindow, edges: 'overlapping' | 'starting'): boolean {
  if (edges === 'starting') return start <= media.start && media.start < end
  return media.start < end && (media.end > start || media.start === start)
}

/** Only here the windshield's angles have these names. */
const inputNames: Partial<Record<SamsaraInput, string>> = {
  dashcamRoadFacing: 'dashcamForwardFacing',
  dashcamDriverFacing: 'dashcamInwardFacing',
}

function rowOf(call: Call, upload: Upload) {
  const { cloud } = call
  const { vehicle, input, mediaType, window, triggerReason, availableAt, item } = upload
  const footage = footageOf(upload, cloud.means, true)
  const isFilm = footage.is === 'there' && mediaType !== 'image' && cloud.switches.itemTimes === 'delivered'
  const { start, end } = isFilm ? footage.shows : window
  const camera = cameraOf(vehicle, input)
  const { listLag, listWithoutUrl } = cloud.switches
  const withoutUrl = item !== undefined && item.lists <= listLag + listWithoutUrl
  return {
    ...{ vehicleId: vehicle.spec.id, input: inputNames[input] ?? input, mediaType, triggerReason },
    ...{ startTime: writeMoment(start), endTime: writeMoment(end), availableAtTime: writeMoment(availableAt) },
    ...(camera?.role === undefined ? {} : { cameraRole: camera.role, auxCamSerial: camera.auxcamSerial }),
    ...(withoutUrl ? {} : { urlInfo: urlInfoOf(call, { vehicle, input, mediaType, window }) }),
  }
}
