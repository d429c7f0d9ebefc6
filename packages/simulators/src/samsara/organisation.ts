import { apiError, type Call, readMoment, sendJson } from './call.ts'
import { pageOf } from './paging.ts'
import { writeMoment } from './world.ts'

/** GET /me */
export function organisation(call: Call): Promise<void> {
  const { orgId, orgName } = call.cloud.world
  return sendJson(call, 200, { data: { id: orgId, name: orgName } })
}

const perPage = 100

/** GET /trips/stream: a trip is what was recorded in one go. */
export async function trips(call: Call): Promise<void> {
  const { query, cloud } = call
  const ids = query.getAll('ids').flatMap((one) => one.split(','))
  const start = readMoment(query.get('startTime'))
  const end = query.has('endTime') ? readMoment(query.get('endTime')) : Number.POSITIVE_INFINITY
  if (ids.length === 0 || ids.length > 50 || Number.isNaN(start) || Number.isNaN(end))
    return apiError(call, 400, 'Invalid value for parameter.')
  const all = ids
    .flatMap((id) => {
      const vehicle = cloud.vehicle(id)
      return (vehicle?.spec.recorded ?? []).map((trip) => ({ id: vehicle!.spec.id, trip }))
    })
    .filter(({ trip }) => start <= trip.start && trip.start < end)
  const page = await pageOf(call, all, perPage)
  if (!page) return
  const data = page.results.map(({ id, trip }) => ({
    ...{ asset: { id }, completionStatus: 'completed' },
    ...{ tripStartTime: writeMoment(trip.start), tripEndTime: writeMoment(trip.end) },
  }))
  return sendJson(call, 200, { data, pagination: page.pagination })
}
