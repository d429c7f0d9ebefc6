import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { disk, type TimeWindow } from '@cam/download-core'
import type { Media } from '@cam/samsara'
import type { PieceNote } from '@cam/video-merge'
import { writeWhole } from './whole-file.ts'

/** What a film is of. Two with the same are one film, made again. */
export interface Subject {
  /** '' where only its name is known. */
  readonly vehicleId: string
  readonly vehicle: string
  readonly media: Media
  /** An angle, `side-by-side` or `missing`. */
  readonly what: string
  readonly window: TimeWindow
  /** Somebody asked for this window; else it is as long as there is footage. */
  readonly asked: boolean
}

/** A file of ours, by its name in its folder. */
export interface OwnFile {
  readonly name: string
  readonly bytes: number
}

/** A film that was made, and out of what. */
export interface Entry extends Subject {
  /** The same while nothing that it is made of has changed. */
  readonly key: string
  readonly files: readonly OwnFile[]
  /** What was about to take its place when this was written: ours, too, if it is there. */
  readonly next?: readonly OwnFile[]
  /** How it was made. */
  readonly how: string
  /** What another film can take over of it. */
  readonly pieces?: readonly PieceNote[]
  /** The footage in it. Absent in lists. */
  readonly holds?: readonly Held[]
  /** It holds what the film that came after it lacks, and stays beside it. */
  readonly aside?: boolean
}

/** A stretch of one angle that a film shows. */
export interface Held extends TimeWindow {
  readonly view: string
}

/** What stands in one folder of films is ours, and what it was made of: a small file in `.merging`. */
export interface Journal {
  readonly folder: string
  /** For everything that is not a film yet. */
  readonly workFolder: string
  entries(): readonly Entry[]
  /** The entry that a film of this subject takes the place of. */
  find(subject: Subject): Entry | undefined
  /** Films of it that stay because they hold more. */
  asides(subject: Subject): readonly Entry[]
  /** Replaces an entry, or adds one; durable when it returns. `undefined` as the new one takes it away. */
  put(before: Entry | undefined, after: Entry | undefined): Promise<void>
}

const workFolderName = '.merging'

/** Reads it; there may be none. A damaged one is as none: then what is there is left alone. Writes nothing. */
export async function openJournal(folder: string): Promise<Journal> {
  const workFolder = join(folder, workFolderName)
  const path = join(workFolder, 'journal.json')
  let entries = await read(path)
  return {
    folder,
    workFolder,
    entries: () => entries,
    find: (subject) => best(entries, subject),
    asides: (subject) => alike(entries, subject).filter(({ aside }) => aside),
    async put(before, after) {
      const index = before ? entries.indexOf(before) : -1
      const put = after ? [after] : []
      entries = index < 0 ? [...entries, ...put] : entries.toSpliced(index, 1, ...put)
      await disk.mkdir(workFolder)
      await writeWhole(path, `${JSON.stringify({ v: 1, entries }, undefined, 1)}\n`)
    },
  }
}

/** Of the same, from the same start on. */
function alike(entries: readonly Entry[], subject: Subject): Entry[] {
  return entries.filter(
    ({ vehicleId, vehicle, media, what, window }) =>
      what === subject.what &&
      media === subject.media &&
      (vehicleId === '' || subject.vehicleId === '' ? vehicle === subject.vehicle : vehicleId === subject.vehicleId) &&
      window.start === subject.window.start,
  )
}

/** Same window; or as long as there is footage, from the same start; or a part of what is asked for now. */
function best(entries: readonly Entry[], subject: Subject): Entry | undefined {
  const { end } = subject.window
  const own = alike(entries, subject).filter(({ aside }) => !aside)
  return (
    own.find(({ window }) => window.end === end) ??
    own.find(({ asked }) => !asked && !subject.asked) ??
    own.find(({ window }) => window.end < end)
  )
}

async function read(path: string): Promise<Entry[]> {
  try {
    const said = JSON.parse(await readFile(path, 'utf8')) as { v?: unknown; entries?: unknown } | null
    return said?.v === 1 && Array.isArray(said.entries) ? said.entries.filter(isEntry) : []
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function isEntry(value: unknown): value is Entry {
  const { key, what, vehicle, vehicleId, media, window, files, next, pieces, holds } = Object(value) as Partial<Entry>
  const texts = [key, what, vehicle, vehicleId, media].every((text) => typeof text === 'string')
  const owned = (list: unknown) =>
    Array.isArray(list) &&
    list.every((file) => typeof file?.name === 'string' && !/[/\\]/.test(file.name) && Number.isInteger(file?.bytes))
  const noted = (list: unknown) =>
    Array.isArray(list) && list.every((piece) => typeof piece?.key === 'string' && Number.isInteger(piece?.pictures))
  const held = (list: unknown) =>
    Array.isArray(list) &&
    list.every(({ view, start, end }) => typeof view === 'string' && Number.isFinite(start) && Number.isFinite(end))
  return (
    texts &&
    Number.isFinite(window?.start) &&
    Number.isFinite(window?.end) &&
    owned(files) &&
    owned(next ?? []) &&
    noted(pieces ?? []) &&
    held(holds ?? [])
  )
}
