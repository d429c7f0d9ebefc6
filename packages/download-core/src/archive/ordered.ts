import { ProtocolError } from '../footage/errors.ts'
import type { Recording } from '../footage/recording.ts'
import type { Preparation } from '../footage/source.ts'
import type { Task } from './queue.ts'

/** How an order stands that is not ready. */
interface Waiting {
  /** It is asked for, or may be: ending now leaves it pending. */
  asked: boolean
  /** In the source's words. */
  why?: string
}

/** What was ordered and is not done with. */
export interface Ordered {
  readonly waiting: Map<Task, Waiting>
  recordings(): Recording[]
  /** Which recordings an answer speaks of. Throws ProtocolError where it could be any of several: one is not to pass for another. */
  about(preparation: Preparation): Task[]
}

/** All of them waiting. */
export function createOrdered(tasks: readonly Task[]): Ordered {
  const waiting = new Map<Task, Waiting>(tasks.map((task) => [task, { asked: false }]))
  const byId = new Map<string, Task[]>()
  for (const task of tasks) byId.set(task.recording.id, [...(byId.get(task.recording.id) ?? []), task])
  return {
    waiting,
    recordings: () => [...waiting.keys()].map(({ recording }) => recording),
    about({ recordingId, cameraId, view }) {
      const about = (byId.get(recordingId) ?? []).filter(
        (task) =>
          waiting.has(task) &&
          (cameraId === undefined || task.recording.cameraId === cameraId) &&
          (view === undefined || (task.recording.view ?? '') === view),
      )
      if (about.length <= 1) return about
      throw new ProtocolError(
        `The source says that ${recordingId} is ready or not, but ${about.length} recordings have that id; it has to name camera and view.`,
      )
    },
  }
}
