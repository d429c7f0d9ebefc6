import type { Camera, Facts } from '@cam/download-core/source'
import { at, identifier, isObject, word } from './fields.ts'

/** A vehicle, and the words that stand for it. */
export interface Vehicle {
  readonly camera: Camera
  /** VIN, serials and external ids, in lower case. */
  readonly words: ReadonlySet<string>
}

const mostExternalIds = 50

/** Reads one vehicle, or says what is wrong with it. Which cameras it has nobody says. PROTOCOL.md §2. */
export function readVehicle(value: unknown): Vehicle | { readonly problem: string } {
  const id = identifier(at(value, 'id'))
  if (id === undefined) return { problem: 'has no readable id' }
  const name = word(at(value, 'name')) ?? ''
  const facts: Record<string, string | number | boolean> = {}
  const tell = (fact: string, found: unknown) => {
    const text = word(found)
    if (text !== undefined) facts[fact] = text
    return text
  }
  const vin = tell('vin', at(value, 'vin'))
  const serial = tell('serial', at(value, 'serial'))
  tell('licensePlate', at(value, 'licensePlate'))
  const gateway = tell('gatewaySerial', at(value, 'gateway', 'serial'))
  const camera = tell('cameraSerial', at(value, 'cameraSerial'))
  const words = new Set([vin, serial, gateway, camera].flatMap((one) => one?.toLowerCase() ?? []))
  const external = at(value, 'externalIds')
  for (const [key, found] of isObject(external) ? Object.entries(external).slice(0, mostExternalIds) : []) {
    const text = word(found)
    if (text === undefined) continue
    words.add(text.toLowerCase()).add(`${key}:${text}`.toLowerCase())
  }
  return { camera: { id, name, state: 'unknown', ...(hasAny(facts) && { facts }) }, words }
}

function hasAny(facts: Facts): boolean {
  return Object.keys(facts).length > 0
}
