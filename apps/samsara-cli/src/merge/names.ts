import { join } from 'node:path'
import { localTime } from '@cam/cli-kit'
import { type EpochMs, safeName } from '@cam/download-core'
import type { Media } from '@cam/samsara'

/** What a merged file is called by. */
export interface FilmName {
  readonly root: string
  /** The vehicle's name; '' where nobody knows it. */
  readonly vehicle: string
  readonly media: Media
  readonly start: EpochMs
  readonly timeZone: string
  readonly seedNames: boolean
  /** An angle, `side-by-side` or `missing`. */
  readonly what: string
}

/** A folder, and a name in it without its extension. */
export interface Place {
  readonly folder: string
  readonly stem: string
}

/** Where a film goes: `Truck 12/merged/2025-04-16_13-30-00-0500_road`, or as the tool that this one follows has it. */
export function placeFor({ root, vehicle, media, start, timeZone, seedNames, what }: FilmName): Place {
  const kind = media === 'highres' ? [] : [media]
  const local = localTime(start, timeZone)
  if (!seedNames) {
    const moment = local
      .replace('T', '_')
      .replaceAll(':', '-')
      .replace(/-(\d\d)$/, '$1')
    const folder = join(root, ...(vehicle === '' ? [] : [safeName(vehicle)]), 'merged')
    return { folder, stem: safeName([moment, ...kind, what].join('_')) }
  }
  const words = what === 'missing' ? ['Merged'] : [seedWord(what), 'Merged']
  const tail = what === 'missing' ? ['missing'] : []
  const named = vehicle === '' ? [] : [vehicle]
  return {
    folder: join(root, 'Videos'),
    stem: safeName([...words, ...named, local.replaceAll(':', '_'), ...kind, ...tail].join('_')),
  }
}

/** `Road`, `Driver`, `Analog`, `Analog2`, `RearHigh`, `SideBySide`. */
function seedWord(what: string): string {
  if (what === 'analog1') return 'Analog'
  return what.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase())
}

/** The angle that such a word names. */
export function viewOfSeedWord(word: string): string {
  return word === 'Analog' ? 'analog1' : word.charAt(0).toLowerCase() + word.slice(1)
}

/** Where nobody says in which zone people read. */
export function systemZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC'
}
