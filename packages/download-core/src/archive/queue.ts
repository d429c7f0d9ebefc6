import type { PlannedRecording } from './decide.ts'

/** One recording that has to be fetched. */
export interface Task extends PlannedRecording {
  /** The path it is meant to get. */
  readonly path: string
  readonly lost?: { readonly outcome: 'lost'; readonly reason: string }
  /** Monotonic milliseconds: when the source first said that it is not ready. */
  waitingSince?: number
}

/** Tasks by camera: cameras take turns, and each camera's recordings stay in their order. */
export interface Queue {
  add(task: Task): void
  /** Comes into the queue at this monotonic time. */
  addLater(task: Task, at: number): void
  /** The next task of a camera that `may` take one more. */
  take(now: number, may: (cameraId: string) => boolean): Task | undefined
  /** Empties the queue. */
  drain(): Task[]
  readonly size: number
  /** When the next delayed task comes in. */
  readonly nextAt: number | undefined
}

/** An empty queue. */
export function createQueue(): Queue {
  const cameras = new Map<string, { tasks: Task[]; head: number }>()
  let delayed: { readonly task: Task; readonly at: number }[] = []
  let size = 0

  function add(task: Task): void {
    const id = task.camera.id
    const line = cameras.get(id) ?? { tasks: [], head: 0 }
    cameras.set(id, line)
    line.tasks.push(task)
    size++
  }

  return {
    add,
    addLater: (task, at) => void delayed.push({ task, at }),
    take(now, may) {
      const due = delayed.filter(({ at }) => at <= now)
      if (due.length > 0) {
        delayed = delayed.filter(({ at }) => at > now)
        for (const { task } of due) add(task)
      }
      for (const [id, line] of cameras) {
        if (!may(id)) continue
        const task = line.tasks[line.head++]!
        // Behind the others, so that each camera gets its turn.
        cameras.delete(id)
        if (line.head < line.tasks.length) cameras.set(id, line)
        size--
        return task
      }
      return undefined
    },
    drain() {
      const rest = [...cameras.values()].flatMap(({ tasks, head }) => tasks.slice(head))
      rest.push(...delayed.map(({ task }) => task))
      cameras.clear()
      delayed = []
      size = 0
      return rest
    },
    get size() {
      return size + delayed.length
    },
    get nextAt() {
      return delayed.length === 0 ? undefined : Math.min(...delayed.map(({ at }) => at))
    },
  }
}
