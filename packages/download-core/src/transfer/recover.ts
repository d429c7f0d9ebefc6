import { DiskError } from '../footage/errors.ts'
import type { Recording } from '../footage/recording.ts'
import type { FileSystem } from './file-system.ts'
import { holds } from './holds.ts'
import type { PartFile } from './part-file.ts'
import type { Finished } from './part-note.ts'
import { checkedTarget } from './publish.ts'

/**
 * What an earlier run proved and perhaps named before it died. `named`: the file stands under its name. `held`: it is still
 * the part. `undefined`: nothing of it can be relied on.
 */
export async function findFinished(
  fileSystem: FileSystem,
  root: string,
  part: PartFile,
  recording: Recording,
): Promise<{ readonly state: 'named' | 'held'; readonly finished: Finished; readonly target?: string } | undefined> {
  const { finished } = part
  if (!finished) return undefined
  const { kept } = finished
  if (recording.bytes !== undefined && recording.bytes !== kept.bytes) return undefined
  const { checksum } = recording
  if (checksum?.algorithm === 'sha256' && checksum.hex.toLowerCase() !== kept.sha256) return undefined
  let target: string | undefined
  try {
    target = await checkedTarget(fileSystem, root, kept.path)
  } catch (error) {
    // A parent became a link since; whoever names the file next will say so.
    if (!(error instanceof DiskError)) throw error
  }
  if (target && (await holds(fileSystem, target, kept.bytes, kept.sha256))) return { state: 'named', finished, target }
  if (part.bytes === kept.bytes && part.sha256() === kept.sha256) return { state: 'held', finished }
  return undefined
}
