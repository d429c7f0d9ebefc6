import { identifier, word } from './fields.ts'

/** A camera of the device list. */
export interface DeviceRow {
  /** The camera's ESN. */
  readonly id: string
  /** Not unique; may be empty. */
  readonly name: string
  /** ATTD, IGND, IDLE or ERSE, as the row has it. */
  readonly service?: string
  readonly state: 'online' | 'offline' | 'unknown'
  readonly timeZone?: string
  readonly shared: boolean
}

/** A row that names nothing that could be asked for. */
export interface UnreadableRow {
  readonly position: number
  readonly problem: string
}

/** True for a row that can be asked for. */
export function isReadable(row: DeviceRow | UnreadableRow): row is DeviceRow {
  return !('problem' in row)
}

const [registered, on] = [0x100000, 0x020000]

/**
 * Reads a row by its places; rows have 27, 28 or 29 elements, and what comes behind the known ones is ignored. PROTOCOL.md §1.3.
 * Undefined for bridges, which have no footage of their own.
 */
export function readDeviceRow(value: unknown, position: number): DeviceRow | UnreadableRow | undefined {
  if (!Array.isArray(value)) return { position, problem: 'is no list of fields' }
  if (value.length < 4) return { position, problem: 'ends before it says what it is' }
  // Views of a multi-lens camera and whatever comes later are cameras too: only a bridge certainly is none.
  if (value[3] === 'bridge') return undefined
  const id = identifier(value[1])
  if (id === undefined) return { position, problem: 'has no usable id' }
  const service = word(value[5])
  const zone = word(value[11])
  return {
    id,
    name: word(value[2]) ?? '',
    state: stateOf(value[10], service),
    shared: value[15] === 1 || value[15] === true || value[15] === '1',
    ...(service !== undefined && { service }),
    ...(zone !== undefined && isZone(zone) && { timeZone: zone }),
  }
}

function stateOf(status: unknown, service: string | undefined): DeviceRow['state'] {
  const bits = typeof status === 'string' && /^\d{1,10}$/.test(status) ? Number(status) : status
  // Unattached cameras have other bits.
  if (typeof bits !== 'number' || !Number.isSafeInteger(bits) || service !== 'ATTD') return 'unknown'
  // Beyond 32 bits the operators below would see another number.
  const low = bits % 0x1_0000_0000
  return (low & on) !== 0 && (low & registered) !== 0 ? 'online' : 'offline'
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
