import { durationText, type SourceContext } from '@cam/cli-kit'
import type { Recording } from '@cam/download-core'
import type { SamsaraSource } from '@cam/samsara'
import { orderingText } from './cost.ts'

const leastMs = 30_000
const mostMs = 10 * 60_000
/** While orders are placed, of which Samsara takes so many a minute only. */
const orderingMs = 10_000

/**
 * Says what is going to be ordered and what that costs at most, how many clips are ordered, and then for how many the vehicle is waited for: it may take hours, and a run that says nothing
 * for so long looks dead.
 */
export function tellingOf(
  source: SamsaraSource,
  { say, clock }: Pick<SourceContext, 'say' | 'clock'>,
  mostSeconds: number | undefined,
): SamsaraSource {
  const began = clock.monotonic()
  const states = new Map<string, string>()
  let said = ''
  let isCostTold = false
  let saidAt = Number.NEGATIVE_INFINITY

  const tell = () => {
    const [waiting, all] = [[...states.values()].filter((state) => state === 'waiting').length, states.size]
    const since = clock.monotonic() - saidAt
    const text = `${waiting} of ${all}`
    if (waiting === 0 || since < leastMs || (text === said && since < mostMs)) return
    said = text
    saidAt = clock.monotonic()
    const waited = clock.monotonic() - began
    say.info(
      `${waiting} of ${all} clips are ordered and not uploaded yet${waited < leastMs ? '' : `, after ${durationText(waited)}`}. ` +
        'The vehicle has to be on and connected; Ctrl-C ends the waiting, and the next run goes on from here.',
    )
  }

  return {
    ...source,
    async *prepare(asked, notes, call) {
      // What a run asks for is asked for at once: what follows are questions about it.
      const forecast = isCostTold ? undefined : source.forecast(asked, notes)
      isCostTold = true
      if (forecast && forecast.missing > 0) {
        say.info(orderingText(forecast, mostSeconds))
        say.item('forecast', { ...forecast })
      }
      for (const { cameraId, id, view } of asked) {
        const key = JSON.stringify([cameraId, id, view])
        if (!states.has(key)) states.set(key, 'asked')
      }
      const ordering = orderingTold(say, clock)
      const isOpen = ({ cameraId, id, view }: Recording) => states.get(JSON.stringify([cameraId, id, view])) === 'asked'
      for await (const preparation of source.prepare(asked, notes, call)) {
        const { cameraId, recordingId, view, state, note, askAgainAfterMs } = preparation
        // Of an order that was placed before it is said when it is asked about.
        if (note?.state === 'asking' && state === 'waiting' && askAgainAfterMs === undefined)
          ordering(note.order, () => asked.filter(isOpen))
        states.set(JSON.stringify([cameraId, recordingId, view]), state)
        yield preparation
      }
      tell()
    },
  }
}

/** Says from time to time how many orders of this round are placed. `open`: what nothing was said of yet. */
function orderingTold({ info }: SourceContext['say'], clock: SourceContext['clock']) {
  const placed = new Set<string>()
  let all = 0
  let saidAt = clock.monotonic()
  return (order: string, open: () => readonly Recording[]) => {
    if (all === 0) all = new Set(open().map(({ cameraId, id }) => `${cameraId}/${id}`)).size
    placed.add(order)
    if (clock.monotonic() - saidAt < orderingMs) return
    saidAt = clock.monotonic()
    info(`${placed.size} of ${Math.max(all, placed.size)} orders are placed, as fast as Samsara takes them.`)
  }
}
