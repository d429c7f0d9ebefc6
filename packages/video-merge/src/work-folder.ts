import { createHash, randomBytes } from 'node:crypto'
import { realpath, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DiskError, disk } from '@cam/download-core'
import { MergeError } from './errors.ts'

/** The dot-folder beside a target, in which everything is made before it gets its name. */
export interface WorkFolder {
  readonly path: string
  readonly target: string
  /** A path inside it. */
  file(name: string): string
  /** A path inside it that no other call takes: what gets its name is not to be written to by anybody else. */
  own(name: string): string
  /** Makes a finished file durable and gives it its final name: the target's, or another in the same folder. */
  publish(from: string, to?: string): Promise<void>
  /** Throws MergeError `FILE_EXISTS` where `publish` would. */
  check(to: string): Promise<void>
  /** Removes the folder and all that is in it. */
  remove(): Promise<void>
  /** Removes it only if it holds nothing that a later call could use. */
  removeIfEmpty(): Promise<void>
}

/**
 * Opens the folder for `into`. Throws MergeError `FILE_EXISTS` where the target is there already and is not to be replaced, or is
 * one of the inputs; DiskError where the place cannot be written to or has no room for `needsBytes`.
 */
export async function openWorkFolder(
  into: string,
  options: { readonly overwrite?: boolean; readonly inputs: readonly string[]; readonly needsBytes: number },
): Promise<WorkFolder> {
  const target = resolve(into)
  const overwrite = options.overwrite ?? false
  const check = async (to: string) => {
    const found = await disk.lstat(to)
    if (!found) return
    const real = await realpath(to).catch(() => to)
    const inputs = await Promise.all(options.inputs.map((path) => realpath(path).catch(() => resolve(path))))
    if (inputs.includes(real))
      throw exists(to, 'It is one of the inputs, which are never written to: choose another name.')
    if (found.kind === 'folder') throw exists(to, 'It is a folder: choose another name.')
    if (!overwrite) throw exists(to, 'Choose another name, move it away, or allow it to be replaced.')
  }
  await check(target)
  const { freeBytes } = await disk.space(dirname(target))
  if (freeBytes < options.needsBytes)
    throw new DiskError(
      `Cannot write ${target}: it takes about ${megabytes(options.needsBytes)} and ${megabytes(freeBytes)} are free. Free some space and run again; no input was touched.`,
      { code: 'DISK_FULL' },
    )
  const path = join(dirname(target), folderName(basename(target)))
  await disk.mkdir(path)
  return {
    path,
    target,
    file: (name) => join(path, name),
    own: (name) => join(path, `${randomBytes(4).toString('hex')}-${name}`),
    check,
    async publish(from, to = target) {
      await check(to)
      await makeDurable(from)
      if (overwrite) await disk.rename(from, to)
      else await renameUnlessThere(from, to)
      await disk.syncFolder(dirname(to))
    },
    removeIfEmpty: () => rmdir(path).catch(() => {}),
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** Flushes a file to the disk. */
export async function makeDurable(path: string): Promise<void> {
  const file = await disk.open(path, 'read-write')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function exists(path: string, advice: string): MergeError {
  return new MergeError(`${path} is there already.`, { code: 'FILE_EXISTS', advice, path })
}

/** Systems refuse names of more than 255 bytes. */
function folderName(name: string): string {
  if (Buffer.byteLength(name) <= 200) return `.${name}.merge`
  return `.${createHash('sha256').update(name).digest('hex').slice(0, 32)}.merge`
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await disk.link(from, to)
    await disk.remove(from)
  } catch (error) {
    // Not every file system has hard links.
    if (await disk.lstat(to)) throw exists(to, 'Something took its place meanwhile. Choose another name.')
    if (!(error instanceof DiskError)) throw error
    await disk.rename(from, to)
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`
}
