import { foldPath, safeName } from '../archive/safe-name.ts'
import type { Camera } from '../footage/camera.ts'

/** What cameras are called in paths: no two alike, for devices fresh from the factory all have the name of their model. */
export interface Names {
  /** The camera's name, with its id behind it where another camera has that name. The same in later runs. */
  of(sourceId: string, camera: Camera): string
}

/** Names; `known` is what earlier runs gave. */
export function createNames(
  known: Iterable<{ readonly sourceId: string; readonly cameraId: string; readonly name: string }>,
): Names {
  const owners = new Map<string, string>()
  const given = new Map<string, string>()
  const owner = (sourceId: string, cameraId: string) => JSON.stringify([sourceId, cameraId])
  const fold = (name: string) => foldPath(safeName(name))
  for (const { sourceId, cameraId, name } of known) {
    owners.set(fold(name), owner(sourceId, cameraId))
    given.set(owner(sourceId, cameraId), name)
  }
  return {
    of(sourceId, camera) {
      const us = owner(sourceId, camera.id)
      const plain = camera.name || camera.id
      const candidates = [plain, `${plain} (${camera.id})`, `${plain} (${sourceId} ${camera.id})`]
      const before = given.get(us)
      // A camera that was renamed gets its new name; one that had to step aside goes on doing so.
      if (before !== undefined && candidates.includes(before)) return before
      const name = candidates.find((candidate) => (owners.get(fold(candidate)) ?? us) === us) ?? candidates.at(-1)!
      owners.set(fold(name), us)
      given.set(us, name)
      return name
    },
  }
}
