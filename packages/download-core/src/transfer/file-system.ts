/** What the core needs of a disk. `disk.ts` has the real one; tests have one that fills up, lies and loses power. Paths are absolute. */
export interface FileSystem {
  open(path: string, mode: 'read' | 'write' | 'create-exclusive' | 'read-write'): Promise<OpenFile>
  stat(path: string): Promise<FileStat | undefined>
  /** Does not follow a symbolic link. */
  lstat(path: string): Promise<FileStat | undefined>
  realpath(path: string): Promise<string>
  /** Creates missing parents. Returns the folders that were created, outermost first, so that they can be synced. */
  mkdir(path: string): Promise<string[]>
  list(path: string): Promise<string[]>
  rename(from: string, to: string): Promise<void>
  /** Fails with EEXIST where `to` exists. */
  link(from: string, to: string): Promise<void>
  /** No error where there is none. */
  remove(path: string): Promise<void>
  setModified(path: string, epochMs: number): Promise<void>
  /** Makes the names in a folder durable. Does nothing where the platform cannot. */
  syncFolder(path: string): Promise<void>
  space(path: string): Promise<{ readonly freeBytes: number }>
}

/** One open file. Positions and sizes in bytes. */
export interface OpenFile {
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all of it, in order. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>
  truncate(bytes: number): Promise<void>
  /** fdatasync. */
  sync(): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** What is known of a name on the disk. */
export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly bytes: number
  readonly modifiedMs: number
  readonly device: number
}
