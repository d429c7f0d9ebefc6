import type { Footage } from './footage.ts'
import { fromLedger, type Gathered } from './from-ledger.ts'
import { type Destination, mergeVehicle } from './merge-vehicle.ts'
import { beginMerging, type Merging } from './merging.ts'
import type { MergeFootageOptions, MergeResult, Vehicle } from './types.ts'

/**
 * Joins the clips of each vehicle and angle in the order of time, whichever run fetched them, and puts the angles beside each other.
 * Where nothing changed since the last call nothing is done. Throws the signal's reason, and what keeps it from reading the ledger;
 * whatever else goes wrong is in the result, and no clip is ever touched.
 */
export async function mergeFootage(options: MergeFootageOptions): Promise<MergeResult> {
  const { ledger, root, sourceId, cameras, window, signal } = options
  signal?.throwIfAborted()
  const merging = beginMerging(options)
  const gathered = await fromLedger({ ledger, root, sourceId, cameras, window, signal })
  await mergeGathered(gathered, { root, seedNames: options.seedNames ?? false }, window, merging)
  return merging.result()
}

/** Merges what was found, vehicle by vehicle. */
export async function mergeGathered(
  { footage, unusable, vehicles }: Gathered,
  to: Pick<Destination, 'root' | 'seedNames' | 'folder'>,
  window: MergeFootageOptions['window'],
  merging: Merging,
): Promise<void> {
  for (const one of unusable) merging.unusable(one)
  for (const one of footage) {
    const { id, name } = one.vehicle
    const label = sharesName(one, vehicles) ? `${name} (${id})` : name
    await mergeVehicle(one, { ...to, label }, window, merging)
  }
}

/** Names of vehicles are not unique. */
function sharesName({ vehicle }: Footage, all: readonly Vehicle[]): boolean {
  const fold = (name: string) => name.trim().toLowerCase()
  return all.some(({ id, name }) => id !== vehicle.id && fold(name) === fold(vehicle.name))
}
