import { join } from 'node:path'
import { disk } from '@cam/download-core'
import type { PieceNote } from '@cam/video-merge'
import type { Entry, Journal, OwnFile, Subject } from './journal.ts'
import { makeDurable, renameUnlessThere } from './whole-file.ts'

/** Files that were made in the work folder, in order; what is behind the stem of each name, with its extension. */
export interface Made {
  readonly files: readonly { readonly path: string; readonly ending: string }[]
  readonly how: string
  readonly pieces?: readonly PieceNote[]
}

const mostNames = 99

/** Whether every file of an entry is there as it was written. */
export async function stands({ folder }: Journal, { files }: Entry): Promise<boolean> {
  for (const file of files) if (!(await isThere(folder, file))) return false
  return files.length > 0
}

/**
 * Gives finished files their names: those of their entry, or others where something that is not ours has one. What the entry had
 * before and no longer has is taken away, if it still is what we wrote. A crash at any moment leaves old or new files, all known
 * to be ours. Throws DiskError.
 */
export async function publish(
  journal: Journal,
  subject: Subject,
  made: Made & { readonly key: string; readonly stem: string },
  warn: (text: string) => void,
): Promise<readonly OwnFile[]> {
  const { folder } = journal
  const before = journal.find(subject)
  const old = await ownThere(folder, before)
  const { key, how, pieces } = made
  const files: { from: string; name: string; bytes: number }[] = []
  for (const { path, ending } of made.files) {
    await makeDurable(path)
    files.push({ from: path, name: ending, bytes: (await disk.stat(path))!.bytes })
  }
  for (let number = 1; number <= mostNames; number++) {
    const stem = number === 1 ? made.stem : `${made.stem} (${number})`
    const named = files.map((file) => ({ ...file, name: `${stem}${file.name}` }))
    const taken = await firstTaken(folder, named, old, journal, before)
    if (taken !== undefined) {
      if (!taken.ours) warn(`${join(folder, taken.name)} is there already and was not made here; it is left alone.`)
      continue
    }
    const next = named.map(({ name, bytes }) => ({ name, bytes }))
    const announced: Entry = { ...subject, key: '', files: old, next, how }
    await journal.put(before, announced)
    for (const { from, name } of named) {
      const to = join(folder, name)
      if (old.some((file) => file.name === name)) await disk.rename(from, to)
      else if (!(await renameUnlessThere(from, to))) throw new Error(`${to} appeared while it was being made.`)
    }
    await disk.syncFolder(folder)
    for (const { name } of old) if (!next.some((file) => file.name === name)) await disk.remove(join(folder, name))
    await journal.put(announced, { ...subject, key, files: next, how, ...(pieces ? { pieces } : {}) })
    return next
  }
  throw new Error(`There are ${mostNames} files called ${join(folder, made.stem)}.`)
}

/** Takes away what an entry has, if it still is what we wrote. */
export async function withdraw(journal: Journal, entry: Entry): Promise<void> {
  for (const { name } of await ownThere(journal.folder, entry)) await disk.remove(join(journal.folder, name))
  await journal.put(entry, undefined)
}

async function ownThere(folder: string, entry: Entry | undefined): Promise<OwnFile[]> {
  const own: OwnFile[] = []
  for (const file of [...(entry?.files ?? []), ...(entry?.next ?? [])])
    if (!own.some(({ name }) => name === file.name) && (await isThere(folder, file))) own.push(file)
  return own
}

async function isThere(folder: string, { name, bytes }: OwnFile): Promise<boolean> {
  const found = await disk.lstat(join(folder, name))
  return found?.kind === 'file' && found.bytes === bytes
}

async function firstTaken(
  folder: string,
  wanted: readonly OwnFile[],
  old: readonly OwnFile[],
  journal: Journal,
  before: Entry | undefined,
): Promise<{ readonly name: string; readonly ours: boolean } | undefined> {
  const others = journal.entries().filter((entry) => entry !== before)
  for (const { name } of wanted) {
    if (old.some((file) => file.name === name)) continue
    // Of another film, and so even where it is gone for now.
    const ours = others.some(({ files }) => files.some((file) => file.name === name))
    if (ours || (await disk.lstat(join(folder, name)))) return { name, ours }
  }
  return undefined
}
