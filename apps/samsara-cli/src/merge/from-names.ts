import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TimeWindow } from '@cam/download-core'
import { type NamedClip, readClipName } from './clip-names.ts'
import { type Clip, type Footage, isUnusable, readClip } from './footage.ts'
import { openJournal } from './journal.ts'
import type { Unusable } from './types.ts'

/** The clips of one vehicle, and where its films go. */
interface NamedFootage extends Footage, Pick<NamedClip, 'root' | 'folder' | 'seedNames'> {}

/** What lies in a folder. */
export interface FromNames {
  readonly footage: readonly NamedFootage[]
  readonly unusable: readonly Unusable[]
  /** Films whose names say nothing to us. */
  readonly strangers: readonly string[]
  /** Folders that were not looked into: too deep, or not readable. */
  readonly unseen: readonly string[]
}

const deepest = 8
const most = 200_000

/** Finds clips by their names. Clips are read, and never touched. Throws the signal's reason, and what keeps it from reading `root`. */
export async function fromNames(
  root: string,
  timeZone: string,
  window: TimeWindow | undefined,
  signal: AbortSignal,
): Promise<FromNames> {
  const found = new Map<string, NamedFootage & { clips: Clip[]; holes: Footage['holes'][number][] }>()
  const unusable: Unusable[] = []
  const strangers: string[] = []
  const unseen: string[] = []
  for await (const path of videosIn(root, unseen, signal)) {
    const named = readClipName(path, timeZone)
    if (!named || named.media === 'image') {
      strangers.push(path)
      continue
    }
    if (window && (named.start >= window.end || named.start + longestMs(named) <= window.start)) continue
    const { vehicle, media, view, start, seedNames, folder } = named
    const key = JSON.stringify([folder, vehicle, media])
    const place = { root: named.root, seedNames, ...(folder === undefined ? {} : { folder }) }
    const begun = {
      ...place,
      vehicle: { id: '', name: vehicle },
      timeZone: named.timeZone,
      media,
      clips: [],
      holes: [],
    }
    const one = found.get(key) ?? begun
    found.set(key, one)
    const clip = await readClip({ path, view, start }, signal)
    if (!isUnusable(clip)) one.clips.push(clip)
    else {
      unusable.push({ ...clip, vehicle: one.vehicle })
      one.holes.push({ view, window: { start, end: start + 60_000 }, because: 'unreadable', reason: clip.reason })
    }
  }
  return { footage: [...found.values()], unusable, strangers, unseen }
}

function longestMs({ media }: NamedClip): number {
  return media === 'highres' ? 60_000 : 40 * 60_000
}

/** MP4 files below a folder, but no hidden ones, and no films of ours. */
async function* videosIn(root: string, unseen: string[], signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const folders: { path: string; depth: number }[] = [{ path: root, depth: 0 }]
  let seen = 0
  for (let folder = folders.shift(); folder; folder = folders.shift()) {
    signal.throwIfAborted()
    const entries = await entriesOf(folder.path, folder.depth > 0)
    if (!entries || folder.depth > deepest || seen > most) {
      unseen.push(folder.path)
      continue
    }
    const own = (await openJournal(folder.path)).entries().flatMap(({ files, next = [] }) => [...files, ...next])
    const films = new Set(own.map(({ name }) => name))
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry
      const path = join(folder.path, name)
      if (name.startsWith('.')) continue
      seen++
      if (entry.isDirectory()) folders.push({ path, depth: folder.depth + 1 })
      if (entry.isFile() && /\.mp4$/i.test(name) && !films.has(name)) yield path
    }
  }
}

/** Undefined where it cannot be read and `may` be left out. */
async function entriesOf(folder: string, may: boolean) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (may) return undefined
    throw error
  }
}
