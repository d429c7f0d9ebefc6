import { join } from 'node:path'
import { disk } from '@cam/download-core'
import type { PieceNote } from '@cam/video-merge'
import { heldText, heldTogether, lackedBy } from './held.ts'
import type { Entry, Held, Journal, OwnFile, Subject } from './journal.ts'
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

/** What is to be published, and how it is spoken of. */
export interface Publishing extends Made {
  readonly key: string
  readonly stem: string
  /** The footage in it. Absent for a list. */
  readonly holds?: readonly Held[]
  readonly timeZone: string
  warn(text: string): void
}

/**
 * Gives finished files their names: those of their entry, or others where something that is not ours has one. What the entry had
 * before and no longer has is taken away, if it still is what we wrote; but a film that shows what the new one lacks stays under its
 * name, beside the new one: clips are deleted once they are merged, and then it is all there is. A crash at any moment leaves old or
 * new files, all known to be ours. Throws DiskError.
 */
export async function publish(journal: Journal, subject: Subject, what: Publishing): Promise<readonly OwnFile[]> {
  const { folder } = journal
  const { key, how, pieces, holds, warn } = what
  const { before, stays, gone } = await replaced(journal, subject, what)
  const old = (await Promise.all([before, ...gone].map((entry) => ownThere(folder, entry)))).flat()
  const files: { from: string; name: string; bytes: number }[] = []
  for (const { path, ending } of what.files) {
    await makeDurable(path)
    files.push({ from: path, name: ending, bytes: (await disk.stat(path))!.bytes })
  }
  for (let number = 1; number <= mostNames; number++) {
    const stem = number === 1 ? what.stem : `${what.stem} (${number})`
    const named = files.map((file) => ({ ...file, name: `${stem}${file.name}` }))
    const taken = await firstTaken(folder, named, old, journal, [before, ...gone])
    if (taken !== undefined) {
      if (!taken.ours) warn(`${join(folder, taken.name)} is there already and was not made here; it is left alone.`)
      continue
    }
    const next = named.map(({ name, bytes }) => ({ name, bytes }))
    // What the files that are still there hold, as long as they are.
    const held = holds && heldTogether([before, ...gone].map((entry) => entry?.holds ?? []))
    const announced: Entry = { ...subject, key: '', files: old, next, how, ...(held ? { holds: held } : {}) }
    await journal.put(before, announced)
    for (const entry of gone) await journal.put(entry, undefined)
    for (const { from, name } of named) {
      const to = join(folder, name)
      if (old.some((file) => file.name === name)) await disk.rename(from, to)
      else if (!(await renameUnlessThere(from, to))) throw new Error(`${to} appeared while it was being made.`)
    }
    await disk.syncFolder(folder)
    for (const { name } of old) if (!next.some((file) => file.name === name)) await disk.remove(join(folder, name))
    const made = { ...subject, key, files: next, how }
    await journal.put(announced, { ...made, ...(pieces ? { pieces } : {}), ...(holds ? { holds } : {}) })
    for (const { name, lacks } of stays) {
      const text = `${join(folder, name)} stays as it is: it shows what there is no clip of any more (${heldText(lacks, what.timeZone)}).`
      warn(`${text} What is there now is in ${next.map((file) => file.name).join(', ')}.`)
    }
    return next
  }
  throw new Error(`There are ${mostNames} files called ${join(folder, what.stem)}.`)
}

/** Which films a new one takes the place of, and which it may not, because it lacks something of theirs. */
async function replaced(journal: Journal, subject: Subject, { holds }: Pick<Publishing, 'holds'>) {
  const stays: { readonly name: string; readonly lacks: readonly Held[] }[] = []
  const gone: Entry[] = []
  let before = journal.find(subject)
  for (const entry of [...journal.asides(subject), ...(before ? [before] : [])]) {
    const [own] = await ownThere(journal.folder, entry)
    const lacks = own && holds ? lackedBy(holds, entry.holds ?? []) : []
    if (own && lacks.length > 0) {
      stays.push({ name: own.name, lacks })
      if (entry !== before) continue
      await journal.put(entry, { ...entry, aside: true })
      before = undefined
    } else if (entry !== before) gone.push(entry)
  }
  return { before, stays, gone }
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
  replaced: readonly (Entry | undefined)[],
): Promise<{ readonly name: string; readonly ours: boolean } | undefined> {
  const others = journal.entries().filter((entry) => !replaced.includes(entry))
  for (const { name } of wanted) {
    if (old.some((file) => file.name === name)) continue
    // Of another film, and so even where it is gone for now.
    const ours = others.some(({ files }) => files.some((file) => file.name === name))
    if (ours || (await disk.lstat(join(folder, name)))) return { name, ours }
  }
  return undefined
}
