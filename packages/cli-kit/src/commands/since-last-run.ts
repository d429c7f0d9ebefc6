import type { ArchiveEvent, Camera, EpochMs, Ledger, PlanOptions, TimeWindow } from '@cam/download-core'
import type { OpenSource } from '../open-source.ts'
import { localTime } from '../report/local-time.ts'
import { hoursText } from '../report/measures.ts'
import { type Session, zoneFor } from '../session.ts'
import { reasonOf } from '../state/durable-file.ts'
import { changeMarks, type Marks, readMarks } from '../state/listed-until.ts'
import { UsageError } from '../usage-error.ts'

export type Asked = Pick<PlanOptions, 'window' | 'windowFor' | 'alsoFailed'>

/** What a run asks each camera for, and until when that was listed. docs/decisions/since-last-run.md says why. */
export interface SinceLastRun {
  readonly asked: Asked
  /** Writes the marks once the plan is in the ledger. Given all events in their order; never throws. */
  see(event: ArchiveEvent, root: string): Promise<void>
}

/** Whether a run keeps marks; it goes on from them, too, unless the user says where to begin. */
export function keepsMarks({ definition, action, command }: Session): boolean {
  return (
    definition.sinceLastRun !== undefined &&
    ['download', 'plan', 'sync'].includes(action) &&
    !command.without?.includes('start')
  )
}

/** Whether a run begins where earlier ones ended. */
export function goesOnFromMarks(session: Session): boolean {
  return keepsMarks(session) && session.action !== 'sync' && !session.flags.given('start')
}

/** `base`: what the flags ask for. Throws UsageError. */
export function sinceLastRun(session: Session, open: OpenSource, ledger: Ledger, base: Asked): SinceLastRun {
  const { flags, clock, report, interruption, definition } = session
  const { firstMs, lookBackMs: usual } = definition.sinceLastRun!
  const goesOn = goesOnFromMarks(session)
  if (flags.given('look-back') && !goesOn) {
    throw new UsageError('--look-back is about runs that go on from the last one, and means nothing with --start.')
  }
  const lookBackMs = flags.number('look-back') ?? usual
  const now = clock.now()
  const fallback = now - Math.max(firstMs, lookBackMs)
  const windows = new Map<string, TimeWindow>()
  const told = new Set<string>()
  let sourceId: Promise<string> | undefined
  let reading: ReturnType<typeof readMarks> | undefined

  // Once for all cameras.
  const once = (what: 'first' | 'future' | 'damaged' | 'unknown', text: string) => {
    if (!told.has(what)) report[what === 'first' ? 'info' : 'warning'](text)
    told.add(what)
  }
  const identify = async () => (await open.source.identify({ signal: interruption.abort })).id

  const startFor = async (camera: Camera): Promise<EpochMs> => {
    sourceId ??= identify()
    const id = await sourceId
    reading ??= readMarks(flags.text('dest')!, id)
    const { marks, damaged } = await reading
    const own = marks.get(camera.id)
    if (own !== undefined && own > now) {
      // As long as the clock was ahead, runs asked for times to come: what they did not ask for lies behind the newest footage.
      const known = await newestKnown(ledger, id, camera.id, now)
      const start = known === undefined ? fallback : Math.min(fallback, known - lookBackMs)
      once(
        'future',
        `By the clock of this machine the last run was in the future (${localTime(own, zoneFor(camera, session))}); ` +
          `${hoursText(now - start)} are looked back on instead. Check the clock; --start fetches what is older.`,
      )
      return start
    }
    const mark = own ?? earliest(marks, now)
    if (mark !== undefined) return mark - lookBackMs
    const known = await newestKnown(ledger, id, camera.id, now)
    const start = known === undefined ? now - firstMs : Math.min(now - firstMs, known - lookBackMs)
    if (damaged !== undefined) {
      once(
        'damaged',
        `Until when earlier runs listed is not known, because .cam/listed-until.json is damaged (${damaged}).`,
      )
    }
    once(
      known === undefined ? 'first' : 'unknown',
      known === undefined
        ? `The first run here fetches the last ${hoursText(firstMs)}; --start fetches what is older, such as --start -30d.`
        : 'Until when earlier runs listed is not noted here: this one begins where the newest footage in the archive ends. --start fetches what is older.',
    )
    return start
  }

  const windowFor = async (camera: Camera): Promise<TimeWindow | undefined> => {
    const given = (await base.windowFor?.(camera)) ?? base.window
    const end = given?.end ?? now
    const start = goesOn ? await startFor(camera) : (given?.start ?? Number.NEGATIVE_INFINITY)
    if (goesOn && start >= end) {
      throw new UsageError(
        `--end "${flags.text('end')}" is before ${new Date(start).toISOString()}, where this run of ${camera.name || camera.id} ` +
          'begins. Add --start to fetch what is older.',
      )
    }
    windows.set(camera.id, { start, end: Math.min(end, now) })
    return goesOn ? { start, end } : given
  }

  const listed = new Set<string>()
  const offline = new Set<string>()
  let isWritten = false
  const see = async (event: ArchiveEvent, root: string) => {
    if (isWritten) return
    if (event.type === 'archive-started') sourceId = Promise.resolve(event.source.id)
    // Said only where all of the run's own time was listed. An old list that fails once more has its row in the ledger.
    if (event.type === 'camera-listed') {
      listed.add(event.camera.id)
      if (event.camera.state === 'offline') offline.add(event.camera.id)
    }
    if (event.type !== 'planned') return
    isWritten = true
    const asked = [...windows].map(([id, window]) => {
      return { id, window, isListed: listed.has(id), isOffline: offline.has(id) }
    })
    try {
      await changeMarks(root, await sourceId!, clock, (marks) => movedOn(marks, asked, now, fallback))
    } catch (error) {
      report.warning(`Until when this run listed cannot be noted (${reasonOf(error)}): the next one lists it again.`)
    }
  }
  // What is behind the window now may have failed, or been pending, when it was in it.
  return { asked: { windowFor, ...(goesOn ? { alsoFailed: true } : {}) }, see }
}

