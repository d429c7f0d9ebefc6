import { apiError, type Call, sendJson } from './call.ts'
import { errorOf, failed } from './failing.ts'
import { pageOf } from './paging.ts'
import type { Vehicle } from './world.ts'

/** GET /fleet/vehicles */
export async function vehicles(call: Call): Promise<void> {
  const { cloud, query } = call
  if (await failed(call, 'vehiclesFailN', '')) return
  const limit = Number(query.get('limit') ?? 512)
  if (!Number.isInteger(limit) || limit < 1 || limit > 512)
    return apiError(call, 400, "Invalid value for parameter 'limit'.")
  const page = await pageOf(call, cloud.vehicles, Math.min(limit, cloud.switches.vehiclePageSize))
  if (page) await sendJson(call, 200, { data: page.results.map(written), pagination: page.pagination })
}

/** GET /fleet/vehicles/{id} */
export async function vehicle(call: Call, id: string): Promise<void> {
  const found = call.cloud.vehicle(decodeURIComponent(id))
  return found ? sendJson(call, 200, { data: written(found) }) : errorOf(call, 404)
}

function written({ spec }: Vehicle) {
  const { id, name, vin, serial, licensePlate, cameraSerial, externalIds } = spec
  return {
    ...{ id, name, vin, serial, licensePlate, cameraSerial },
    externalIds: { ...(serial && { 'samsara.serial': serial }), ...(vin && { 'samsara.vin': vin }), ...externalIds },
    ...(serial ? { gateway: { model: 'VG54NA', serial } } : {}),
    ...{ createdAtTime: '2024-02-01T16:20:30Z', updatedAtTime: '2025-04-10T08:00:00.512Z' },
    ...{ tags: [], isRemotePrivacyButtonEnabled: false },
  }
}
