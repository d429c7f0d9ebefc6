import { type Call, type Camera, isCamError, isGap, type Ledger } from '@cam/download-core'
import type { OpenSource } from '../open-source.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage-error.ts'
import { type Asked, goesOnFromMarks, keepsMarks, type SinceLastRun, sinceLastRun } from './since-last-run.ts'

/** What a run asks for, and where it goes on from the last one, the marks it leaves. Throws UsageError. */
export async function askedFor(
  session: Session,
  open: OpenSource,
  ledger: Ledger,
): Promise<{ readonly asked: Asked; readonly marks?: Pick<SinceLastRun, 'see'> }> {
  const asked = await byFlags(session, open, ledger)
  if (!keepsMarks(session)) return { asked }
  const marks = sinceLastRun(session, open, ledger, asked)
  return { asked: marks.asked, marks }
}

/**
 * Which time a run asks for: one window for all cameras, or one for each where --start is absent. To sync begins where the archive
 * begins. Pieces that a source cuts from the window are asked for from its oldest footage on: else its edge, which moves, would be
 * cut anew each time, and an open window would count everything since 1970 as missing.
 */
async function byFlags(session: Session, open: OpenSource, ledger: Ledger): Promise<Asked> {
  const { flags, clock, action, interruption } = session
  const window = await open.window()
  const { source } = open
  const isCut = source.identity === 'window' && action !== 'retry' && !goesOnFromMarks(session)
  if (flags.given('start') || (action !== 'sync' && !isCut)) return window ? { window } : {}
  const call = { signal: interruption.abort }
  const end = window?.end ?? clock.now()
  const windowFor = async (camera: Camera) => {
    const { id } = await source.identify(call)
    const archived = action === 'sync' ? await firstArchived(ledger, id, camera.id) : undefined
    if (archived !== undefined && archived >= end) {
      throw new UsageError(
        `--end "${flags.text('end')}" is before ${new Date(archived).toISOString()}, where the archive of ` +
          `${camera.name || camera.id} begins. Add --start to fetch what is older.`,
      )
    }
    const start = archived ?? (isCut ? await oldest(open, camera, call) : undefined)
    if (start === undefined) return isCut ? undefined : window
    // What ends before the oldest footage is gone; nobody knows since when.
    return { start: start < end ? start : end - 1000, end }
  }
  return { windowFor }
}

/** From when on the archive knows of a camera: footage it has, or could not get, or could not list. */
async function firstArchived(ledger: Ledger, sourceId: string, cameraId: string): Promise<number | undefined> {
  let first: number | undefined
  for await (const { kind, window } of ledger.rows({ sourceId, cameraId })) {
    // What the source no longer had may reach back for ever.
    if (kind === 'gap' || !window) continue
    first = Math.min(first ?? window.start, window.start)
  }
  return first
}

/** Where the source's footage of a camera begins; undefined where there is none, or where the run itself will meet the failure. */
async function oldest({ source }: OpenSource, camera: Camera, call: Call): Promise<number | undefined> {
  let first: number | undefined
  try {
    for await (const item of source.recordings(camera, undefined, call)) {
      const start = isGap(item) ? item.start : item.window?.start
      if (start !== undefined) first = Math.min(first ?? start, start)
    }
  } catch (error) {
    if (!isCamError(error) || error.stops === 'run') throw error
    return undefined
  }
  return first
}
