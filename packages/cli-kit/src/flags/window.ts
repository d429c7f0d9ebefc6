import { type Camera, type TimeWindow, timeWindow } from '@cam/download-core'
import { UsageError } from '../usage-error.ts'
import type { Flags } from './flag.ts'
import { inZone, isTimeZone, needsZone, readMoment, readTimeZone } from './moment.ts'

/** `--start`, `--end` and `--timezone`, read but perhaps not yet placed in a zone. */
export interface AskedWindow {
  /** The zone the user named. */
  readonly timeZone?: string
  /** True while the camera's zone has to be asked for before `resolve`. */
  readonly needsCameraZone: boolean
  /** `undefined`: all there is. Throws UsageError. */
  resolve(zone: string): TimeWindow | undefined
}

/** Checks everything that can be checked without a camera, so that mistakes show before anything is contacted. */
export function askedWindow(flags: Flags, nowMs: number): AskedWindow {
  const zoneText = flags.text('timezone')
  const timeZone = zoneText === undefined ? undefined : readTimeZone(zoneText, 'timezone')
  const startText = flags.text('start')
  const endText = flags.text('end')
  const start = startText === undefined ? undefined : readMoment(startText, 'start', nowMs)
  const end = endText === undefined ? undefined : readMoment(endText, 'end', nowMs)
  const resolve = (zone: string): TimeWindow | undefined => {
    if (start === undefined && end === undefined) return undefined
    const from = start ? inZone(start, zone, startText!, 'start', nowMs) : 0
    const to = end ? inZone(end, zone, endText!, 'end', nowMs) : nowMs
    if (from >= to) {
      throw new UsageError(
        `--start${startText === undefined ? '' : ` "${startText}"`} is ${new Date(from).toISOString()}, which is not before ` +
          `--end${endText === undefined ? ' (now)' : ` "${endText}"`}, ${new Date(to).toISOString()}.`,
      )
    }
    return timeWindow(from, to)
  }
  const open = [start, end].some((moment) => moment !== undefined && needsZone(moment))
  if (!open || timeZone !== undefined) resolve(timeZone ?? 'UTC')
  return { ...(timeZone === undefined ? {} : { timeZone }), needsCameraZone: open && timeZone === undefined, resolve }
}

/** The one zone all these cameras keep their clocks in; the system's where none says. Throws UsageError where they differ. */
export function zoneOf(cameras: readonly Camera[], systemZone: string): string {
  const zones = new Set(
    cameras.map((camera) =>
      camera.timeZone !== undefined && isTimeZone(camera.timeZone) ? camera.timeZone : systemZone,
    ),
  )
  if (zones.size > 1) {
    throw new UsageError(
      `--start and --end have no offset, and the cameras keep different zones (${[...zones].sort().join(', ')}). ` +
        'Add --timezone, or an offset to the times.',
    )
  }
  return [...zones][0] ?? systemZone
}
