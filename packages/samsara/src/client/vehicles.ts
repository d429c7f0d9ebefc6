import type { Camera } from '@cam/download-core/source'
import { unreadable } from '../failures.ts'
import type { Settings } from '../options.ts'
import { readVehicle, type Vehicle } from '../wire/vehicle.ts'
import { type Api, endpoints } from './api.ts'
import { entries } from './lists.ts'

const mostNamed = 50

/**
 * The organisation's vehicles, or those that `vehicles` names. An entry that cannot be read is one as well, so that it is not left
 * out in silence. Throws RangeError for a word that fits no vehicle, or several.
 */
export async function listVehicles(api: Api, settings: Settings, signal: AbortSignal): Promise<Camera[]> {
  const found = new Map<string, Vehicle>()
  let position = 0
  for await (const entry of entries(api, endpoints.vehicles, { limit: '512' }, [], signal)) {
    position++
    const read = readVehicle(entry)
    if (!('problem' in read)) {
      found.set(read.camera.id, read)
      continue
    }
    const id = `unreadable-${position}`
    const camera: Camera = { id, name: id, state: 'unknown', facts: { problem: read.problem } }
    found.set(id, { camera, words: new Set() })
  }
  const all = [...found.values()]
  if (!settings.vehicles) return all.map(({ camera }) => camera)
  return [...new Set(settings.vehicles.map((word) => theOne(word, all).camera))]
}

/** Throws what is wrong with a vehicle that was listed for its problem alone. */
export function refuseUnreadable({ id, facts }: Camera): void {
  if (!/^unreadable-\d{1,7}$/.test(id) || facts?.problem === undefined) return
  throw unreadable(`Entry ${id.slice('unreadable-'.length)} of the list of vehicles`, `it ${facts.problem}`)
}

/** An id is nobody else's; anything else may stand for several vehicles, and then nobody knows which is meant. */
function theOne(word: string, all: readonly Vehicle[]): Vehicle {
  const wanted = word.trim().toLowerCase()
  const byId = all.find(({ camera }) => camera.id === word.trim())
  if (byId) return byId
  const fits = all.filter(({ camera, words }) => camera.name.toLowerCase() === wanted || words.has(wanted))
  if (fits.length === 1) return fits[0]!
  const shown = JSON.stringify(word)
  if (fits.length > 1) {
    throw new RangeError(
      `vehicles: ${shown} stands for ${fits.length} vehicles: ${list(fits)}. Say which by its id, or by its VIN or serial.`,
    )
  }
  throw new RangeError(`vehicles: no vehicle is ${shown}; there are ${list(all) || 'none that this token may see'}.`)
}

function list(vehicles: readonly Vehicle[]): string {
  const names = vehicles.slice(0, mostNamed).map(({ camera: { id, name, facts } }) => {
    const more = [id, facts?.vin && `VIN ${facts.vin}`, facts?.serial && `serial ${facts.serial}`].filter(Boolean)
    return name ? `${name} (${more.join(', ')})` : more.join(', ')
  })
  const rest = vehicles.length - names.length
  return `${names.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}