/** What a camera was asked for, and what came of it. */
interface AskedCamera {
  readonly id: string
  readonly window: TimeWindow
  readonly isListed: boolean
  /** What it recorded may be listed only once it is back. */
  readonly isOffline: boolean
}

/** Lists of a camera that never comes back must not grow for ever. */
const longestOfflineMs = 31 * 86_400_000

/** Never back, and never over a hole; but a mark in the future says nothing, and gives way. */
function movedOn(marks: Marks, asked: readonly AskedCamera[], now: EpochMs, fallback: EpochMs): Marks {
  const moved = new Map(marks)
  for (const { id, window, isListed, isOffline } of asked) {
    const { start } = window
    const own = marks.get(id)
    const isFuture = own !== undefined && own > now
    const mark = isFuture ? fallback : (own ?? earliest(marks, now))
    const end = isOffline ? Math.min(window.end, Math.max(mark ?? start, now - longestOfflineMs)) : window.end
    if (isListed && (mark === undefined || start <= mark)) moved.set(id, isFuture ? end : Math.max(own ?? end, end))
    // Where others go on and this one cannot, it has to be known later from when on it lacks something.
    else if (own === undefined && Number.isFinite(mark ?? start)) moved.set(id, mark ?? start)
  }
  return moved
}

/** A camera without a mark is new, or was never listed: it is asked for since the source's least known moment. */
function earliest(marks: Marks, now: EpochMs): EpochMs | undefined {
  let found: EpochMs | undefined
  for (const mark of marks.values()) if (mark <= now) found = Math.min(found ?? mark, mark)
  return found
}

/** Where the newest footage ends that the archive knows of a camera. */
async function newestKnown(
  ledger: Ledger,
  sourceId: string,
  cameraId: string,
  now: EpochMs,
): Promise<EpochMs | undefined> {
  let newest: EpochMs | undefined
  for await (const { window } of ledger.rows({ sourceId, cameraId, kind: 'recording' })) {
    if (window && window.end <= now) newest = Math.max(newest ?? window.end, window.end)
  }
  return newest
}
