import { durationText, type SourceContext } from '@cam/cli-kit'
import type { SamsaraSource } from '@cam/samsara'

const leastMs = 30_000
const mostMs = 10 * 60_000

/**
 * Says how many clips are there, and for how many the vehicle is waited for: it may take hours, and a run that says nothing for so
 * long looks dead.
 */
export function tellingOf(source: SamsaraSource, { say, clock }: Pick<SourceContext, 'say' | 'clock'>): SamsaraSource {
  const began = clock.monotonic()
  const states = new Map<string, string>()
  let said = ''
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
      for (const { cameraId, id, view } of asked) {
        const key = JSON.stringify([cameraId, id, view])
        if (!states.has(key)) states.set(key, 'asked')
      }
      for await (const preparation of source.prepare(asked, notes, call)) {
        const { cameraId, recordingId, view, state } = preparation
        states.set(JSON.stringify([cameraId, recordingId, view]), state)
        yield preparation
      }
      tell()
    },
  }
}
