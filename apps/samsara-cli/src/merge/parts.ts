import { intersect, type TimeWindow, union } from '@cam/download-core'
import type { Clip, Footage } from './footage.ts'

/** What becomes one film of each angle, and one of all. */
export interface Part {
  readonly window: TimeWindow
  /** Somebody asked for this time; else it is from the first to the last picture. */
  readonly asked: boolean
  readonly clips: readonly Clip[]
}

/** Clips that reach into a window by less than this belong to its neighbour. */
const edgeMs = 1000

/**
 * Cuts where no angle shows anything for `splitMs`. A time that was asked for begins and ends as asked, black and all, unless so
 * much is missing there. Nothing where there is no clip.
 */
export function partsOf({ clips }: Pick<Footage, 'clips'>, asked: TimeWindow | undefined, splitMs: number): Part[] {
  const chosen = asked ? clips.filter((clip) => isIn(clip, asked)) : clips
  const spans = chosen.map((clip) => within(clip.span, asked))
  const stretches: TimeWindow[] = []
  for (const { start, end } of union(spans)) {
    const last = stretches.at(-1)
    if (last && start - last.end < splitMs) stretches[stretches.length - 1] = { start: last.start, end }
    else stretches.push({ start, end })
  }
  return stretches.map((stretch, index) => {
    const first = asked && index === 0 && stretch.start - asked.start < splitMs
    const last = asked && index === stretches.length - 1 && asked.end - stretch.end < splitMs
    const start = first ? asked.start : Math.floor(stretch.start / 1000) * 1000
    const end = last ? asked.end : Math.ceil(stretch.end / 1000) * 1000
    const window = { start, end }
    return { window, asked: asked !== undefined, clips: chosen.filter((clip) => isIn(clip, window)) }
  })
}

/** Whether a clip belongs to a window, and does not merely touch it. */
export function isIn({ stands }: Pick<Clip, 'stands'>, window: TimeWindow): boolean {
  const shared = Math.min(stands.end, window.end) - Math.max(stands.start, window.start)
  return shared > Math.min(edgeMs, (stands.end - stands.start) / 2)
}

function within(span: TimeWindow, window: TimeWindow | undefined): TimeWindow {
  return (window && intersect([span], [window])[0]) ?? span
}
