import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import { ArchiveMissingError, DiskError } from '../footage/errors.ts'
import { disk } from '../transfer/disk.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import type { ArchiveRegistry } from './options.ts'
import { createSmall, readSmallJson } from './small-file.ts'

/** How an archive's folder is opened. */
export interface OpenFolderOptions {
  /** Default: none, and then a disk that is not mounted cannot be told from a new archive. */
  readonly registry?: ArchiveRegistry
  /** Begin a new archive where the registry knows another. Default false. */
  readonly acceptNewArchive?: boolean
  readonly fileSystem?: FileSystem
  readonly clock?: Clock
}

/** An archive's folder that is there, and that this process may write. */
export interface ArchiveFolder {
  /** Absolute, without symbolic links. */
  readonly root: string
  /** Written into the marker when the archive began; moves with its disk. */
  readonly id: string
  /** Throws ArchiveMissingError once the marker is no longer the one that was opened. */
  check(): Promise<void>
  /** From now on the registry misses this archive when it is gone. Not before there is something to miss. */
  register(): Promise<void>
}

const markerPath = (root: string) => join(root, '.cam', 'archive.json')

/**
 * Opens the archive at `into`, or begins one. Throws ArchiveMissingError where the registry knows an archive that is not
 * there, and DiskError where the folder cannot be written.
 */
export async function openArchiveFolder(into: string, options: OpenFolderOptions = {}): Promise<ArchiveFolder> {
  const { registry, fileSystem = disk, clock = systemClock } = options
  const path = resolve(into)
  const { known, found } = await findArchive(into, options)
  await fileSystem.mkdir(join(path, '.cam', 'parts'))
  await fileSystem.mkdir(join(path, '.cam', 'locks'))
  const root = await fileSystem.realpath(path)
  await tryWriting(fileSystem, root)
  const id = found ?? (await begin(fileSystem, root, clock))
  return {
    root,
    id,
    check: () => checkMarker(fileSystem, root, id),
    register: async () => {
      if (known !== id) await registry?.set(path, id)
    },
  }
}

/** What stands at `into`, and what should. Throws ArchiveMissingError where that is not the same. Writes nothing. */
export async function findArchive(
  into: string,
  { registry, acceptNewArchive = false, fileSystem = disk }: OpenFolderOptions,
): Promise<{ readonly known: string | undefined; readonly found: string | undefined }> {
  const path = resolve(into)
  const known = await registry?.get(path)
  const found = await readMarker(fileSystem, path)
  if (known === undefined || found === known || acceptNewArchive) return { known, found }
  throw new ArchiveMissingError(
    `${path} held an archive when it was last used, and ${
      found === undefined ? 'now it is gone' : 'now there is another one'
    }. Most often its disk is not mounted: mount it and run again. To begin a new archive there, say so with --new-archive.`,
  )
}

/** Opens an archive only to read it. Throws ArchiveMissingError where there is none. */
export async function openExistingFolder(into: string, fileSystem: FileSystem = disk): Promise<ArchiveFolder> {
  const path = resolve(into)
  const id = await readMarker(fileSystem, path)
  if (id === undefined) {
    throw new ArchiveMissingError(
      `There is no archive at ${path}. If it lies on a disk of its own, mount that disk and run again.`,
    )
  }
  const root = await fileSystem.realpath(path)
  return { root, id, check: () => checkMarker(fileSystem, root, id), register: async () => {} }
}

async function begin(fileSystem: FileSystem, root: string, clock: Clock): Promise<string> {
  const id = randomUUID()
  const text = JSON.stringify({ v: 1, id, createdAt: new Date(clock.now()).toISOString() })
  const damaged = (await fileSystem.lstat(markerPath(root))) !== undefined
  const meanwhile = damaged ? await readMarker(fileSystem, root) : undefined
  if (meanwhile !== undefined) return meanwhile
  await createSmall(fileSystem, markerPath(root), `${text}\n`, damaged ? 'replace' : 'new')
  // Another run may have begun the same archive in the same moment: the marker that stands is the truth.
  const standing = await readMarker(fileSystem, root)
  if (standing === undefined) {
    throw new DiskError(`${markerPath(root)} was written but cannot be read back.`, { code: 'DISK_IO' })
  }
  return standing
}

async function readMarker(fileSystem: FileSystem, root: string): Promise<string | undefined> {
  const marker = await readSmallJson(fileSystem, markerPath(root))
  if (typeof marker !== 'object' || marker === null || !('id' in marker)) return undefined
  return typeof marker.id === 'string' && marker.id !== '' ? marker.id : undefined
}

async function checkMarker(fileSystem: FileSystem, root: string, id: string): Promise<void> {
  if ((await readMarker(fileSystem, root)) === id) return
  throw new ArchiveMissingError(
    `The archive at ${root} went away while it was being written: its disk was unmounted or replaced. Mount it and run again; nothing is lost.`,
  )
}

/** Says "not writable" now, and not after the first recording was fetched. */
async function tryWriting(fileSystem: FileSystem, root: string): Promise<void> {
  const probe = join(root, '.cam', `writable.${randomUUID()}`)
  const file = await fileSystem.open(probe, 'create-exclusive')
  await file.close()
  await fileSystem.remove(probe)
}
