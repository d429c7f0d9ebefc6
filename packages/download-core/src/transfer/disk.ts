// The default import and the handles' own methods: whoever injects faults into node:fs/promises reaches every call.
import fs, { type FileHandle } from 'node:fs/promises'
import { platform } from 'node:os'
import { dirname, resolve } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import { errnoOf, toDiskError } from './disk-error.ts'
import type { FileStat, FileSystem, OpenFile } from './file-system.ts'

const windows = platform() === 'win32'
const flags = { read: 'r', write: 'w+', 'create-exclusive': 'wx+', 'read-write': 'r+' } as const
const doing = { read: 'read', write: 'write', 'create-exclusive': 'create', 'read-write': 'write' } as const
/** Where these find nothing, it is the folder that is missing. */
const creates: ReadonlySet<keyof typeof flags> = new Set(['write', 'create-exclusive'])
/** Answers of file systems that have no way to sync a folder. */
const cannotSyncFolders = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'])

/**
 * The machine's file system. Throws DiskError, except EEXIST of `open` and `link` and ENOENT of an `open` that makes no file, which
 * stay node's own errors: callers decide by them. `clock` is for the short waits when no file handle is free.
 */
export function createDisk(clock: Clock = systemClock): FileSystem {
  async function open(path: string, mode: keyof typeof flags): Promise<OpenFile> {
    for (let tries = 0; ; tries++) {
      try {
        return openFile(await fs.open(path, flags[mode], 0o666), path)
      } catch (error) {
        const errno = errnoOf(error)
        if (errno === 'EEXIST' || (errno === 'ENOENT' && !creates.has(mode))) throw error
        // Handles come free as other transfers end.
        if ((errno !== 'EMFILE' && errno !== 'ENFILE') || tries >= 50) throw toDiskError(error, doing[mode], path)
        await clock.wait(Math.min(20 * (tries + 1), 500))
      }
    }
  }

  /** Virus scanners and indexers on Windows hold new files for a moment. */
  async function rename(from: string, to: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return await fs.rename(from, to)
      } catch (error) {
        const held = windows && ['EPERM', 'EACCES', 'EBUSY'].includes(errnoOf(error) ?? '')
        if (!held || tries >= 4) throw toDiskError(error, 'move a file to', to)
        await clock.wait(200 * 2 ** tries)
      }
    }
  }

  return {
    open,
    rename,
    stat: (path) => statOf(path, fs.stat),
    lstat: (path) => statOf(path, fs.lstat),
    realpath: (path) => wrapped(fs.realpath(path), 'find', path),
    async mkdir(path) {
      const missing: string[] = []
      let folder = resolve(path)
      for (let found = await statOf(folder, fs.stat); found?.kind !== 'folder'; found = await statOf(folder, fs.stat)) {
        if (found || dirname(folder) === folder) throw toDiskError(blocked(folder), 'create the folder', path)
        missing.unshift(folder)
        folder = dirname(folder)
      }
      const created: string[] = []
      // One by one: node's own recursive way answers ENOENT where the disk is read-only.
      for (const folder of missing) {
        try {
          await fs.mkdir(folder)
          created.push(folder)
        } catch (error) {
          if (errnoOf(error) !== 'EEXIST') throw toDiskError(error, 'create the folder', folder)
        }
      }
      return created
    },
    list: (path) => wrapped(fs.readdir(path), 'list', path),
    async link(from, to) {
      try {
        await fs.link(from, to)
      } catch (error) {
        if (errnoOf(error) === 'EEXIST') throw error
        throw toDiskError(error, 'create', to)
      }
    },
    async remove(path) {
      await wrapped(fs.rm(path, { force: true }), 'remove', path)
    },
    async setModified(path, epochMs) {
      await wrapped(fs.utimes(path, new Date(epochMs), new Date(epochMs)), 'set the date of', path)
    },
    async syncFolder(path) {
      if (windows) return
      let handle: FileHandle
      try {
        handle = await fs.open(path, 'r')
      } catch (error) {
        throw toDiskError(error, 'sync the folder', path)
      }
      try {
        await handle.sync()
      } catch (error) {
        if (!cannotSyncFolders.has(errnoOf(error) ?? '')) throw toDiskError(error, 'sync the folder', path)
      } finally {
        await handle.close()
      }
    },
    async space(path) {
      let existing = resolve(path)
      while ((await statOf(existing, fs.stat)) === undefined && dirname(existing) !== existing)
        existing = dirname(existing)
      const { bavail, bsize } = await wrapped(fs.statfs(existing), 'ask for the free space of', existing)
      return { freeBytes: bavail * bsize }
    },
  }
}

/** The machine's file system. */
export const disk: FileSystem = createDisk()

function openFile(handle: FileHandle, path: string): OpenFile {
  return {
    async read(into, position) {
      let filled = 0
      while (filled < into.byteLength) {
        const { bytesRead } = await wrapped(
          handle.read(into, filled, into.byteLength - filled, position + filled),
          'read',
          path,
        )
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return filled
    },
    async write(chunks, position) {
      let rest = chunks.filter((chunk) => chunk.byteLength > 0)
      let at = position
      while (rest.length > 0) {
        const { bytesWritten } = await wrapped(handle.writev(rest, at), 'write', path)
        if (bytesWritten <= 0)
          throw toDiskError(Object.assign(new Error('wrote nothing'), { code: 'EIO' }), 'write', path)
        at += bytesWritten
        rest = without(rest, bytesWritten)
      }
    },
    truncate: (bytes) => wrapped(handle.truncate(bytes), 'shorten', path),
    sync: () => wrapped(handle.datasync(), 'flush', path),
    size: async () => (await wrapped(handle.stat(), 'look at', path)).size,
    close: () => wrapped(handle.close(), 'close', path),
  }
}

function blocked(path: string): Error {
  return Object.assign(new Error(`${path} is not a folder`), { code: 'ENOTDIR' })
}

/** What a short write left over. */
function without(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  let index = 0
  let skip = written
  for (; index < chunks.length && skip >= chunks[index]!.byteLength; index++) skip -= chunks[index]!.byteLength
  const rest = chunks.slice(index)
  if (skip > 0) rest[0] = rest[0]!.subarray(skip)
  return rest
}

async function statOf(path: string, stat: typeof fs.stat | typeof fs.lstat): Promise<FileStat | undefined> {
  try {
    const found = await stat(path)
    return {
      kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other',
      bytes: found.size,
      modifiedMs: found.mtimeMs,
      device: found.dev,
    }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined
    throw toDiskError(error, 'look at', path)
  }
}

async function wrapped<T>(call: Promise<T>, what: string, path: string): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw toDiskError(error, what, path)
  }
}
