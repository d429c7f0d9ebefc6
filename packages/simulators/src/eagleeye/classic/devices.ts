import { type Call, sendJson, sendText } from '../call.ts'
import { fail } from '../failing.ts'
import type { EagleEyeBridgeSpec, WorldCamera } from '../world.ts'

const [registered, on, recording, streaming] = [0x100000, 0x020000, 0x080000, 0x040000]

/** `GET /g/device/list`: bridges and cameras, each a row whose meaning is in the places. */
export async function devices(call: Call): Promise<void> {
  const { cloud, query } = call
  const { devicesFailN, listFailStatus } = cloud.switches
  if (devicesFailN > 0 && cloud.countedBefore('devices') < devicesFailN) return fail(call, listFailStatus)
  const { accountId, bridges } = cloud.world
  const rows = [
    ...bridges.map((one) => bridgeRow(accountId, one)),
    ...cloud.cameras.map((one) => cameraRow(accountId, one)),
  ]
  const wanted = (name: string, place: number) => (row: readonly unknown[]) =>
    query.get(name) === undefined || row[place] === query.get(name)
  const found = rows.filter(wanted('e', 1)).filter(wanted('n', 2)).filter(wanted('t', 3)).filter(wanted('s', 5))
  return sendJson(call, 200, found)
}

/** `GET /g/device`: one camera as an object. */
export async function device(call: Call): Promise<void> {
  const id = call.query.get('id')
  if (id === undefined) return sendText(call, 400, 'Bad Request')
  const camera = call.cloud.camera(id)
  if (!camera) return sendText(call, 404, 'Not Found')
  const { spec, bridge } = camera
  return sendJson(call, 200, {
    ...{
      id,
      name: spec.name,
      account_id: call.cloud.world.accountId,
      type: 'camera',
      bridges: { [bridge.id]: 'ATTD' },
    },
    ...{ camera_info_status_code: 200, timezone: spec.timeZone ?? 'America/Chicago', utcOffset: -21_600, tags: [] },
  })
}

function bridgeRow(accountId: string, { id, name, online = true }: EagleEyeBridgeSpec): unknown[] {
  const status = online ? registered | on : on
  const known: Record<number, unknown> = {
    0: accountId,
    1: id,
    2: name,
    3: 'bridge',
    4: null,
    5: 'ATTD',
    10: status,
    15: 0,
  }
  return Array.from({ length: 27 }, (_, place) => (place in known ? known[place] : ''))
}

function cameraRow(accountId: string, { spec, bridge, index }: WorldCamera): unknown[] {
  const { id, name, serviceStatus = 'ATTD', shared = false, online = true, timeZone = 'America/Chicago' } = spec
  const attached = serviceStatus === 'ATTD'
  const status = attached ? on | (online ? registered | recording | streaming : 0) : registered | 0x200
  const length = spec.rowLength ?? 27 + (index % 3)
  const row: unknown[] = [
    ...[accountId, id, name, 'camera', attached ? [[bridge.id, 'ATTD']] : [], serviceStatus, 'swr', []],
    ...[`44ca3c5e-9a05-11e4-a4a0-${id.padStart(12, '0')}`, `SN${id}`, status, timeZone, -21_600, 0],
    ...['*10.143.236.236,169.254.16.149', shared ? 1 : 0, shared ? 'Another Account' : 'Own Account', false, '', ''],
    ...[[null, null, 0, null, null, null, ''], '', '', 0, [], 0, []],
  ]
  // Rows of 28 end in a time, where longer ones hold what was discovered.
  if (length === 28) row.push('20190503182953.000')
  if (length > 28) row.push({ state: 'attached' }, 0)
  return row.slice(0, length)
}
