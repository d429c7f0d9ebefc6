import type { Clip } from './clips.ts'
import type { EncodingOptions } from './options.ts'
import type { Probe } from './probe.ts'
import type { Work } from './work.ts'
import type { WorkFolder } from './work-folder.ts'
export async function encodeInOrder(
  _c: readonly Clip[],
  _f: string,
  _o: EncodingOptions & { sound: boolean },
  _w: Work,
  _d: WorkFolder,
): Promise<Probe> {
  throw new Error('todo')
}
