import { dirname } from 'node:path'
import type { FileStat, FileSystem, OpenFile } from '../../src/transfer/file-system.ts'

/** One call that changes something, as the log remembers it. */
export interface Step {
  readonly call:
    | 'create'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'rename'
    | 'link'
    | 'remove'
    | 'mkdir'
    | 'setModified'
    | 'syncFolder'
  readonly path: string
  readonly to?: string
}

interface Inode {
  data: Uint8Array
  /** What a power failure leaves for certain. */
  durable: Uint8Array
  /** What was written since the last sync lies between these two. */
  dirtyFrom: number
  dirtyTo: number
  modifiedMs: number
}

function newInode(data: Uint8Array = new Uint8Array(0)): Inode {
  return { data, durable: data.slice(), dirtyFrom: Number.POSITIVE_INFINITY, dirtyTo: 0, modifiedMs: 0 }
}

type NameChange = { readonly folder: string; apply(names: Map<string, Inode>): void }

/** What a power failure does to everything that was not synced. */
export interface PowerFailure {
  /** Whether an unsynced change of a name survives; called in order. */
  keepsName(): boolean
  /** What becomes of data that was not synced. */
  data(): 'kept' | 'lost' | 'zeroed'
}

export interface MemoryFileSystem extends FileSystem {
  readonly log: Step[]
  /** Called before each step takes effect; what it throws is what the caller gets. */
  before: (step: Step, index: number) => void
  /** Bytes left on the disk; `undefined` for no limit. */
  freeBytes: number
  readonly files: ReadonlyMap<string, Uint8Array>
  put(path: string, bytes: Uint8Array): void
  /** The same disk after the power came back. */
  afterPowerFailure(failure: PowerFailure): MemoryFileSystem
}

