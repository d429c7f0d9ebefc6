import type { ArchiveEvent, Camera, Outcome, Run, Summary } from '@cam/download-core'
import type { CameraCounts, Failure } from '@cam/notify'
import type { Words } from '../definition.ts'
import type { Explained } from '../explain.ts'
import { cameraName, recordingName } from './event-lines.ts'
import type { Report } from './report.ts'

/** What a run's notices are made of. Grows with the cameras, not with the recordings. */
export interface NoticeFacts {
  readonly started: Extract<ArchiveEvent, { type: 'archive-started' }> | undefined
  /** Earlier runs that were found dead. */
  readonly dead: readonly Run[]
  /** What ended the run, or kept it from beginning: the last that was said. */
  readonly error: Explained | undefined
  /** As people are told it. Absent where nothing began. */
  readonly summary: Summary | undefined
  readonly perCamera: readonly CameraCounts[]
  /** The first of them. */
  readonly failures: readonly Failure[]
  readonly failuresInAll: number
}

type Counts = { -readonly [Name in Exclude<keyof Summary, 'durationMs'>]: number }

const mostFailures = 500

/** A report that says nothing and remembers what a notice needs. */
export function noticeFacts(words: Words): { readonly facts: NoticeFacts; readonly report: Report } {
  const cameras = new Map<string, { name: string; counts: Counts }>()
  const dead: Run[] = []
  const failures: Failure[] = []
  let [started, error, summary]: [NoticeFacts['started'], Explained?, Summary?] = [undefined]
  let failuresInAll = 0

  const countsOf = (camera: Camera): Counts => {
    const known = cameras.get(camera.id)
    if (known) return known.counts
    const none = { planned: 0, kept: 0, alreadyKept: 0, absent: 0, expired: 0, pending: 0, failed: 0, skipped: 0 }
    const counts = { ...none, bytes: 0 }
    cameras.set(camera.id, { name: cameraName(camera), counts })
    return counts
  }
  const count = (camera: Camera, column: Exclude<keyof Counts, 'planned' | 'bytes'>, bytes = 0) => {
    const counts = countsOf(camera)
    counts.planned++
    counts[column]++
    counts.bytes += bytes
  }
  const fail = (failure: Failure) => {
    failuresInAll++
    if (failures.length < mostFailures) failures.push(failure)
  }
  const see = (event: ArchiveEvent) => {
    if (event.type === 'archive-started') started = event
    if (event.type === 'interrupted-run-found') dead.push(event.run)
    if (event.type === 'camera-listed') countsOf(event.camera)
    if (event.type === 'gap') count(event.camera, event.gap.outcome)
    if (event.type === 'listing-failed') {
      const { code, message, httpStatus } = event.error
      count(event.camera, 'failed')
      fail({ camera: cameraName(event.camera), code, message, ...(httpStatus === undefined ? {} : { httpStatus }) })
    }
    if (event.type === 'recording-ended') {
      const { camera, recording, outcome, already = false } = event
      const column = columnOf(outcome, already)
      count(camera, column, outcome.outcome === 'kept' && !already ? outcome.bytes : 0)
      const about = { camera: cameraName(camera), recording: recordingName(recording, camera, words) }
      if (outcome.outcome === 'lost') fail({ ...about, code: 'LOST', message: outcome.reason })
      if (outcome.outcome === 'failed') {
        const { code, message, httpStatus, attempts } = outcome
        // Thousands that were not even tried may follow one full disk: they are only counted.
        if (attempts === 0) failuresInAll++
        else fail({ ...about, code, message, ...(httpStatus === undefined ? {} : { httpStatus }) })
      }
    }
  }
  return {
    report: {
      begin: () => {},
      event: see,
      info: () => {},
      warning: () => {},
      error: (explained) => {
        error = explained
      },
      end(sum, ending) {
        if (ending === 'done' || (ending === 'interrupted' && started)) summary = countsIn(sum)
      },
      item: () => {},
    },
    facts: {
      get started() {
        return started
      },
      dead,
      get error() {
        return error
      },
      get summary() {
        return summary
      },
      get perCamera() {
        const names = [...cameras.values()].map(({ name }) => name)
        return [...cameras].map(([id, { name, counts }]) => ({
          // Two that are called the same are told apart.
          camera: names.filter((other) => other === name).length > 1 ? `${name} (${id})` : name,
          ...counts,
        }))
      },
      failures,
      get failuresInAll() {
        return failuresInAll
      },
    },
  }
}

/** It may be the event that carried it. */
function countsIn(sum: Summary): Summary {
  const { planned, kept, alreadyKept, absent, expired, pending, failed, skipped, bytes, durationMs } = sum
  return { planned, kept, alreadyKept, absent, expired, pending, failed, skipped, bytes, durationMs }
}

function columnOf({ outcome }: Outcome, already: boolean): Exclude<keyof Counts, 'planned' | 'bytes'> {
  if (outcome === 'kept') return already ? 'alreadyKept' : 'kept'
  if (outcome === 'handed-over') return 'alreadyKept'
  return outcome === 'lost' ? 'failed' : outcome
}
