import { localTime } from '@cam/cli-kit'
import { intersect, subtract, type TimeWindow, union } from '@cam/download-core'
import { type Clip, inOrder } from './footage.ts'
import type { Held } from './journal.ts'
import { sliverMs } from './missing.ts'

/** What a film of these clips shows of a window. */
export function heldBy(clips: readonly Clip[], window: TimeWindow): Held[] {
  const views = inOrder(clips.map(({ view }) => view))
  return views.flatMap((view) => {
    const spans = clips.filter((clip) => clip.view === view).map(({ span }) => span)
    return intersect(union(spans), [window]).map(({ start, end }) => ({ view, start, end }))
  })
}

/** All that any of these lists has. */
export function heldTogether(lists: readonly (readonly Held[])[]): Held[] {
  const all = lists.flat()
  return [...new Set(all.map(({ view }) => view))].flatMap((view) =>
    union(all.filter((one) => one.view === view)).map(({ start, end }) => ({ view, start, end })),
  )
}

/** What one film shows and the other does not. */
export function lackedBy(after: readonly Held[], before: readonly Held[]): Held[] {
  return heldTogether([before]).flatMap((one) => {
    const own = after.filter(({ view }) => view === one.view)
    const rest = subtract([one], own).filter(({ start, end }) => end - start > sliverMs)
    return rest.map(({ start, end }) => ({ view: one.view, start, end }))
  })
}

const mostTold = 5

/** `road 2025-04-16T13:31:00-05:00 to 2025-04-16T13:32:00-05:00` */
export function heldText(held: readonly Held[], timeZone: string): string {
  const told = held.slice(0, mostTold).map(({ view, start, end }) => {
    return `${view} ${localTime(start, timeZone)} to ${localTime(end, timeZone)}`
  })
  const more = held.length > mostTold ? ` and ${held.length - mostTold} more` : ''
  return `${told.join(', ')}${more}`
}
