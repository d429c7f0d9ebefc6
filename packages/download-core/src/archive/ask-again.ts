import type { Camera } from '../footage/camera.ts'
import { durationMs, overlaps, subtract, type TimeWindow } from '../footage/time-window.ts'
import { type Carrying, carryOut } from './carry-out.ts'
import type { ArchiveEvent } from './events.ts'
import { interrupted, notTried } from './failure.ts'
import { gapKey, recordingKey } from './keys.ts'
import type { LedgerRow } from './ledger.ts'
import { keyText } from './memory-ledger.ts'
import { lacking, sliverMs } from './missing.ts'
import { makePlan, type Plan, type Planning } from './planning.ts'
import type { Halt } from './transferring.ts'
import type { AskedRange } from './windows.ts'

/**
 * What a piece of a piece lacks is asked for, too, and so on; no further than this. An hour of which nothing can be placed takes
 * four rounds of halves, two of smaller parts, and two more for what those lack.
 */
const mostRounds = 8

/** What this run kept so far, told from its events. */
export interface KeptNow {
  see(event: ArchiveEvent): void
  readonly cameras: ReadonlyMap<string, KeptOfCamera>
}

interface KeptOfCamera {
  readonly camera: Camera
  readonly keys: ReadonlySet<string>
  /** From the first to the last moment of it. */
  readonly span: TimeWindow
}

/** Nothing kept yet. */
export function createKeptNow(sourceId: string): KeptNow {
  const cameras = new Map<string, KeptOfCamera & { readonly keys: Set<string> }>()
  return {
    cameras,
    see(event) {
      if (event.type !== 'recording-ended' || event.already || event.outcome.outcome !== 'kept') return
      const { camera, recording } = event
      const { window } = recording
      if (!window) return
      const { keys, span } = cameras.get(camera.id) ?? { keys: new Set(), span: window }
      keys.add(keyText(recordingKey(sourceId, recording)))
      const whole = { start: Math.min(span.start, window.start), end: Math.max(span.end, window.end) }
      cameras.set(camera.id, { camera, keys, span: whole })
    },
  }
}

/**
 * Asks by itself for what the files that this run kept turned out not to hold: a source that leaves something out of a long piece
 * either sends it then, or says in its own words that there is nothing. Only for sources whose pieces are cut from what is
 * asked for. Answers why it took no more work, if it did not get through.
 */
export async function* askAgain(
  how: Carrying,
  planning: Planning,
  kept: KeptNow,
): AsyncGenerator<ArchiveEvent, Halt | undefined> {
  if (how.source.identity !== 'window') return undefined
  const asked = new Set<string>()
  for (let round = 0; round < mostRounds; round++) {
    const ranges: AskedRange[] = []
    for (const ofCamera of kept.cameras.values()) {
      const { camera } = ofCamera
      const { windows, files } = await missingOf(how, ofCamera, asked)
      if (windows.length === 0) continue
      ranges.push({ camera, known: [], windows })
      if (!isEnding(how)) yield { type: 'notice', camera, text: noticeOf(camera, durationMs(windows), files) }
    }
    if (ranges.length === 0) return undefined
    const listed = await listAgain(how, planning, ranges)
    if (!listed) {
      const reason = 'The run was asked to end.'
      yield { type: 'stopping', reason }
      return { reason, rest: notTried(interrupted()) }
    }
    yield* listed.events
    const halt = yield* carryOut(listed.plan, how, true)
    if (halt) return halt
    const { stopped } = listed.plan
    if (stopped) {
      yield { type: 'stopping', reason: stopped.message, error: stopped }
      return { reason: stopped.message, error: stopped, rest: notTried(stopped) }
    }
  }
  return undefined
}

/** Each stretch is asked for once in a run, whatever becomes of it. */
async function missingOf(
  { ledger, sourceId, source }: Carrying,
  { camera, keys, span }: KeptOfCamera,
  asked: Set<string>,
): Promise<{ readonly windows: readonly TimeWindow[]; readonly files: number }> {
  const byView = new Map<string, LedgerRow[]>()
  const granularityMs = source.granularityMs ?? sliverMs
  // What borders on it counts, too.
  const window = { start: span.start - granularityMs, end: span.end + granularityMs }
  for await (const row of ledger.rows({ sourceId, cameraId: camera.id, kind: 'recording', window })) {
    const rows = byView.get(row.key.view) ?? []
    byView.set(row.key.view, rows)
    rows.push(row)
  }
  const windows: TimeWindow[] = []
  let files = 0
  for (const rows of byView.values()) {
    const chosen = (row: LedgerRow) => keys.has(keyText(row.key))
    const found = lacking(rows, granularityMs, chosen).flatMap((one) => subtract([one], windows))
    const fresh = found.filter(({ start, end }) => !asked.has(`${camera.id} ${start} ${end}`))
    for (const { start, end } of fresh) asked.add(`${camera.id} ${start} ${end}`)
    windows.push(...fresh)
    files += rows.filter((row) => chosen(row) && fresh.some((one) => row.window && overlaps(one, row.window))).length
  }
  return { windows, files }
}

/** `undefined` where the run was asked to end in the meantime: nothing is written then, and the next run asks. */
async function listAgain(
  how: Carrying,
  planning: Planning,
  ranges: readonly AskedRange[],
): Promise<{ readonly events: readonly ArchiveEvent[]; readonly plan: Plan } | undefined> {
  const { accounted, sourceId } = how
  const events: ArchiveEvent[] = []
  const listing = makePlan(planning, ranges)
  try {
    for (;;) {
      if (isEnding(how)) return undefined
      const { done, value } = await listing.next()
      if (isEnding(how)) return undefined
      if (done) return { events, plan: unaccounted(value, accounted) }
      const known = value.type === 'gap' && accounted.has(keyText(gapKey(sourceId, value.gap)))
      if (!known && value.type !== 'camera-listed') events.push(value)
    }
  } catch (error) {
    if (how.signal.aborted) return undefined
    throw error
  }
}

/** What this run accounts for already is left to that. */
function unaccounted(plan: Plan, accounted: ReadonlySet<string>): Plan {
  const contradicted = plan.outdated.some((key) => accounted.has(keyText(key)))
  return {
    ...plan,
    recordings: plan.recordings.filter(({ key }) => !accounted.has(keyText(key))),
    stretches: plan.stretches.filter(({ row }) => !accounted.has(keyText(row.key))),
    ...(contradicted ? { outdated: [], remainders: [] } : {}),
  }
}

function isEnding({ signal, stopAsked }: Carrying): boolean {
  return signal.aborted || stopAsked.aborted
}

function noticeOf(camera: Camera, ms: number, files: number): string {
  const time = ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
  return `Asking again for ${time} that ${files} file${files === 1 ? '' : 's'} of ${camera.name || camera.id} turned out not to hold.`
}
