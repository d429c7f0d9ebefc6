import { randomNumbers } from '../media/prng.ts'
import type { ProtectCameraSpec, ProtectEventSpec, TimeWindow } from './world.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute

/** The console of every world that is not custom. */
export const homeNvr = {
  id: '61b3f5c7033ea703e7000424',
  mac: '4B8290F6D7A3',
  name: 'Home Console',
  timezone: 'Europe/Berlin',
} as const

const utc = (text: string) => Date.parse(`${text}Z`)

/** From one moment in UTC to another, as `2026-10-24T05:17:40`. */
export const span = (from: string, to: string): TimeWindow => ({ start: utc(from), end: utc(to) })

/** The window without the holes. */
export function holed(window: TimeWindow, holes: readonly TimeWindow[]): TimeWindow[] {
  const starts = [window.start, ...holes.map(({ end }) => end)]
  const ends = [...holes.map(({ start }) => start), window.end]
  return starts.map((start, index) => ({ start, end: ends[index]! })).filter(({ start, end }) => start < end)
}

const kinds: readonly Pick<ProtectEventSpec, 'type' | 'smartDetectTypes'>[] = [
  { type: 'motion' },
  { type: 'smartDetectZone', smartDetectTypes: ['person'] },
  { type: 'motion' },
  { type: 'smartDetectZone', smartDetectTypes: ['vehicle', 'licensePlate'] },
  { type: 'smartAudioDetect', smartDetectTypes: ['alrmBark'] },
]

/** Events of 8 seconds to 4 minutes, about one in so many milliseconds. */
export function eventsIn(seed: string, window: TimeWindow, everyMs: number): ProtectEventSpec[] {
  const next = randomNumbers(seed)
  const hex = (digits: number) => Array.from({ length: digits }, () => (next() & 15).toString(16)).join('')
  const events: ProtectEventSpec[] = []
  let at = window.start + (next() % everyMs)
  while (at < window.end - 5 * minute) {
    const end = at + 8 * second + (next() % (232 * second))
    const id = events.length % 3 === 2 ? `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}` : `6${hex(23)}`
    events.push({ id, start: at, end, ...kinds[next() % kinds.length]!, score: 40 + (next() % 60) })
    at = end + minute + (next() % (2 * everyMs))
  }
  return events
}

/** What a camera records that records events only. */
export function recordedAround(events: readonly ProtectEventSpec[], paddingMs: number): TimeWindow[] {
  const windows: { start: number; end: number }[] = []
  for (const { start, end } of events) {
    const padded = { start: start - paddingMs, end: (end ?? start) + paddingMs }
    const before = windows.at(-1)
    // Nearer than two groups of pictures they would touch.
    if (before && padded.start - before.end < 10 * second) before.end = Math.max(before.end, padded.end)
    else windows.push(padded)
  }
  return windows
}

/** An hour of one camera, for worlds made of odd cameras. */
export function oddCamera(index: number, spec: Partial<ProtectCameraSpec>): ProtectCameraSpec {
  const digits = index.toString(16).padStart(4, '0')
  return {
    id: `61b3f5c90050a703e7${digits}00`,
    mac: `E063DA0B${digits.toUpperCase()}`,
    name: `Camera ${index}`,
    recorded: [span('2026-11-02T08:00', '2026-11-02T10:00')],
    ...spec,
  }
}
