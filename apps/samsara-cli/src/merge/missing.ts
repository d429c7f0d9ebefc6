import { intersect, subtract, type TimeWindow } from '@cam/download-core'
import type { Footage } from './footage.ts'
import type { Part } from './parts.ts'
import type { Missing } from './types.ts'

/** Less than this is how cameras cut, not footage that is missing. */
export const sliverMs = 1000

type Found = Omit<Missing, 'vehicle' | 'view'>

/** Where an angle shows nothing in a part, and why. */
export function missingIn(part: Pick<Part, 'window' | 'clips'>, view: string, { vehicle, holes }: Footage): Missing[] {
  const own = part.clips.filter((clip) => clip.view === view)
  const open = subtract(
    [part.window],
    own.map(({ span }) => span),
  ).filter(({ start, end }) => end - start > sliverMs)
  const known = holes.filter((hole) => hole.view === undefined || hole.view === view)
  const found = open.flatMap((stretch) => {
    const why = known.flatMap(({ window, because, reason }) =>
      intersect([stretch], [window]).map((shared): Found => ({ ...shared, because, reason })),
    )
    const unknown = subtract([stretch], why)
    const stands = own.map((clip) => clip.stands)
    const short = intersect(unknown, stands).map((one) =>
      foundFor(one, 'short', 'The clip of that minute does not hold it.'),
    )
    const none = subtract(unknown, stands).map((one) => foundFor(one, 'none', 'There is no clip of it.'))
    return [...why, ...short, ...none]
  })
  return joined(found.filter(({ start, end }) => end - start > sliverMs)).map((one) => ({ vehicle, view, ...one }))
}

function foundFor(window: TimeWindow, because: Missing['because'], reason: string): Found {
  return { ...window, because, reason }
}

/** Minutes that follow each other and are missing for one reason are one stretch. */
function joined(found: readonly Found[]): Found[] {
  const sorted = [...found].sort((a, b) => a.start - b.start || a.end - b.end)
  const result: Found[] = []
  for (const one of sorted) {
    const last = result.at(-1)
    const follows = last && one.start <= last.end && one.because === last.because && alike(one.reason, last.reason)
    if (follows) result[result.length - 1] = { ...last, end: Math.max(last.end, one.end) }
    else result.push(one)
  }
  return result
}

/** Reasons that differ in the moment, or in the number of a request, alone. */
function alike(one: string, other: string): boolean {
  const [a, b] = [one, other].map((reason) => reason.replace(/\(request [^)]*\)|\d+/g, ''))
  return a === b
}
