import { dirname, join } from 'node:path'
import { CamError, DiskError } from '../footage/errors.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { errnoOf } from './disk-error.ts'
import type { FileSystem } from './file-system.ts'
import { holds } from './holds.ts'
import type { TransferJob } from './job.ts'
import type { PartFile } from './part-file.ts'
import type { Proved } from './verify.ts'

/** Names tried before giving up; each one was found taken by a file that is not ours. */
const mostNames = 1000

/** The file system knows no hard links, or no more of them for this file. */
const cannotLink = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES'])

/** A file under its name, not yet durable. */
export interface Placed {
  readonly path: string
  /** Have to be synced before anybody may rely on the name; absolute. */
  readonly folders: readonly string[]
  /** The very same file was there already. */
  readonly adopted?: true
}

/**
 * Gives a proved part its final name. Never replaces what the ledger does not own: the name is made by linking, which fails
 * where a file exists, and `place` is then asked for another. The note says which name before the name is there.
 */
export async function publish(
  job: Pick<TransferJob, 'fileSystem' | 'root' | 'place' | 'signal'>,
  part: PartFile,
  extension: string,
  proved: Proved,
  endsAt: EpochMs | undefined,
): Promise<Placed> {
  const { fileSystem, root } = job
  let taken: string | undefined
  for (let tries = 0; tries < mostNames; tries++) {
    job.signal.throwIfAborted()
    const { path, replace } = await job.place(extension, taken)
    const target = await checkedTarget(fileSystem, root, path)
    const folders = await makeParents(fileSystem, target)
    await part.finish({ extension, kept: { path, ...proved } })
    await part.close()
    if (endsAt !== undefined) await fileSystem.setModified(part.path, endsAt)
    if (await name(fileSystem, part.path, target, replace)) {
      await part.removeBytes()
      return { path, folders }
    }
    if (!replace && (await isSame(fileSystem, target, proved))) {
      await part.removeBytes()
      return { path, folders, adopted: true }
    }
    taken = path
  }
  throw new DiskError(
    `Cannot find a free name for a finished file: ${mostNames} were taken, the last one is ${taken}.`,
    {
      code: 'DISK_IO',
    },
  )
}

/** A file that this user may not read is somebody else's, whatever it holds. */
async function isSame(fileSystem: FileSystem, target: string, { bytes, sha256 }: Proved): Promise<boolean> {
  try {
    return await holds(fileSystem, target, bytes, sha256)
  } catch (error) {
    if (error instanceof DiskError) return false
    throw error
  }
}

/** False where the name is taken. */
async function name(fileSystem: FileSystem, part: string, target: string, replace: boolean): Promise<boolean> {
  if (replace) {
    const found = await fileSystem.lstat(target)
    if (found && found.kind !== 'file') return false
    await fileSystem.rename(part, target)
    return true
  }
  try {
    await fileSystem.link(part, target)
    return true
  } catch (error) {
    const errno = errnoOf(error) ?? ''
    if (errno === 'EEXIST') return false
    if (!cannotLink.has(errno)) throw error
    if (await fileSystem.lstat(target)) return false
    await fileSystem.rename(part, target)
    return true
  }
}

/** Absolute path of a name inside the archive. Throws DiskError for one that leads out of it, by itself or through a link. */
export async function checkedTarget(fileSystem: FileSystem, root: string, path: string): Promise<string> {
  const names = path.split('/')
  const bad = names.some((one) => one === '' || one === '.' || one === '..' || /[\\\0]/.test(one))
  if (bad || names[0]!.toLowerCase() === '.cam' || /^[a-z]:/i.test(path)) {
    throw new DiskError(`Refused to write to ${JSON.stringify(path)}: it leads out of the archive's tree.`, {
      code: 'DISK_DENIED',
    })
  }
  for (let depth = 1; depth < names.length; depth++) {
    const folder = join(root, ...names.slice(0, depth))
    const found = await fileSystem.lstat(folder)
    if (found === undefined) break
    if (found.kind === 'folder') continue
    throw new DiskError(
      `Refused to write into ${folder}: it is ${found.kind === 'link' ? 'a symbolic link' : 'not a folder'}. Move it away or choose another layout.`,
      { code: 'DISK_DENIED' },
    )
  }
  return join(root, ...names)
}

async function makeParents(fileSystem: FileSystem, target: string): Promise<string[]> {
  const parent = dirname(target)
  const created = await fileSystem.mkdir(parent)
  return [...new Set([...created.map((folder) => dirname(folder)), parent])]
}

/** Removes what is of no use any more; a disk that refuses even that must not hide the error that came first. */
export async function removeQuietly(part: PartFile): Promise<void> {
  try {
    await part.remove()
  } catch (error) {
    if (!(error instanceof CamError)) throw error
  }
}
