import type { PlannedRecording } from './decide.ts'
import type { Layout, LayoutSubject } from './layout.ts'
import type { Ledger } from './ledger.ts'
import { keyText } from './memory-ledger.ts'
import { foldPath, shortHash, withSuffix } from './safe-name.ts'

/** Gives each recording of a run a path of its own. */
export interface Paths {
  /**
   * The recording's path, with `extension`. Never one that another recording has, in the ledger or in this run, compared
   * without regard to case. `taken` are paths where somebody else's file stands.
   */
  propose(item: PlannedRecording, extension: string, taken?: ReadonlySet<string>): Promise<string>
  /** Whether another recording of this run would have this path, too, if it were free. */
  isContested(path: string): boolean
  /** How many recordings would have had a name that another one has. */
  readonly collisions: number
}

/** Paths of one run, by its layout; the ledger's are taken already. */
export function createPaths(
  layout: Layout,
  ledger: Pick<Ledger, 'ownerOf'>,
  about: Pick<LayoutSubject, 'vendor' | 'source'>,
): Paths {
  const claimed = new Map<string, string>()
  const collided = new Set<string>()
  const contested = new Set<string>()
  return {
    isContested: (path) => contested.has(foldPath(path)),
    get collisions() {
      return collided.size
    },
    async propose(item, extension, taken = new Set()) {
      const us = keyText(item.key)
      const plain = layout({ ...about, camera: item.camera, recording: item.recording, extension })
      // A hash of what the recording is: the same in every run, whichever of two equal names comes first.
      const hashed = withSuffix(plain, `-${shortHash(us)}`)
      for (const name of [plain, hashed]) {
        for (let number = 1; number <= 99; number++) {
          const path = number === 1 ? name : withSuffix(name, ` (${number})`)
          if (taken.has(path)) continue
          const owner = await ledger.ownerOf(path)
          if (owner && keyText(owner) !== us) break
          // After the ledger's answer: nothing may come between looking and claiming.
          if ((claimed.get(foldPath(path)) ?? us) !== us) {
            contested.add(foldPath(path))
            break
          }
          claimed.set(foldPath(path), us)
          if (name !== plain) collided.add(us)
          return path
        }
      }
      throw new Error(`Every name for ${plain} is taken.`)
    },
  }
}
