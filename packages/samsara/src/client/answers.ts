import type { CamError, Note, Preparation } from '@cam/download-core/source'
import type { Wanted } from './clips.ts'
import { noteOf, type Order } from './orders.ts'

/** It can be fetched. */
export function isReady(wanted: Wanted, order?: Order): Preparation {
  return { ...about(wanted), state: 'ready', ...(order && { note: noteOf(order) }) }
}

/** It is on its way, or nobody knows. */
export function waits(wanted: Wanted, order: Order, askAgainAfterMs: number): Preparation {
  return { ...about(wanted), state: 'waiting', note: noteOf(order), askAgainAfterMs }
}

/** It will not be there in this run. */
export function isPending(wanted: Wanted, order: Order, askAgainAfterMs: number): Preparation {
  return { ...about(wanted), state: 'pending', note: noteOf(order), askAgainAfterMs }
}

/** It will not come. Without a note nothing was asked for. */
export function hasFailed(wanted: Wanted, error: CamError, note?: Note): Preparation {
  return { ...about(wanted), state: 'failed', error, ...(note && { note }) }
}

/** The camera was not recording. */
export function isAbsent(wanted: Wanted, note: Note): Preparation {
  return { ...about(wanted), state: 'ready', into: [], note }
}

/** Something to write down, while it waits. */
export function remember(wanted: Wanted, note: Note): Preparation {
  return { ...about(wanted), state: 'waiting', note }
}

function about({ recording, vehicleId, view }: Wanted) {
  return { recordingId: recording.id, cameraId: vehicleId, view } as const
}
