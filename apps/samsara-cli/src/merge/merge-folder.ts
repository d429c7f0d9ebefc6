import { join } from 'node:path'
import { disk, type TimeWindow } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import type { Footage } from './footage.ts'
import { fromLedger } from './from-ledger.ts'
import { fromNames } from './from-names.ts'
import { mergeGathered } from './merge-footage.ts'
import { mergeVehicle } from './merge-vehicle.ts'
import { beginMerging, type Merging } from './merging.ts'
import { systemZone } from './names.ts'
import type { MergeResult, MergeSettings, Unusable, Vehicle } from './types.ts'

/** Clips that are there already. */
export interface MergeFolderOptions extends MergeSettings {
  /** An archive, or any folder with clips under names that we know. */
  readonly folder: string
  /** Default: all there is. */
  readonly window?: TimeWindow
  /** Names and ids. Default: all. */
  readonly vehicles?: readonly string[]
}

/**
 * Merges what lies in a folder: as its ledger tells, or else as the names of the clips do. Throws the signal's reason, and what
 * keeps it from reading folder or ledger.
 */
export async function mergeFolder(options: MergeFolderOptions): Promise<MergeResult> {
  options.signal?.throwIfAborted()
  const merging = beginMerging(options)
  const isArchive = (await disk.stat(join(options.folder, '.cam', 'ledger.sqlite'))) !== undefined
  const seen: Vehicle[] = []
  if (!isArchive || !(await mergeArchive(options, merging, seen))) await mergeByNames(options, merging, seen)
  for (const wanted of options.vehicles ?? [])
    if (!seen.some((vehicle) => isWanted(vehicle, { vehicles: [wanted] })))
      merging.tell({ type: 'warning', text: `There is no clip of a vehicle called "${wanted}" there.` })
  return merging.result()
}

/** False where the archive knows no clip. */
async function mergeArchive(options: MergeFolderOptions, merging: Merging, seen: Vehicle[]): Promise<boolean> {
  const { folder: root, window } = options
  const { signal } = merging
  await using ledger = await openLedger(root, { readOnly: true })
  let found = false
  for (const { sourceId, vendor } of await ledger.sources()) {
    if (vendor.toLowerCase() !== 'samsara') continue
    const { footage, unusable, vehicles } = await fromLedger({ ledger, root, sourceId, window, signal })
    seen.push(...vehicles)
    found ||= footage.some(({ clips }) => clips.length > 0)
    for (const seedNames of [true, false]) {
      const own = footage.filter((one) => isWanted(one.vehicle, options) && hasSeedNames(one, options) === seedNames)
      await mergeGathered(
        { footage: own, unusable: seedNames ? [] : unusable.filter(ofWanted(options)), vehicles },
        { root, seedNames },
        window,
        merging,
      )
    }
  }
  return found
}

async function mergeByNames(options: MergeFolderOptions, merging: Merging, seen: Vehicle[]): Promise<void> {
  const { folder, window, timeZone = systemZone() } = options
  const { footage, unusable, strangers, unseen } = await fromNames(folder, timeZone, window, merging.signal)
  if (unseen.length > 0) {
    const text = `${unseen.length} folder(s) were not looked into: too deep, too many, or not readable (${some(unseen)}).`
    merging.tell({ type: 'warning', text })
  }
  if (strangers.length > 0) {
    const text = `${strangers.length} other video(s) are left out: their names do not say vehicle, angle and start (${some(strangers)}).`
    merging.tell({ type: 'info', text })
  }
  for (const one of unusable.filter(ofWanted(options))) merging.unusable(one)
  seen.push(...footage.map(({ vehicle }) => vehicle))
  for (const one of footage) {
    if (!isWanted(one.vehicle, options)) continue
    await mergeVehicle(one, { ...one, label: one.vehicle.name }, window, merging)
  }
}

function some(paths: readonly string[]): string {
  return `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ' …' : ''}`
}

function isWanted({ id, name }: Vehicle, { vehicles = [] }: Pick<MergeFolderOptions, 'vehicles'>): boolean {
  const fold = (text: string) => text.trim().toLowerCase()
  return vehicles.length === 0 || vehicles.some((wanted) => [id, fold(name)].includes(fold(wanted)))
}

/** What is wrong with clips of other vehicles is nobody's business. */
function ofWanted(options: Pick<MergeFolderOptions, 'vehicles'>) {
  return ({ vehicle }: Unusable) => vehicle === undefined || isWanted(vehicle, options)
}

/** Films are called as their clips are. */
function hasSeedNames({ clips }: Footage, { seedNames }: MergeFolderOptions): boolean {
  return seedNames ?? (clips.length > 0 && clips.every(({ path }) => /_VideoClip_[^/\\]*$/.test(path)))
}
