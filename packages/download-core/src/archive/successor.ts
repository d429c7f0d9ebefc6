import type { Proved } from '../transfer/verify.ts'
import { stateOf } from './decide.ts'
import type { Keeping } from './keep.ts'
import type { Task } from './queue.ts'

/** Files of one recording may differ by so much in what they cover, as the source cuts. */
const roundingMs = 10_000

/**
 * Why a file that was fetched anew must not take the place of the one that is kept: years later a source may only have a smaller
 * picture, or less. Undefined where nothing is held.
 */
export function refusalOf(task: Task, how: Pick<Keeping, 'folder' | 'fileSystem'>) {
  const { row } = task
  const own = row?.file
  if (!own || row.outcome?.outcome !== 'kept' || task.lost) return undefined
  return async (proved: Proved): Promise<string | undefined> => {
    const lack =
      proved.fidelity === 'proxy' && own.fidelity === 'full'
        ? 'a smaller picture'
        : sum(proved.covers) + roundingMs < sum(own.covers)
          ? 'a shorter film'
          : undefined
    if (lack === undefined || (await stateOf(own, how.folder.root, how.fileSystem, 'size')) !== 'intact')
      return undefined
    return `The source now has only ${lack} than ${own.path}; the file that is kept stays.`
  }
}

function sum(covers: Proved['covers']): number {
  return covers.reduce((total, { start, end }) => total + end - start, 0)
}
