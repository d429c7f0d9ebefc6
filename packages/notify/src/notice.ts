import type { EpochMs, Summary, TimeWindow } from '@cam/download-core'
import type { DigestNotice } from './digest/digest.ts'

/** Everything one can be told about, in the order of a run's life. */
export const notifyEvents = [
  'start',
  'finish',
  'partial',
  'fail',
  'interrupted',
  'auth-expiring',
  'expiring',
  'digest',
] as const

/**
 * `finish`: all went well. `partial`: some recordings failed. `fail`: the run could not begin or go on. `interrupted`: it was
 * ended, or an earlier one was found without an end. `auth-expiring`: the login will lapse. `expiring`: footage will be gone soon.
 */
export type NotifyEvent = (typeof notifyEvents)[number]

/** The counts of one camera; what is left out is 0. */
export type CameraCounts = { readonly camera: string } & Pick<Summary, 'planned' | 'kept' | 'failed' | 'bytes'> &
  Partial<Omit<Summary, 'durationMs'>>

/** One recording, or one camera's listing, that failed. */
export interface Failure {
  readonly camera: string
  /** Absent where the whole listing of the camera failed. */
  readonly recording?: string
  /** A CamError code. */
  readonly code: string
  readonly message: string
  readonly httpStatus?: number
}

/** What is told of one run. Names and messages may be any text: control characters and secrets are removed before it leaves. */
export interface RunNotice {
  readonly event: Exclude<NotifyEvent, 'digest'>
  /** Absent outside a run, such as a login that is about to lapse. */
  readonly runId?: string
  readonly vendor: string
  /** The source's name, for people. */
  readonly source: string
  /** What was asked for. */
  readonly window?: TimeWindow
  readonly startedAt: EpochMs
  readonly endedAt?: EpochMs
  readonly summary?: Summary
  readonly perCamera?: readonly CameraCounts[]
  /** As many as the caller cares to give; the first 50 are shown, the rest is counted. */
  readonly failures?: readonly Failure[]
  /** How many there were, where `failures` does not hold all of them. */
  readonly failuresInAll?: number
  /** A CamError will do. */
  readonly error?: { readonly code?: string; readonly message: string }
  /** What the reader can do, as a sentence. */
  readonly nextAction?: string
  readonly exitCode?: number
}

/** One thing to tell. */
export type Notice = RunNotice | DigestNotice

/** Reads `partial,fail,digest`. Throws a RangeError that names the unknown event. */
export function parseEvents(text: string): NotifyEvent[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const unknown = names.find((name) => !isEvent(name))
  if (unknown !== undefined || names.length === 0) {
    throw new RangeError(
      `Events to notify on must be some of ${notifyEvents.join(', ')}; received ${unknown ?? 'none'}.`,
    )
  }
  return [...new Set(names.filter(isEvent))]
}

function isEvent(name: string): name is NotifyEvent {
  return (notifyEvents as readonly string[]).includes(name)
}
