import type { Run } from '../archive/ledger.ts'
import type { Camera } from '../footage/camera.ts'
import type { CamError } from '../footage/errors.ts'
import type { Outcome, Summary } from '../footage/outcome.ts'
import type { Identity } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'

/**
 * Why nobody asked the camera: the program was not running; its device could not be reached when it began; the clock jumped or the
 * machine slept; the picture of an earlier slot was still under way.
 */
export type MissedWhy = 'not running' | 'not reached' | 'too late' | 'device busy'

/** What `capture` tells while it works. Everything it says of a slot is in the ledger already. */
export type CaptureEvent =
  /** Once for each device, as soon as it was reached. `source.id` is the device's own; its slots are under `sourceId`. */
  | {
      readonly type: 'capture-started'
      readonly runId: string
      readonly vendor: string
      readonly source: Identity
      readonly sourceId: string
      readonly into: string
      readonly cameras: readonly Camera[]
    }
  /** A device does not answer yet; it is asked again. `device`: its place in `source`, from 0. */
  | {
      readonly type: 'device-not-reached'
      readonly vendor: string
      readonly device: number
      readonly error: CamError
      readonly inMs: number
    }
  /** An earlier run of this device ended without saying so: killed, or the power failed. */
  | { readonly type: 'interrupted-run-found'; readonly run: Run }
  /** A picture is kept, or was asked for in vain. `lateMs`: how long after its slot it was asked for. */
  | {
      readonly type: 'slot'
      readonly camera: Camera
      readonly slot: EpochMs
      readonly outcome: Extract<Outcome, { outcome: 'kept' | 'failed' }>
      readonly lateMs: number
      /** The error behind a failed outcome; its `cause` is what the last try ended with. */
      readonly error?: CamError
    }
  /** Slots that nobody asked for, from the first to the last. Each is a failed row SLOT_MISSED. */
  | {
      readonly type: 'slots-missed'
      readonly camera: Camera
      readonly from: EpochMs
      readonly to: EpochMs
      readonly count: number
      readonly why: MissedWhy
    }
  /** Something the user should read that is no outcome. */
  | { readonly type: 'notice'; readonly text: string; readonly camera?: Camera }
  /** The capture of a device ends early: disk full, credentials refused. Without `source`, it was never reached, or all end. */
  | { readonly type: 'stopping'; readonly reason: string; readonly error?: CamError; readonly source?: Identity }
  | ({ readonly type: 'capture-ended' } & CaptureSummary)

/** The sum of a capture, in slots: `planned = kept + failed`, always; the rest of what a `Summary` counts is 0. */
export interface CaptureSummary extends Summary {
  /** Of `failed`: nobody asked for them. */
  readonly missed: number
}
