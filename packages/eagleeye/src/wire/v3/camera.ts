import type { Camera, Facts } from '@cam/download-core/source'
import { at, identifier, word } from './fields.ts'

/** An entry of the list of cameras that names nothing to ask for. */
interface UnreadableCamera {
  readonly problem: string
}

/** Beside what every camera has. PROTOCOL.md §2.4. */
export const cameraIncludes = 'status,timeZone,effectivePermissions,shareDetails'

/** One camera in the core's words, and the account it belongs to. */
export interface ListedCamera {
  readonly camera: Camera
  readonly accountId?: string
}

/** Reads one entry of `GET /cameras`. */
export function readCamera(value: unknown): ListedCamera | UnreadableCamera {
  const id = identifier(at(value, 'id'))
  if (id === undefined) return { problem: 'has no readable id' }
  const accountId = identifier(at(value, 'accountId'))
  const timeZone = zoneOf(at(value, 'timeZone', 'zone'))
  const connection = word(at(value, 'status', 'connectionStatus'))
  const facts = stated({
    bridge: identifier(at(value, 'bridgeId')),
    connection,
    downloadVideo: at(value, 'effectivePermissions', 'downloadVideo'),
    viewHistoricVideo: at(value, 'effectivePermissions', 'viewHistoricVideo'),
    shared: at(value, 'shareDetails', 'shared'),
  })
  return {
    camera: {
      id,
      name: word(at(value, 'name')) ?? '',
      state: stateOf(connection),
      ...(timeZone !== undefined && { timeZone }),
      ...(Object.keys(facts).length > 0 && { facts }),
    },
    ...(accountId !== undefined && { accountId }),
  }
}

function stateOf(connection: string | undefined): NonNullable<Camera['state']> {
  if (connection === undefined || connection === 'unknown') return 'unknown'
  return connection === 'online' ? 'online' : 'offline'
}

function zoneOf(value: unknown): string | undefined {
  const zone = word(value)
  try {
    return zone === undefined ? undefined : new Intl.DateTimeFormat('en', { timeZone: zone }) && zone
  } catch {
    return undefined
  }
}

function stated(values: Record<string, unknown>): Facts {
  const known = Object.entries(values).filter(([, value]) => typeof value === 'string' || typeof value === 'boolean')
  return Object.fromEntries(known) as Facts
}
