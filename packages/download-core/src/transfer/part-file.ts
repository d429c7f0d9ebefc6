import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Clock } from '../clock.ts'
import { DiskError } from '../footage/errors.ts'
import { errnoOf } from './disk-error.ts'
import type { FileSystem, OpenFile } from './file-system.ts'
import { pieces } from './file-system-bytes.ts'
import { createGather, type Gather, type Written } from './gather.ts'
import {
  blockBytes,
  type Finished,
  type PartIdentity,
  type PartNote,
  partKey,
  readNote,
  writeNote,
} from './part-note.ts'

/** Where a part may go on: what the note says beyond the bytes themselves. */
export type PartFacts = Pick<PartNote, 'representation' | 'validator' | 'total'>

/** The bytes of one recording on their way, with the note beside them. */
export interface PartFile {
  readonly path: string
  /** Of the bytes held; absent where there are none. */
  readonly facts: PartFacts | undefined
  /** Bytes held in good order. */
  readonly bytes: number
  /** From an earlier run: proved, perhaps already under its name. */
  readonly finished: Finished | undefined
  attempts: number
  wasted: number
  /** Throws away what is held and notes what will be held instead; the file is then empty and open. */
  restart(facts: PartFacts): Promise<void>
  /** Adds to the facts what a later reply stated. */
  learn(facts: Partial<PartFacts>): void
  /** The sink for the bytes behind those held. One per reply. */
  gather(): Gather
  /** Opened for reading the bytes held. Closed by this part. */
  opened(): Promise<OpenFile>
  /** Lower-case hex over all bytes held. Everything pushed must have been flushed. */
  sha256(): string
  /** Data on the disk, then the note that says where it will stand, both durable. */
  finish(finished: Finished): Promise<void>
  /** What was finished turned out not to be: lets go of the bytes, which may stand under a final name as well. */
  unfinish(): Promise<void>
  /** Lets go of the file; a later call opens it again. */
  close(): Promise<void>
  /** Removes part and note. */
  remove(): Promise<void>
  /** Removes the bytes, keeps the note. */
  removeBytes(): Promise<void>
}

/** The folder of the parts, made if it is missing. Throws DiskError where a link stands in its place. */
export async function partsFolder(fileSystem: FileSystem, root: string): Promise<string> {
  const folder = join(root, '.cam', 'parts')
  for (const path of [join(root, '.cam'), folder]) {
    const found = await fileSystem.lstat(path)
    if (found && found.kind !== 'folder') {
      throw new DiskError(
        `Cannot keep unfinished transfers in ${path}: it is not a folder. Move it away and run again.`,
        {
          code: 'DISK_DENIED',
        },
      )
    }
    if (!found) {
      await fileSystem.mkdir(path)
      await fileSystem.syncFolder(dirname(path))
    }
  }
  return folder
}

/** Opens what an earlier run left of this recording, checked block by block; an empty part where there is nothing to trust. */
export async function openPart(
  fileSystem: FileSystem,
  folder: string,
  identity: PartIdentity,
  clock: Clock,
): Promise<PartFile> {
  const key = partKey(identity)
  const path = join(folder, `${key}.part`)
  const notePath = join(folder, `${key}.json`)
  let file: OpenFile | undefined
  let written = nothing()
  let facts: PartFacts | undefined
  let committed = 0
  let finished: Finished | undefined
  let startedAt = clock.now()
  let attempts = 0
  let wasted = 0

  const note = await readNote(fileSystem, notePath, identity)
  if (note) {
    startedAt = note.startedAt
    attempts = note.attempts
    wasted = note.wasted
    finished = note.finished
  }
  const found = await fileSystem.lstat(path)
  if (found && found.kind !== 'file') {
    throw new DiskError(`Cannot go on with ${path}: it is not a file. Remove it and run again.`, {
      code: 'DISK_DENIED',
    })
  }
  if (found && note) {
    file = await fileSystem.open(path, 'read-write')
    written = await recheck(file, found.bytes, note)
    committed = written.bytes
    wasted += Math.max(0, note.committed - written.bytes)
    if (written.bytes > 0 || finished) facts = note
    // What lies behind the last checkpoint was never promised by the disk. A finished part may stand under its final name as
    // well, as the same file: that one is nobody's to shorten.
    if (!finished && found.bytes !== written.bytes) await file.truncate(written.bytes)
  }

  const current = (): PartNote => ({
    identity,
    representation: facts?.representation ?? '',
    ...(facts?.validator === undefined ? {} : { validator: facts.validator }),
    ...(facts?.total === undefined ? {} : { total: facts.total }),
    committed,
    crcs: written.crcs,
    startedAt,
    attempts,
    wasted,
    ...(finished === undefined ? {} : { finished }),
  })

  function vanished(): DiskError {
    return new DiskError(`${path} was changed by somebody else while it was being written. Run again.`, {
      code: 'DISK_IO',
    })
  }

  async function opened(): Promise<OpenFile> {
    if (file) return file
    try {
      file = await fileSystem.open(path, 'read-write')
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      if (written.bytes > 0) throw vanished()
      file = await fileSystem.open(path, 'create-exclusive')
    }
    return file
  }

  async function close(): Promise<void> {
    const closing = file
    file = undefined
    await closing?.close()
  }

  const part: PartFile = {
    path,
    get facts() {
      return facts
    },
    get bytes() {
      return written.bytes
    },
    get finished() {
      return finished
    },
    get attempts() {
      return attempts
    },
    set attempts(count) {
      attempts = count
    },
    get wasted() {
      return wasted
    },
    set wasted(bytes) {
      wasted = bytes
    },
    opened,
    close,
    async restart(next) {
      written = nothing()
      committed = 0
      finished = undefined
      facts = next
      await writeNote(fileSystem, notePath, current())
      await (await opened()).truncate(0)
    },
    learn(more) {
      if (facts) facts = { ...facts, ...more }
    },
    gather() {
      if (!file) throw new Error('The part is not open.')
      return createGather(file, written, clock, async (bytes) => {
        committed = bytes
        await writeNote(fileSystem, notePath, current())
      })
    },
    sha256: () => written.hash.copy().digest('hex'),
    async finish(end) {
      const data = await opened()
      if ((await data.size()) !== written.bytes) throw vanished()
      await data.sync()
      committed = written.bytes
      finished = end
      await writeNote(fileSystem, notePath, current())
      await fileSystem.syncFolder(folder)
    },
    async unfinish() {
      await part.removeBytes()
      finished = undefined
      facts = undefined
      committed = 0
    },
    async removeBytes() {
      await close()
      written = nothing()
      await fileSystem.remove(path)
    },
    async remove() {
      await part.removeBytes()
      await fileSystem.remove(notePath)
      await fileSystem.remove(`${notePath}.tmp`)
    },
  }
  return part
}

function nothing(): Written {
  return { bytes: 0, hash: createHash('sha256'), crcs: [] }
}

/** Hashes the part again up to its checkpoint and stops before the first block that is not what was written. */
async function recheck(file: OpenFile, size: number, note: PartNote): Promise<Written> {
  const written = nothing()
  // A part shorter than its checkpoint lost its tail: the block it now ends in has no checksum of its own.
  const trusted = size >= note.committed ? note.committed : size - (size % blockBytes)
  for await (const block of pieces(file, 0, trusted, blockBytes)) {
    const sum = crc32(block)
    if (sum !== note.crcs[written.crcs.length]) break
    written.hash.update(block)
    written.crcs.push(sum)
    written.bytes += block.byteLength
  }
  return written
}
