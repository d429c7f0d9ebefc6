import type { Camera, Ledger, PlanOptions } from '@cam/download-core'
import type { OpenSource } from '../open-source.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage-error.ts'

/** Which time a run asks for: one window for all cameras, or, to sync without --start, one for each. */
export async function askedFor(
  { flags, clock, action, interruption }: Session,
  open: OpenSource,
  ledger: Ledger,
): Promise<Pick<PlanOptions, 'window' | 'windowFor'>> {
  const window = await open.window()
  if (action !== 'sync' || flags.given('start')) return window ? { window } : {}
  const end = window?.end ?? clock.now()
  const windowFor = async (camera: Camera) => {
    const { id } = await open.source.identify({ signal: interruption.abort })
    const start = await firstMoment(ledger, id, camera.id)
    if (start === undefined) return window
    if (start < end) return { start, end }
    throw new UsageError(
      `--end "${flags.text('end')}" is before ${new Date(start).toISOString()}, where the archive of ` +
        `${camera.name || camera.id} begins. Add --start to fetch what is older.`,
    )
  }
  return { windowFor }
}

/** From when on the archive knows of a camera: footage it has, or could not get, or could not list. */
async function firstMoment(ledger: Ledger, sourceId: string, cameraId: string): Promise<number | undefined> {
  let first: number | undefined
  for await (const { kind, window } of ledger.rows({ sourceId, cameraId })) {
    // What the source no longer had may reach back for ever.
    if (kind === 'gap' || !window) continue
    first = Math.min(first ?? window.start, window.start)
  }
  return first
}
