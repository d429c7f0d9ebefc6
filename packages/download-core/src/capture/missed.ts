import type { Ledger, RowKey } from '../archive/ledger.ts'
import type { Clock } from '../clock.ts'
import type { Camera } from '../footage/camera.ts'
import { SlotMissedError } from '../footage/errors.ts'
import type { Outcome } from '../footage/outcome.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { type Account, slotKey } from './account.ts'
import type { CaptureEvent, MissedWhy } from './events.ts'
import { failedShot, recordingOf } from './shoot.ts'
import type { Slots } from './slots.ts'

const rowsPerTransaction = 500
/** Moments looked at before other work gets its turn. */
const momentsAtOnce = 5000
/** Two years of minutes. A clock that begins in 1970 must not fill the disk with what never was. */
const mostRows = 1_000_000

const words: Readonly<Record<MissedWhy, string>> = {
  'not running': 'the program was not running',
  'not reached': 'the device could not be reached',
  'too late': 'the clock had gone on before anybody could ask: it was set, or the machine slept',
  'device busy': 'the picture of an earlier slot was still under way',
}

/** Where missed slots are written down. */
export interface Missing {
  readonly camera: Camera
  readonly sourceId: string
  readonly runId: string
  readonly ledger: Ledger
  readonly clock: Clock
  readonly everyMs: number
  /** What lies more slots back than this is one row. Default 1,000,000. */
  readonly mostRows?: number
  readonly slots: Slots
  readonly account: Pick<Account, 'find' | 'reached'>
  /** The archive is still there; also lets other work have its turn. */
  check(): Promise<void>
  /** Ends it between two batches; what is left is written down by the next run. */
  readonly end: AbortSignal
  why(slot: EpochMs): MissedWhy
  missed(count: number): void
  tell(event: CaptureEvent): void
}

/**
 * Records every slot after `from` and up to `last` that has no outcome yet as missed, in batches: months of them cost no memory.
 * What lies too far back is one row. Throws where the ledger cannot be written.
 */
export async function recordMissed(from: EpochMs, last: EpochMs, how: Missing): Promise<void> {
  const { slots, everyMs, account } = how
  let open: Extract<CaptureEvent, { type: 'slots-missed' }> | undefined
  const tell = () => {
    if (open) how.tell(open)
    open = undefined
  }
  const add = (why: MissedWhy, first: EpochMs, to: EpochMs, count: number) => {
    if (open?.why !== why) tell()
    const { camera } = how
    open = { type: 'slots-missed', camera, from: open?.from ?? first, to, count: (open?.count ?? 0) + count, why }
  }
  let at = from
  try {
    const oldest = last - (how.mostRows ?? mostRows) * everyMs
    if (at < oldest) {
      const why = how.why(at + everyMs)
      const count = Math.round((oldest - at) / everyMs)
      await write([{ start: at, end: oldest, why, count }], how)
      add(why, at, oldest, count)
      at = oldest
      await account.reached(at)
    }
    while (at < last && !how.end.aborted) {
      await how.check()
      const batch: Stretch[] = []
      const horizon = Math.min(last, at + momentsAtOnce * everyMs)
      while (batch.length < rowsPerTransaction) {
        const slot = slots.firstDue(at, horizon)
        at = slot ?? horizon
        if (slot === undefined) break
        if ((await account.find(slot))?.outcome) continue
        batch.push({ start: slot, end: slot, why: how.why(slot), count: 1 })
      }
      if (batch.length > 0) await write(batch, how)
      for (const { start, why } of batch) add(why, start, start, 1)
      await account.reached(at)
    }
  } finally {
    tell()
  }
}

interface Stretch {
  readonly start: EpochMs
  readonly end: EpochMs
  readonly why: MissedWhy
  readonly count: number
}

async function write(batch: readonly Stretch[], how: Missing): Promise<void> {
  const { ledger, runId, clock, camera } = how
  const rows = batch.map((stretch) => ({ stretch, key: keyOf(stretch, how) }))
  await ledger.plan(
    runId,
    clock.now(),
    rows.map(({ key, stretch: { start, end } }) => {
      const recording = recordingOf(camera, start, key.recordingId)
      return { key, kind: 'slot', camera, recording: { ...recording, window: { start, end } }, window: { start, end } }
    }),
  )
  const outcomes = rows.map(({ key, stretch }) => ({ key, outcome: outcomeOf(stretch) }))
  await ledger.record(runId, clock.now(), outcomes)
  how.missed(batch.length)
}

function keyOf({ start, end }: Stretch, { sourceId, camera }: Missing): RowKey {
  const key = slotKey(sourceId, camera.id, start)
  return start === end ? key : { ...key, recordingId: `${key.recordingId}/${new Date(end).toISOString()}` }
}

function outcomeOf({ why, count }: Stretch): Outcome {
  const many = count === 1 ? '' : ` (about ${count} slots)`
  return failedShot(new SlotMissedError(`slot-missed: ${words[why]}${many}.`), 0).outcome
}