function failed(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

/** A disk in memory that forgets whatever was not synced. Links are not modelled, except as what `link` makes. */
export function memoryFileSystem(
  names: Map<string, Inode> = new Map(),
  folders: Set<string> = new Set(['/', '/archive']),
): MemoryFileSystem {
  const durableNames = new Map(names)
  let pending: NameChange[] = []
  const log: Step[] = []

  function step(entry: Step): void {
    log.push(entry)
    memory.before(entry, log.length - 1)
  }
  function rename(change: NameChange): void {
    pending.push(change)
    change.apply(names)
  }
  function inode(path: string): Inode {
    const found = names.get(path)
    if (!found) throw failed('ENOENT', path)
    return found
  }

  function handle(path: string, file: Inode): OpenFile {
    return {
      async read(into, position) {
        const piece = file.data.subarray(position, position + into.byteLength)
        into.set(piece)
        return piece.byteLength
      },
      async write(chunks, position) {
        step({ call: 'write', path })
        let at = position
        const end = position + chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
        if (end > file.data.byteLength) file.data = resized(file.data, end)
        for (const chunk of chunks) {
          file.data.set(chunk, at)
          at += chunk.byteLength
        }
        file.dirtyFrom = Math.min(file.dirtyFrom, position)
        file.dirtyTo = Math.max(file.dirtyTo, end)
      },
      async truncate(bytes) {
        step({ call: 'truncate', path })
        file.data = resized(file.data, bytes)
      },
      async sync() {
        step({ call: 'sync', path })
        if (file.durable.byteLength !== file.data.byteLength) file.durable = resized(file.durable, file.data.byteLength)
        const dirty = file.data.subarray(Math.min(file.dirtyFrom, file.data.byteLength), file.dirtyTo)
        file.durable.set(dirty, file.data.byteLength === 0 ? 0 : Math.min(file.dirtyFrom, file.data.byteLength))
        file.dirtyFrom = Number.POSITIVE_INFINITY
        file.dirtyTo = 0
      },
      size: async () => file.data.byteLength,
      close: async () => {},
    }
  }

  const memory: MemoryFileSystem = {
    log,
    before: () => {},
    freeBytes: 2 ** 40,
    get files() {
      return new Map([...names].map(([path, file]) => [path, file.data]))
    },
    put(path, bytes) {
      const file = newInode(bytes)
      names.set(path, file)
      durableNames.set(path, file)
      for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
    },
    async open(path, mode) {
      const found = names.get(path)
      if (mode === 'read' || mode === 'read-write') return handle(path, inode(path))
      if (found && mode === 'create-exclusive') throw failed('EEXIST', path)
      step({ call: 'create', path })
      if (found) {
        found.data = new Uint8Array(0)
        return handle(path, found)
      }
      if (!folders.has(dirname(path))) throw failed('ENOENT', path)
      const file = newInode()
      rename({ folder: dirname(path), apply: (into) => void into.set(path, file) })
      return handle(path, file)
    },
    stat: async (path) => stat(path),
    lstat: async (path) => stat(path),
    realpath: async (path) => path,
    async mkdir(path) {
      const created: string[] = []
      for (let folder = path; !folders.has(folder); folder = dirname(folder)) created.unshift(folder)
      if (created.length > 0) step({ call: 'mkdir', path })
      for (const folder of created) folders.add(folder)
      return created
    },
    list: async (path) =>
      [...names.keys()].filter((name) => dirname(name) === path).map((name) => name.slice(path.length + 1)),
    async rename(from, to) {
      step({ call: 'rename', path: from, to })
      const file = inode(from)
      rename({
        folder: dirname(to),
        apply(into) {
          into.set(to, file)
          if (into.get(from) === file) into.delete(from)
        },
      })
    },
    async link(from, to) {
      step({ call: 'link', path: from, to })
      if (names.has(to)) throw failed('EEXIST', to)
      const file = inode(from)
      rename({ folder: dirname(to), apply: (into) => void into.set(to, file) })
    },
    async remove(path) {
      if (!names.has(path)) return
      step({ call: 'remove', path })
      rename({ folder: dirname(path), apply: (into) => void into.delete(path) })
    },
    async setModified(path, epochMs) {
      step({ call: 'setModified', path })
      inode(path).modifiedMs = epochMs
    },
    async syncFolder(path) {
      step({ call: 'syncFolder', path })
      for (const change of pending) if (change.folder === path) change.apply(durableNames)
      pending = pending.filter((change) => change.folder !== path)
    },
    space: async () => ({ freeBytes: memory.freeBytes }),
    afterPowerFailure(failure) {
      const survived = new Map(durableNames)
      for (const change of pending) if (failure.keepsName()) change.apply(survived)
      const copies = new Map<Inode, Inode>()
      for (const [path, file] of survived) {
        let copy = copies.get(file)
        if (!copy) {
          const data = remains(file, failure.data())
          copy = { ...newInode(data), modifiedMs: file.modifiedMs }
          copies.set(file, copy)
        }
        survived.set(path, copy)
      }
      return memoryFileSystem(survived, new Set(folders))
    },
  }

  function stat(path: string): FileStat | undefined {
    const file = names.get(path)
    if (file) return { kind: 'file', bytes: file.data.byteLength, modifiedMs: file.modifiedMs, device: 1 }
    return folders.has(path) ? { kind: 'folder', bytes: 0, modifiedMs: 0, device: 1 } : undefined
  }
  return memory
}

/** Bytes written since the last sync are there, gone, or zeros of the right length. */
function remains(file: Inode, fate: 'kept' | 'lost' | 'zeroed'): Uint8Array {
  if (fate === 'kept') return file.data.slice()
  if (fate === 'lost') return file.durable.slice()
  const zeroed = file.data.slice()
  if (file.dirtyTo > 0) zeroed.fill(0, Math.min(file.dirtyFrom, zeroed.byteLength), file.dirtyTo)
  return zeroed
}

/** Shorter, or longer by zeros. */
function resized(data: Uint8Array, bytes: number): Uint8Array {
  const next = new Uint8Array(bytes)
  next.set(data.subarray(0, bytes))
  return next
}
