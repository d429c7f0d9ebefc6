import type { Clock, Gap, TimeWindow } from '@cam/download-core/source'
import { type AboutCamera, footageVanished } from '../failures/index.ts'
import type { Edges, ProtectCamera } from '../wire/camera.ts'
import type { List } from './list.ts'
import { iso } from './segments.ts'

/** Footage this young may still be on its way to the console's disk: "nothing" is not its last word. */
const youngMs = 15 * 60_000
const askAgainAfterMs = 60_000

/** What is known of a stretch that a console says to have nothing of. */
export interface Empty {
  readonly about: AboutCamera
  readonly window: TimeWindow
  /** The console's own words. */
  readonly said: string
  edgesOf(camera: ProtectCamera): Edges
}

/**
 * What "nothing recorded" means: the console's retention may have passed the stretch since it was listed, or it may not have
 * been written yet. Looks at the camera anew each time: that costs far less than the export did.
 */
export async function meaningOfEmpty(empty: Empty, list: List, clock: Clock, signal: AbortSignal): Promise<Gap> {
  const { about, window, said } = empty
  const gap = { cameraId: about.camera.id, start: window.start, end: window.end }
  const camera = await list.camera(about.camera.id, signal)
  const edges = empty.edgesOf(camera)
  if (edges === 'none') throw footageVanished(about)
  const words = `The console says that nothing was recorded (${said}).`
  if (edges.start !== undefined && window.end <= edges.start) {
    return { ...gap, outcome: 'expired', reason: `${oldest(edges.start)} ${words}` }
  }
  if (window.end > clock.now() - youngMs) {
    const reason = `${words} It is younger than 15 minutes, so that may change.`
    return { ...gap, outcome: 'pending', reason, askAgainAfterMs }
  }
  return { ...gap, outcome: 'absent', reason: words }
}

/** Where a console's footage begins, in words. */
export function oldest(start: number): string {
  return `The console's oldest footage of this camera is of ${iso(start)}; it does not hold anything older.`
}
