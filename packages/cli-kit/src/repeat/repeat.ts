import type { EpochMs } from '@cam/download-core'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { listenForSignals } from '../interruption.ts'
import { localTime } from '../report/local-time.ts'
import type { Report } from '../report/report.ts'
import type { DayLog } from '../report/run-log.ts'
import { type RunEnd, runOnce, type Start } from '../run-once.ts'
import { zoneOfPeople } from '../session.ts'
import { closeFiles } from './close-files.ts'
import { nextSlot } from './slots.ts'
import { waitUntil } from './wait-until.ts'

const mostRefusals = 3
/** A change of the clocks may put two slots so much farther apart. */
const spareMs = 3 * 3_600_000

/** Runs now and at each slot, until somebody asks for an end or going on would do harm. */
export async function repeat(start: Start, everyMs: number): Promise<ExitCode> {
  const { surroundings, clock } = start
  const { signals } = surroundings
  const timeZone = zoneOfPeople(start)
  const verdict = createVerdict()
  const day: DayLog = {}
  // A run that is over by then closes its logs before the wait begins: a signal in between must neither end the process nor be lost.
  let between: ExitCode | undefined
  const onInterrupt = () => {
    between ??= exitCodes.interrupted
  }
  const onTerminate = () => {
    between = exitCodes.terminated
  }
  signals.on('SIGINT', onInterrupt)
  signals.on('SIGTERM', onTerminate)
  signals.on('SIGHUP', onTerminate)
  try {
    for (let slot = clock.now(); ; ) {
      let next = slot
      const { asked, code } = await runOnce(start, {
        day,
        lastBecause: verdict.lastBecause,
        afterwards(end, report) {
          if (end.asked !== undefined || verdict.isLast()) return
          const now = clock.now()
          const leftOut = nextSlot(slot, everyMs, timeZone)
          next = slotAfter(slot, now, everyMs, timeZone)
          sayNext(report, next, leftOut <= now ? leftOut : undefined, timeZone)
        },
      })
      if (asked !== undefined || between !== undefined) return asked ?? between!
      if (verdict.isLast()) return code === exitCodes.usage ? code : exitCodes.notBegun
      closeFiles()
      const ended = await waitFor(start, next, everyMs, timeZone)
      if (typeof ended !== 'object') return ended
      slot = ended.slot
    }
  } finally {
    signals.off('SIGINT', onInterrupt)
    signals.off('SIGTERM', onTerminate)
    signals.off('SIGHUP', onTerminate)
  }
}

/** A clock that was set back a little does not begin the slot again that was just run; one that was set back far begins anew. */
function slotAfter(last: EpochMs, now: EpochMs, everyMs: number, timeZone: string): EpochMs {
  return nextSlot(last - now <= everyMs ? Math.max(last, now) : now, everyMs, timeZone)
}

/** The slot whose time has come, or the exit code where somebody asked for an end. */
async function waitFor(
  { surroundings, clock, screen, flags }: Start,
  first: EpochMs,
  everyMs: number,
  timeZone: string,
): Promise<{ slot: EpochMs } | ExitCode> {
  const interruption = listenForSignals(surroundings.signals, () => {}, surroundings.exit)
  const onBroken = () => interruption.end('Nobody reads the output any more.')
  screen.broken.addEventListener('abort', onBroken)
  if (screen.broken.aborted) onBroken()
  try {
    let slot = first
    while (!(await waitUntil(slot, everyMs + spareMs, clock, interruption.abort))) {
      slot = nextSlot(clock.now(), everyMs, timeZone)
      const { fields, text } = nextRun(slot, undefined, timeZone)
      if (flags.on('json')) screen.out(JSON.stringify({ type: 'waiting', ...fields }))
      else if (!flags.on('quiet')) screen.out(text)
    }
    return { slot }
  } catch (error) {
    if (!interruption.abort.aborted) throw error
    if (!flags.on('quiet') && interruption.exitCode) screen.err('Stopped while waiting for the next run.')
    return interruption.exitCode ?? exitCodes.incomplete
  } finally {
    interruption.close()
    screen.broken.removeEventListener('abort', onBroken)
  }
}

function sayNext(report: Report, next: EpochMs, leftOut: EpochMs | undefined, timeZone: string): void {
  if (leftOut !== undefined) {
    report.info(
      `What was due at ${localTime(leftOut, timeZone)} is left out: a run went on until now, or the machine slept.`,
    )
  }
  const { fields, text } = nextRun(next, leftOut, timeZone)
  report.item('waiting', fields, text)
}

function nextRun(next: EpochMs, leftOut: EpochMs | undefined, timeZone: string) {
  const iso = (at: EpochMs) => new Date(at).toISOString()
  return {
    fields: { until: iso(next), ...(leftOut === undefined ? {} : { leftOut: iso(leftOut) }) },
    text: `Next run at ${localTime(next, timeZone)}`,
  }
}

/** Whether going on makes sense, by what the runs so far came to. */
function createVerdict() {
  let runs = 0
  let refusals = 0
  let last = false
  return {
    isLast: () => last,
    lastBecause({ code, refused, interrupted }: RunEnd): string | undefined {
      runs++
      if (interrupted) return undefined
      if (refused) refusals++
      // One that did not get as far as logging in says nothing about the login.
      else if (code !== exitCodes.notBegun && code !== exitCodes.locked) refusals = 0
      if (runs === 1 && (code === exitCodes.usage || (refused && code === exitCodes.notBegun))) {
        last = true
        return undefined
      }
      last = refusals >= mostRefusals
      return last
        ? `The login was refused ${mostRefusals} times in a row: no further run, so that the account is not locked.`
        : undefined
    },
  }
}
