import type { Camera } from '@cam/download-core/source'
import { unreadableCamera, unreadableList } from '../../failures/index.ts'
import type { ClassicSession } from '../../session/classic.ts'
import { type DeviceRow, isReadable, readDeviceRow, type UnreadableRow } from '../../wire/classic/device-row.ts'

const what = 'device list'

/** The account's cameras, bridges left out, each id once. Throws ProtocolError where the list is none. */
export async function listCameras(session: ClassicSession, signal: AbortSignal): Promise<Camera[]> {
  const answer = await session.ask('/g/device/list', {}, signal)
  let json: unknown
  try {
    json = answer.json()
  } catch (error) {
    throw unreadableList(what, 'it is not JSON, or was cut off', error)
  }
  if (!Array.isArray(json)) throw unreadableList(what, 'it is no list')
  const cameras = new Map<string, Camera>()
  for (const [position, row] of json.entries()) {
    const read = readDeviceRow(row, position)
    if (!read) continue
    const camera = toCamera(read)
    if (!cameras.has(camera.id)) cameras.set(camera.id, camera)
  }
  return [...cameras.values()]
}

/** A row that cannot be read is a camera too, so that it is not left out in silence. */
function toCamera(row: DeviceRow | UnreadableRow): Camera {
  if (!isReadable(row)) {
    const id = `unreadable-${row.position + 1}`
    return { id, name: id, state: 'unknown', facts: { problem: row.problem } }
  }
  const { id, name, state, timeZone, service, shared } = row
  return {
    id,
    name,
    state,
    ...(timeZone !== undefined && { timeZone }),
    facts: { ...(service !== undefined && { service }), attached: service !== 'IGND', ...(shared && { shared }) },
  }
}

/** Throws what is wrong with a camera that was listed for its problem alone. */
export function refuseUnreadable({ id, facts }: Camera): void {
  const position = /^unreadable-(\d{1,6})$/.exec(id)?.[1]
  if (position === undefined || facts?.problem === undefined) return
  throw unreadableCamera(Number(position) - 1, String(facts.problem))
}

/** Whether the account has the camera in use. PROTOCOL.md §1.3. */
export function isAttached({ facts }: Camera): boolean {
  return facts?.service !== 'IGND'
}
