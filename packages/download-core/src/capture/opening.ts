import type { Camera } from '../footage/camera.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { type Account, cameraOf, missedSince, openAccount, type Standing, saveStanding, standings } from './account.ts'
import type { Capturing } from './device.ts'
import type { MissedWhy } from './events.ts'
import { type Missing, recordMissed } from './missed.ts'
import { takeUp } from './resume.ts'
import type { Shooting } from './shoot.ts'
import { type Slots, slotsOf } from './slots.ts'
import type { SlotTally } from './tally.ts'

/** Brings the accounts of a device's cameras up to now. */
export interface Opening {
  /** The camera's account, and the moment its loop goes on from. */
  open(camera: Camera): Promise<{
    readonly account: Account
    readonly from: EpochMs
    readonly name: string
    readonly slots: Slots
  }>
  /** Cameras of earlier runs that are not wanted now: what they missed until now is missed, what comes is not. */
  others(known: readonly Standing[], chosen: readonly Camera[]): Promise<void>
  missing(camera: Camera, account: Account, slots: Slots): Omit<Missing, 'why'>
  whyBefore(slot: EpochMs): MissedWhy | undefined
}

/** What `createOpening` works with. */
export interface OpeningOptions extends Capturing {
  readonly shooting: Shooting
  readonly tally: SlotTally
  readonly end: AbortSignal
  /** When the device had answered. */
  readonly reachedAt: EpochMs
}

/** The opening of one device. */
export function createOpening(how: OpeningOptions): Opening {
  const { ledger, clock, timetable, beganAt, reachedAt, shooting, tally, until } = how
  const { sourceId } = shooting
  const where = { ledger, sourceId, monotonic: () => clock.monotonic() }

  const missing = (camera: Camera, account: Account, slots: Slots, everyMs = timetable.everyMs) => ({
    camera,
    sourceId,
    runId: shooting.runId,
    ledger,
    clock,
    everyMs,
    slots,
    account,
    check: () => how.folder.check(),
    end: how.end,
    missed: (count: number) => tally.missed(count),
    tell: how.tell,
  })

  const whyBefore = (slot: EpochMs): MissedWhy | undefined =>
    slot < beganAt ? 'not running' : slot < reachedAt ? 'not reached' : undefined

  /** What was planned by an earlier run and did not happen: by its timetable, to its end. */
  const accountFor = async (standing: Standing, camera: Camera, last: EpochMs): Promise<Account> => {
    const { peak } = await takeUp(camera.id, standing.name, standing.at, shooting, (row, { outcome, error }) => {
      tally.ended(outcome)
      const slot = row.window!.start
      how.tell({ type: 'slot', camera, slot, outcome, lateMs: 0, ...(error ? { error } : {}) })
    })
    const account = openAccount(standing, peak, where)
    const planned = Math.min(last, standing.until ?? last)
    const start = missedSince(standing.at, planned, account.peak)
    if (standing.goesOn && start < planned) {
      const due = timetable.due?.bind(timetable)
      const slots = slotsOf({ ...standing.timetable, ...(due ? { due } : {}) })
      const why = (slot: EpochMs) => whyBefore(slot) ?? 'not running'
      await recordMissed(start, planned, { ...missing(camera, account, slots, standing.timetable.everyMs), why })
    }
    return account
  }

  return {
    missing,
    whyBefore,
    async open(camera) {
      const slots = slotsOf(timetable)
      const name = how.names.of(sourceId, camera)
      const before = (await standings(ledger, sourceId)).find(({ cameraId }) => cameraId === camera.id)
      const standing: Standing = {
        cameraId: camera.id,
        at: beganAt - 1,
        goesOn: true,
        timetable,
        name,
        ...(Number.isFinite(until) ? { until } : {}),
      }
      const goesOn = before?.goesOn && (before.until === undefined || before.until >= beganAt)
      if (before && goesOn && sameTimetable(before, standing)) {
        // The loop itself records what was missed, and takes what is not too late yet.
        const account = await accountFor({ ...standing, at: before.at }, camera, before.at)
        await saveStanding(ledger, sourceId, { ...standing, at: before.at })
        return { account, from: before.at, name, slots }
      }
      let peak = Number.NEGATIVE_INFINITY
      if (before) {
        peak = (await accountFor(before, camera, standing.at)).peak
        if (goesOn) how.tell({ type: 'notice', camera, text: changed(before, standing) })
      }
      await saveStanding(ledger, sourceId, standing)
      return { account: openAccount(standing, peak, where), from: standing.at, name, slots }
    },
    async others(known, chosen) {
      const wanted = new Set(chosen.map(({ id }) => id))
      for (const standing of known) {
        if (!standing.goesOn || wanted.has(standing.cameraId)) continue
        const account = await accountFor(standing, cameraOf(standing), beganAt - 1)
        if (!how.end.aborted) await account.save(false)
      }
    },
  }
}

function sameTimetable(a: Standing, b: Standing): boolean {
  return (
    a.timetable.everyMs === b.timetable.everyMs && (a.timetable.timeZone ?? 'UTC') === (b.timetable.timeZone ?? 'UTC')
  )
}

function changed(before: Standing, now: Standing): string {
  const text = ({ timetable: { everyMs, timeZone = 'UTC' } }: Standing) => `every ${everyMs / 1000} s (${timeZone})`
  return `The timetable was ${text(before)} and is ${text(now)} from now on; what was missed until now is counted by the former.`
}
