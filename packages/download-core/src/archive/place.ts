import { join } from 'node:path'
import { DiskError } from '../footage/errors.ts'
import type { KeptFile } from '../footage/outcome.ts'
import { errnoOf } from '../transfer/disk-error.ts'
import type { FileSystem } from '../transfer/file-system.ts'
import { stateOf } from './decide.ts'
import type { Keeping } from './keep.ts'
import type { Task } from './queue.ts'
import { extensionOf, withSuffix } from './safe-name.ts'

const mostAside = 99

/** Where the finished file goes. Also the last look at lock and marker before anything gets its name. */
export function placeOf(task: Task, how: Keeping) {
  const taken = new Set<string>()
  return async (extension: string, takenPath?: string) => {
    await how.folder.check()
    await how.lock.check()
    if (takenPath !== undefined) {
      taken.add(takenPath)
      how.notice(
        `${takenPath} is there already and is not this recording; it is left alone, and ours gets another name.`,
      )
    }
    const own = task.row?.file
    if (own && !taken.has(own.path) && keepsExtension(own.path, extension)) {
      const aside = await setAside(own, how.folder.root, how.fileSystem)
      if (aside) how.warn(task, `What stood at ${own.path} is not what was kept there; it is ${aside} now.`)
      return { path: own.path, replace: true }
    }
    return { path: await how.paths.propose(task, extension, taken), replace: false }
  }
}

/** A layout may give names without any. */
function keepsExtension(path: string, extension: string): boolean {
  const own = extensionOf(path).toLowerCase()
  return own === '' || own === extension.toLowerCase()
}

/**
 * Gives what stands at a path of ours and is not what was kept there a second name, before ours takes the first: it may be
 * the user's own. Answers with that name.
 */
async function setAside(own: KeptFile, root: string, fileSystem: FileSystem): Promise<string | undefined> {
  if ((await stateOf(own, root, fileSystem, 'size')) !== 'altered') return undefined
  const from = absolute(root, own.path)
  for (let number = 1; number <= mostAside; number++) {
    const path = withSuffix(own.path, number === 1 ? ' (altered)' : ` (altered ${number})`)
    const to = absolute(root, path)
    try {
      await fileSystem.link(from, to)
      return path
    } catch (error) {
      if (errnoOf(error) === 'EEXIST' || (await fileSystem.lstat(to))) continue
      // No links on this disk, or what stands there is no file.
      await fileSystem.rename(from, to)
      return path
    }
  }
  throw new DiskError(`${own.path} is not what was kept there, and every name to set it aside under is taken.`, {
    code: 'DISK_IO',
  })
}

/** A path of the archive, as the disk knows it. */
function absolute(root: string, path: string): string {
  return join(root, ...path.split('/'))
}
